//! Profiles and heat maps in characters, for `vgrun report --terminal`.
//!
//! | section | what it shows | of which nets |
//! |---|---|---|
//! | across the layers | the RMS backpropagated error (delta) of layers 1 to L | two hidden layers or more |
//! | how fast each layer learns | the relative update of layers 1 to L | two hidden layers or more |
//! | through time | the RMS of dLoss/dh of the top layer at time steps 1 to T | recurrent ones, two time steps or more |
//! | gradient norms | log10 of the gradient norm by layer and traced step | two traced steps or more |
//!
//! A section says which quantity it draws, at which steps and of which cells. What it cannot draw, and what a screen has
//! no room for, it says in words.

mod heat;
mod lines;
mod words;

use super::gathered::{CellRow, Gathered};
use super::number::counted;

/// Whether text may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// By escape sequences.
    Ansi,
    /// None.
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
    fn room(self) -> usize {
        self.width.max(32)
    }
}

/// The profiles and the heat maps of the cells that the figures show, and in words what is not drawn.
pub fn terminal(gathered: &Gathered, screen: Screen) -> String {
    if gathered.counts.done() == 0 {
        return words::wrapped("There is nothing to draw yet: no run has a result.", screen);
    }
    let sections = [
        lines::across_layers(gathered, screen),
        lines::speed(gathered, screen),
        lines::through_time(gathered, screen),
        heat::maps(gathered, screen),
    ];
    sections.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The cells that a section does not draw, in a sentence with the reason; empty where it can draw all of them. `why` is
/// the reason that such nets cannot be drawn, none of a net that can.
fn not_drawn(gathered: &Gathered, why: impl Fn(&CellRow) -> Option<&'static str>) -> String {
    const NO_RESULT: &str = "no result yet";
    const NO_ROOM: &str = "no curves kept, for there are too many cells";
    let mut reasons: Vec<(&'static str, usize)> = Vec::new();
    for cell in &gathered.cells {
        let missing = if cell.counts.done() == 0 { NO_RESULT } else { NO_ROOM };
        let Some(reason) = why(cell).or_else(|| cell.detail.is_none().then_some(missing)) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, n)) => *n += 1,
            None => reasons.push((reason, 1)),
        }
    }
    let has = |n: usize| if n == 1 { "has" } else { "have" };
    let words = reasons.iter().map(|&(reason, n)| format!("{} {} {reason}", counted(n, "cell"), has(n)));
    let words: Vec<String> = words.collect();
    if words.is_empty() { String::new() } else { format!("Not drawn: {}.", words.join("; ")) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
