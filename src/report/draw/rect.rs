//! Rectangles of a picture.

/// A rectangle on the sheet; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Rect {
    pub(in crate::report) x: f64,
    pub(in crate::report) y: f64,
    pub(in crate::report) w: f64,
    pub(in crate::report) h: f64,
}

impl Rect {
    pub(in crate::report) fn right(&self) -> f64 {
        self.x + self.w
    }

    pub(in crate::report) fn bottom(&self) -> f64 {
        self.y + self.h
    }
}
