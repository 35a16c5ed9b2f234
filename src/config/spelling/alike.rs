//! Characters that look like those of TOML, or like nothing at all: what to write in their place, and how to show them.
//! They come from word processors, web pages and phones. Knows nothing of configs.

/// Double quotation marks that are not `"`.
pub(in crate::config) const DOUBLE_QUOTES: [char; 9] = ['“', '”', '„', '‟', '«', '»', '″', '〝', '＂'];

/// Single quotation marks that are not `'`.
pub(in crate::config) const SINGLE_QUOTES: [char; 8] = ['‘', '’', '‚', '‛', '′', '´', '`', '＇'];

/// Letters of other alphabets that nobody tells from those of a-z, each with its twin.
const TWINS: [(char, char); 24] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('ԁ', 'd'),
    ('һ', 'h'),
    ('ο', 'o'),
    ('α', 'a'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('ɡ', 'g'),
    ('ı', 'i'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('О', 'O'),
    ('С', 'C'),
    ('ⅼ', 'l'),
];

/// Whether a character takes no room, or that of a space, so that nobody sees which one it is.
pub(super) fn is_invisible(c: char) -> bool {
    is_space(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}' | '\u{80}'..='\u{9f}')
}

/// Spaces that are not the one of the space bar.
fn is_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// What to write in place of a character: its plain twin, or nothing; none where it is plain, or looks like itself alone.
pub(in crate::config) fn plain(c: char) -> Option<&'static str> {
    /// The characters of ASCII that have a full-width form, in their order.
    const ASCII: &str =
        "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    let ascii = |at: usize| ASCII.get(at..=at);
    if matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}') {
        return Some("\n");
    }
    if is_space(c) {
        return Some(" ");
    }
    if is_invisible(c) {
        return Some("");
    }
    if DOUBLE_QUOTES.contains(&c) {
        return Some("\"");
    }
    if SINGLE_QUOTES.contains(&c) && c != '`' {
        return Some("'");
    }
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some("-"),
        '\u{ff01}'..='\u{ff5e}' => ascii(c as usize - 0xff01),
        '、' | '٫' | '﹐' => Some(","),
        '。' | '·' | '․' => Some("."),
        '﹦' => Some("="),
        '【' => Some("["),
        '】' => Some("]"),
        '٠'..='٩' => ascii(c as usize - '٠' as usize + 15),
        _ => {
            let (_, twin) = TWINS.iter().find(|(twin, _)| *twin == c)?;
            ascii(*twin as usize - '!' as usize)
        }
    }
}

/// A text in plain characters; none where it is plain already.
pub(in crate::config) fn plain_text(text: &str) -> Option<String> {
    let mut written = String::new();
    let mut changed = false;
    for c in text.chars() {
        match plain(c) {
            Some(twin) => {
                written.push_str(twin);
                changed = true;
            }
            None => written.push(c),
        }
    }
    changed.then_some(written)
}

/// A character by its number, as TOML itself would write it: `\u{200b}`.
pub(in crate::config) fn escape(c: char) -> String {
    c.escape_unicode().to_string()
}

/// A text in which invisible characters are escaped, so that they are seen.
pub(in crate::config) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { shown.push_str(&escape(c)) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_alike_has_its_plain_twin() {
        for (alike, twin) in [
            ("“relu”", "\"relu\""),
            ("‘relu’", "'relu'"),
            ("1e−5", "1e-5"),
            ("1e–5", "1e-5"),
            ("０．５", "0.5"),
            ("＝", "="),
            ("［１，２］", "[1,2]"),
            ("rеlu", "relu"),
            ("re\u{200b}lu\u{feff}", "relu"),
            ("a\u{a0}b", "a b"),
            ("٣", "3"),
        ] {
            assert_eq!(plain_text(alike).as_deref(), Some(twin), "{alike}");
        }
        assert_eq!(plain_text("relu = \"Größe, 深い\" # ~`"), None);
        for (alike, twin) in TWINS {
            assert_eq!(plain(alike), Some(twin.to_string().as_str()), "{alike}");
        }
    }

    #[test]
    fn what_nobody_sees_is_shown_by_its_number() {
        assert_eq!(visible("a\u{200b}b\u{a0}c\u{9b}é\n"), "a\\u{200b}b\\u{a0}c\\u{9b}é\n");
    }
}
