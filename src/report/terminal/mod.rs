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
mod screen;
mod words;

pub use screen::{Colours, Screen};

use super::gathered::Gathered;

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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
