//! A figure's sheet: title, panels in a grid, legend and caption, one below the other.

use super::legend::{Entry, draw_entries};
use super::rect::Rect;
use super::svg::{Anchor, Ink, Svg, document};
use super::words::wrapped;

/// The width of every figure in pixels.
pub(in crate::report) const WIDTH: f64 = 760.0;

const EDGE: f64 = 14.0;

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
    title: String,
    description: String,
    y: f64,
}

impl Sheet {
    /// Begins a figure; `description` says in words what there is to see, with its numbers.
    pub(in crate::report) fn new(title: &str, description: &str) -> Self {
        let mut sheet = Self { svg: Svg::default(), title: title.into(), description: description.into(), y: EDGE };
        for line in wrapped(title, 15.5, WIDTH - 2.0 * EDGE) {
            sheet.y += 17.0;
            let at = (EDGE, sheet.y);
            sheet.svg.element("g", format_args!("font-size=\"15\" font-weight=\"bold\""), |svg| {
                svg.text(at, Anchor::Start, Ink::Full, &line);
            });
        }
        sheet.y += 6.0;
        sheet
    }

    /// Makes room for panels; the insides of each, row by row.
    pub(in crate::report) fn place(&mut self, panels: usize, block: Block) -> Vec<Rect> {
        let across = (WIDTH - 2.0 * EDGE) / block.columns as f64;
        let down = block.top + block.height + block.bottom;
        let rect = |i: usize| Rect {
            x: EDGE + (i % block.columns) as f64 * across + block.left,
            y: self.y + (i / block.columns) as f64 * down + block.top,
            w: across - block.left - block.right,
            h: block.height,
        };
        let rects = (0..panels).map(rect).collect();
        self.y += panels.div_ceil(block.columns) as f64 * down;
        rects
    }

    /// Makes room for something as wide as the sheet.
    pub(in crate::report) fn room(&mut self, height: f64) -> Rect {
        let rect = Rect { x: EDGE, y: self.y, w: WIDTH - 2.0 * EDGE, h: height };
        self.y += height;
        rect
    }

    /// What the lines, colours and marks mean.
    pub(in crate::report) fn legend(&mut self, entries: &[Entry]) {
        if entries.is_empty() {
            return;
        }
        let room = Rect { x: EDGE, y: self.y + 4.0, w: WIDTH - 2.0 * EDGE, h: 0.0 };
        self.y += 4.0 + draw_entries(&mut self.svg, room, entries);
    }

    /// What is shown, of how much, and how to read it.
    pub(in crate::report) fn caption(&mut self, text: &str) {
        self.y += 4.0;
        let lines = wrapped(text, 11.0, WIDTH - 2.0 * EDGE);
        let y = self.y;
        self.svg.element("g", format_args!("font-size=\"11\""), |svg| {
            for (i, line) in lines.iter().enumerate() {
                svg.text((EDGE, y + 14.0 * (i + 1) as f64 - 2.0), Anchor::Start, Ink::Muted, line);
            }
        });
        self.y += 14.0 * lines.len() as f64;
    }

    /// The whole figure, whose name tells it from the others of a page.
    pub(in crate::report) fn finish(self, name: &str) -> String {
        document(name, (WIDTH, self.y + EDGE), &self.title, &self.description, &self.svg)
    }
}
