//! A figure's sheet: title, panels in a grid, legend and caption, one below the other.

use super::legend::{Entry, draw_entries};
use super::rect::Rect;
use super::svg::{Anchor, Ink, Svg, document};
use super::words::wrapped;

const EDGE: f64 = 14.0;

/// The least width of a panel's inside: where there is less room, panels stand below each other.
const LEAST_PANEL: f64 = 90.0;

/// What a figure is drawn on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Canvas {
    /// The width in pixels.
    pub(in crate::report) width: f64,
    /// What the height of every panel is multiplied with.
    pub(in crate::report) stretch: f64,
    /// Whether title and caption stand in the picture.
    pub(in crate::report) has_words: bool,
}

impl Default for Canvas {
    fn default() -> Self {
        Self { width: 760.0, stretch: 1.0, has_words: true }
    }
}

/// A grid of panels of one size, and what each needs around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Block {
    /// Panels beside each other.
    pub(in crate::report) columns: usize,
    /// The height of a panel's inside.
    pub(in crate::report) height: f64,
    /// Room to the left of each for ticks and label.
    pub(in crate::report) left: f64,
    /// Room to the right of each.
    pub(in crate::report) right: f64,
    /// Room above each for its title and strips.
    pub(in crate::report) top: f64,
    /// Room below each for strips, ticks and label.
    pub(in crate::report) bottom: f64,
}

/// A figure under construction.
#[derive(Debug)]
pub(in crate::report) struct Sheet {
    /// What is drawn so far.
    pub(in crate::report) svg: Svg,
    /// What stands above it.
    pub(in crate::report) title: String,
    /// What there is to see, in words.
    pub(in crate::report) description: String,
    canvas: Canvas,
    y: f64,
    panels: f64,
}

/// A figure that is drawn.
#[derive(Debug)]
pub(in crate::report) struct Picture {
    /// An `<svg>` element.
    pub(in crate::report) svg: String,
    /// Width and height in pixels.
    pub(in crate::report) size: (f64, f64),
    /// The part of the height that is panels, as high as they are without a stretch.
    pub(in crate::report) panels: f64,
}

impl Sheet {
    /// Begins a figure; `description` says in words what there is to see, with its numbers.
    pub(in crate::report) fn new(canvas: Canvas, title: &str, description: &str) -> Self {
        let (title, description) = (title.to_owned(), description.to_owned());
        let mut sheet = Self { svg: Svg::default(), canvas, title, description, y: EDGE, panels: 0.0 };
        if !canvas.has_words {
            return sheet;
        }
        for line in wrapped(&sheet.title, 15.5, sheet.width()) {
            sheet.y += 17.0;
            let at = (EDGE, sheet.y);
            sheet.svg.element("g", format_args!("font-size=\"15\" font-weight=\"bold\""), |svg| {
                svg.text(at, Anchor::Start, Ink::Full, &line);
            });
        }
        sheet.y += 6.0;
        sheet
    }

    /// The width between the edges.
    pub(in crate::report) fn width(&self) -> f64 {
        self.canvas.width - 2.0 * EDGE
    }

    /// Makes room for panels; the insides of each, row by row.
    pub(in crate::report) fn place(&mut self, panels: usize, block: Block) -> Vec<Rect> {
        let has_room = |columns: &usize| self.width() / *columns as f64 >= block.left + block.right + LEAST_PANEL;
        let columns = (1..=block.columns).rev().find(has_room).unwrap_or(1);
        let (across, height) = (self.width() / columns as f64, block.height * self.canvas.stretch);
        let down = block.top + height + block.bottom;
        let rect = |i: usize| Rect {
            x: EDGE + (i % columns) as f64 * across + block.left,
            y: self.y + (i / columns) as f64 * down + block.top,
            w: across - block.left - block.right,
            h: height,
        };
        let rects = (0..panels).map(rect).collect();
        let rows = panels.div_ceil(columns) as f64;
        self.y += rows * down;
        self.panels += rows * block.height;
        rects
    }

    /// Makes room for something as wide as the sheet.
    pub(in crate::report) fn room(&mut self, height: f64) -> Rect {
        let rect = Rect { x: EDGE, y: self.y, w: self.width(), h: height };
        self.y += height;
        rect
    }

    /// What the lines, colours and marks mean.
    pub(in crate::report) fn legend(&mut self, entries: &[Entry]) {
        if entries.is_empty() {
            return;
        }
        let room = Rect { x: EDGE, y: self.y + 4.0, w: self.width(), h: 0.0 };
        self.y += 4.0 + draw_entries(&mut self.svg, room, entries);
    }

    /// What is shown, of how much, and how to read it.
    pub(in crate::report) fn caption(&mut self, text: &str) {
        if !self.canvas.has_words {
            return;
        }
        self.y += 4.0;
        let lines = wrapped(text, 11.0, self.width());
        let y = self.y;
        self.svg.element("g", format_args!("font-size=\"11\""), |svg| {
            for (i, line) in lines.iter().enumerate() {
                svg.text((EDGE, y + 14.0 * (i + 1) as f64 - 2.0), Anchor::Start, Ink::Muted, line);
            }
        });
        self.y += 14.0 * lines.len() as f64;
    }

    /// The whole figure, whose name tells it from the others of a page.
    pub(in crate::report) fn finish(self, name: &str) -> Picture {
        let size = (self.canvas.width, self.y + EDGE);
        let svg = document(&format!("vgrun-{name}"), size, &self.title, &self.description, &self.svg);
        Picture { svg, size, panels: self.panels }
    }
}
