//! A figure as PDF or PNG: through usvg, svg2pdf and resvg, with one font that is part of the program. What is drawn does
//! not depend on the fonts of the machine, and the same figure makes the same bytes on one target.
//!
//! The font is DejaVu Sans, after which the figures' words are measured; its licence stands beside it. A character that it
//! lacks is an empty box; the SVG has the character itself.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};
use svg2pdf::{ConversionOptions, PageOptions};

use super::figure::Figure;

const FONT: &[u8] = include_bytes!("DejaVuSans.ttf");

/// A pixel of a figure is one of CSS: a 96th of an inch.
const PIXELS_PER_INCH: f32 = 96.0;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(FONT.to_vec());
    Arc::new(fonts)
});

/// A figure that cannot be converted.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a {to} of the figure {figure}: {reason}; write it as SVG")]
pub struct ConvertError {
    to: &'static str,
    figure: &'static str,
    reason: String,
}

impl Figure {
    /// Makes a PDF of one page, in which words are words.
    ///
    /// # Errors
    /// Fails where the converter does not understand the picture.
    pub fn to_pdf(&self) -> Result<Vec<u8>, ConvertError> {
        let page = PageOptions { dpi: PIXELS_PER_INCH };
        let pdf = svg2pdf::to_pdf(&self.tree("PDF")?, ConversionOptions::default(), page);
        Ok(in_order(&pdf.map_err(|e| self.error("PDF", &e.to_string()))?))
    }

    /// Makes a PNG with `scale` pixels for each of the figure's, across and down.
    ///
    /// # Errors
    /// Fails where the converter does not understand the picture, and where there is no memory for so many pixels.
    pub fn to_png(&self, scale: f32) -> Result<Vec<u8>, ConvertError> {
        let tree = self.tree("PNG")?;
        let size = tree.size().to_int_size().scale_by(scale);
        let pixels = size.and_then(|size| Pixmap::new(size.width(), size.height()));
        let mut pixels = pixels.ok_or_else(|| self.error("PNG", "it would have too many pixels"))?;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        pixels.encode_png().map_err(|e| self.error("PNG", &e.to_string()))
    }

    fn tree(&self, to: &'static str) -> Result<Tree, ConvertError> {
        let options = Options { fontdb: Arc::clone(&FONTS), font_family: "DejaVu Sans".into(), ..Options::default() };
        Tree::from_str(&self.svg, &options).map_err(|e| self.error(to, &e.to_string()))
    }

    fn error(&self, to: &'static str, reason: &str) -> ConvertError {
        ConvertError { to, figure: self.name, reason: reason.to_owned() }
    }
}

/// Sorts the entries of every dictionary of resources, which svg2pdf writes in the order of a hash map, line by line. They
/// stay within their object, so that no offset of the file changes.
fn in_order(pdf: &[u8]) -> Vec<u8> {
    // `      /gs24 31 0 R`.
    let is_resource = |line: &&[u8]| {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
        let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
        line.starts_with(b"      /") && matches!(words[..], [_, id, b"0", b"R"] if is_number(id))
    };
    let lines: Vec<&[u8]> = pdf.split(|byte| *byte == b'\n').collect();
    let mut sorted = Vec::with_capacity(lines.len());
    for run in lines.chunk_by(|a, b| is_resource(a) && is_resource(b)) {
        let mut run = run.to_vec();
        run.sort_unstable();
        sorted.extend(run);
    }
    sorted.join(&b'\n')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use crate::report::figure::figures;
    use crate::report::fixtures::{grid, recurrent};

    #[test]
    fn every_figure_is_a_pdf_and_a_png_of_its_size_in_the_same_bytes() {
        for figure in figures(&grid()).into_iter().chain(figures(&recurrent())) {
            let (pdf, png) = (figure.to_pdf().unwrap(), figure.to_png(2.0).unwrap());
            assert!(pdf.starts_with(b"%PDF-") && png.starts_with(b"\x89PNG"), "{}", figure.name);
            assert!(pdf == figure.to_pdf().unwrap() && png == figure.to_png(2.0).unwrap(), "{}", figure.name);
            let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
            let twice = |x: f64| 2.0 * x;
            let (width, height) = figure.size;
            assert!((f64::from(number(16)) - twice(width)).abs() <= 2.0, "{}", figure.name);
            assert!((f64::from(number(20)) - twice(height)).abs() <= 2.0, "{}", figure.name);
        }
    }

    #[test]
    fn a_picture_has_too_many_pixels_at_some_scale_and_the_error_says_so() {
        let figure = &figures(&grid())[0];
        let error = figure.to_png(1e6).unwrap_err().to_string();
        assert!(error.contains("profile") && error.contains("write it as SVG"), "{error}");
    }
}
