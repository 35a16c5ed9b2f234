//! SVG text: elements, numbers and escaped words.

use std::fmt::{self, Write as _};

const FITS: &str = "a String takes all text";

/// SVG text under construction.
#[derive(Debug, Default)]
pub(in crate::report) struct Svg(String);

impl Svg {
    /// The text so far.
    pub(in crate::report) fn into_text(self) -> String {
        self.0
    }

    /// Appends other text.
    pub(in crate::report) fn append(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// An element without content. Attributes come as they are: of them, words go through [`Escaped`] and coordinates
    /// through [`Px`].
    pub(in crate::report) fn leaf(&mut self, tag: &str, attributes: fmt::Arguments<'_>) {
        writeln!(self.0, "<{tag} {attributes}/>").expect(FITS);
    }

    /// An element around what `inside` draws.
    pub(in crate::report) fn element(
        &mut self,
        tag: &str,
        attributes: fmt::Arguments<'_>,
        inside: impl FnOnce(&mut Self),
    ) {
        writeln!(self.0, "<{tag} {attributes}>").expect(FITS);
        inside(self);
        writeln!(self.0, "</{tag}>").expect(FITS);
    }

    /// An element that holds words alone.
    pub(in crate::report) fn words(&mut self, tag: &str, attributes: fmt::Arguments<'_>, words: &str) {
        writeln!(self.0, "<{tag} {attributes}>{}</{tag}>", Escaped(words)).expect(FITS);
    }

    /// Words in the place of a tooltip of the element around them.
    pub(in crate::report) fn tip(&mut self, words: &str) {
        writeln!(self.0, "<title>{}</title>", Escaped(words)).expect(FITS);
    }

    /// Text that is SVG already.
    pub(in crate::report) fn raw(&mut self, text: &str) {
        self.0 += text;
        self.0.push('\n');
    }

    /// Words at a place, in the colour of a class: `ink` or `muted`.
    pub(in crate::report) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: Ink, words: &str) {
        let (anchor, class) = (anchor.attributes(), class.attributes());
        writeln!(self.0, "<text x=\"{}\" y=\"{}\"{anchor} {class}>{}</text>", Px(x), Px(y), Escaped(words))
            .expect(FITS);
    }

    /// A power of ten at a place.
    pub(in crate::report) fn power(&mut self, (x, y): (f64, f64), anchor: Anchor, exponent: i32) {
        let attributes = format!("x=\"{}\" y=\"{}\"{} {}", Px(x), Px(y), anchor.attributes(), Ink::Muted.attributes());
        let words = match exponent {
            0 => "1".into(),
            1 => "10".into(),
            e => format!("10<tspan dy=\"-4\" font-size=\"9\">{}</tspan>", e.to_string().replace('-', "\u{2212}")),
        };
        writeln!(self.0, "<text {attributes}>{words}</text>").expect(FITS);
    }

    /// A straight line of a class: `axis` or `faint`.
    pub(in crate::report) fn line(&mut self, from: (f64, f64), to: (f64, f64), rule: Rule) {
        let ((x1, y1), (x2, y2)) = ((Px(from.0), Px(from.1)), (Px(to.0), Px(to.1)));
        writeln!(self.0, "<path d=\"M{x1} {y1}L{x2} {y2}\" fill=\"none\" {}/>", rule.attributes()).expect(FITS);
    }
}

/// Where a text stands by its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn attributes(self) -> &'static str {
        match self {
            Self::Start => "",
            Self::Middle => " text-anchor=\"middle\"",
            Self::End => " text-anchor=\"end\"",
        }
    }
}

/// The colour of words. The attribute is that of a light page; the style of the document changes it on a dark one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Ink {
    /// The colour of words that are there to be read.
    Full,
    /// A fainter colour, for words beside those.
    Muted,
}

impl Ink {
    fn attributes(self) -> &'static str {
        match self {
            Self::Full => "class=\"ink\" fill=\"#1b1b1f\"",
            Self::Muted => "class=\"muted\" fill=\"#565b65\"",
        }
    }
}

/// The colour of straight lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Rule {
    Axis,
    Grid,
}

impl Rule {
    fn attributes(self) -> &'static str {
        match self {
            Self::Axis => "class=\"axis\" stroke=\"#565b65\"",
            Self::Grid => "class=\"faint\" stroke=\"#e3e5ea\"",
        }
    }
}

/// The colours of a dark page. The rules reach no further than the figures, so that they may stand inside a page.
const STYLE: &str = "<style>@media (prefers-color-scheme:dark){\
.vgrun-figure .paper{fill:#16181d}\
.vgrun-figure .ink{fill:#e8e8ea}\
.vgrun-figure .muted{fill:#aab0bb}\
.vgrun-figure .pen{stroke:#e8e8ea}\
.vgrun-figure .axis{stroke:#aab0bb}\
.vgrun-figure .faint{stroke:#33363d}\
.vgrun-figure .blank{fill:#2a2d34}\
.vgrun-figure .halo{stroke:#16181d}\
.vgrun-figure .stroke0{stroke:#4d94e6}.vgrun-figure .fill0{fill:#4d94e6}\
.vgrun-figure .stroke5{stroke:#a5d8ff}.vgrun-figure .fill5{fill:#a5d8ff}\
.vgrun-figure .stroke6{stroke:#e8e8ea}.vgrun-figure .fill6{fill:#e8e8ea}\
}</style>";

/// What every figure begins with.
pub const FIGURE_BEGINS: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"vgrun-figure\"";

/// A whole figure: `name` tells it from the others of a page, `title` and `description` are what it is to those who do
/// not see it.
pub(in crate::report) fn document(name: &str, size: (f64, f64), title: &str, description: &str, body: &Svg) -> String {
    let (width, height) = (Px(size.0), Px(size.1));
    let mut svg = Svg::default();
    let attributes = format_args!(
        "xmlns=\"http://www.w3.org/2000/svg\" class=\"vgrun-figure\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"{name}-title {name}-desc\" \
         font-family=\"'DejaVu Sans',Verdana,'Segoe UI',Helvetica,Arial,sans-serif\" font-size=\"12\"",
        name = Escaped(name)
    );
    svg.element("svg", attributes, |svg| {
        svg.words("title", format_args!("id=\"{}-title\"", Escaped(name)), title);
        svg.words("desc", format_args!("id=\"{}-desc\"", Escaped(name)), description);
        svg.raw(STYLE);
        svg.leaf("rect", format_args!("class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\""));
        svg.append(body);
    });
    svg.into_text()
}

/// A coordinate or a length, to a tenth of a pixel.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Px(pub(in crate::report) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.0.is_finite(), "what is no number has no place, and is drawn as a mark");
        let text = format!("{:.1}", self.0);
        let text = text.strip_suffix(".0").unwrap_or(&text);
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// Words that are safe in content and attributes. What XML has no place for becomes the replacement character.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Escaped<'a>(pub(in crate::report) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_leave_their_place() {
        let hostile = "</svg><script>alert('1')</script> & \"x\" \u{0}\u{1b}\u{ffff}\n";
        let escaped = Escaped(hostile).to_string();
        assert_eq!(
            escaped,
            "&lt;/svg&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot; \u{fffd}\u{fffd}\u{fffd} "
        );
    }

    #[test]
    fn coordinates_are_short_and_have_no_minus_zero() {
        let texts = [1.0, 1.25, -0.04, 0.0, 123.456].map(|x| Px(x).to_string());
        assert_eq!(texts, ["1", "1.2", "0", "0", "123.5"]);
    }
}
