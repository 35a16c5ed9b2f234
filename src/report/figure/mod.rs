//! The figures of a report: each a pure function from gathered rows to SVG text.
//!
//! | figure | what it shows | of which grids |
//! |---|---|---|
//! | profile | the RMS backpropagated error (delta) across the layers, with the theory's | nets of two layers or more |
//! | speed | how fast each layer learns: its relative update | nets of two layers or more |
//! | heatmap | log10 of the gradient norm by layer and step | runs of more than one traced step |
//! | learning | loss and accuracy over the steps | runs of more than one traced step |
//! | matrix | the gradient decades of every cell | more than one cell |
//! | phase | learned or not, over init_gain or bias_std and depth | grids that sweep both |
//! | lags | the error by lag | recurrent nets |
//! | effects | what each axis does to the gradients | more than one cell |

mod effects;
mod heatmap;
mod learning;
mod matrix;
mod phase;
mod picture;
mod profile;

pub use picture::Figure;

use super::gathered::Gathered;

/// The figures that there is something to draw in, in the order in which they are read.
pub fn figures(gathered: &Gathered) -> Vec<Figure> {
    let all = [
        profile::profile(gathered),
        profile::speed(gathered),
        heatmap::heatmap(gathered),
        learning::learning(gathered),
        matrix::matrix(gathered),
        phase::phase(gathered),
        profile::lags(gathered),
        effects::effects(gathered),
    ];
    all.into_iter().flatten().collect()
}

/// The figures of the error on its way back: across the layers, and through time.
pub(super) fn ways_back(gathered: &Gathered) -> Vec<Figure> {
    [profile::profile(gathered), profile::lags(gathered)].into_iter().flatten().collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
