//! The screen that is drawn on.

/// Whether text may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Colours by escape sequences.
    Ansi,
    /// No colours.
    None,
}

/// The screen that is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Whether it has colours.
    pub colours: Colours,
    /// Its width in characters. No line is longer, except on screens of fewer than 32.
    pub width: usize,
}

impl Screen {
    /// The width that is drawn for: below 32 characters nothing would fit.
    pub(super) fn room(self) -> usize {
        self.width.max(32)
    }
}
