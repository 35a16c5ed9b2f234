//! The figures of a report: each a pure function from gathered rows to SVG text, and the table that it is drawn from.
//! [`KINDS`] lists them.

mod data;
mod effects;
mod heatmap;
mod learning;
mod matrix;
mod phase;
mod picture;
mod profile;

pub use data::FigureData;
pub use picture::Figure;

use super::draw::Canvas;
use super::gathered::Gathered;

/// A kind of figure.
#[derive(Debug)]
pub struct FigureKind {
    /// The name of its file, without the ending.
    pub name: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// The results that it can be drawn of.
    pub of: &'static str,
    draw: fn(&Gathered, Canvas) -> Option<Figure>,
}

/// Every kind of figure, in the order in which they are read.
pub const KINDS: [FigureKind; 8] = [
    FigureKind {
        name: "profile",
        shows: "the RMS backpropagated error (delta) across the layers, with the theory's",
        of: "nets of two hidden layers or more",
        draw: profile::profile,
    },
    FigureKind {
        name: "speed",
        shows: "how fast each layer learns: its relative update",
        of: "nets of two hidden layers or more",
        draw: profile::speed,
    },
    FigureKind {
        name: "heatmap",
        shows: "the gradient norm by layer and step",
        of: "runs of more than one traced step",
        draw: heatmap::heatmap,
    },
    FigureKind {
        name: "learning",
        shows: "loss and accuracy over the steps",
        of: "runs of more than one traced step",
        draw: learning::learning,
    },
    FigureKind {
        name: "matrix",
        shows: "the decades of the gradient, and the verdict, of every cell",
        of: "more than one cell",
        draw: matrix::matrix,
    },
    FigureKind {
        name: "phase",
        shows: "the share of nets that learned over two numbers, such as init_gain and depth, with the border of theory",
        of: "grids that sweep two numbers",
        draw: phase::phase,
    },
    FigureKind {
        name: "lags",
        shows: "the error back through time, by lag",
        of: "recurrent nets",
        draw: profile::lags,
    },
    FigureKind {
        name: "effects",
        shows: "what each axis does to the gradients and to learning, with its interval",
        of: "more than one cell",
        draw: effects::effects,
    },
];

/// How a figure is to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FigureStyle {
    /// Width and height in pixels; without them the width of a page, and the height that the panels need.
    pub size: Option<(f64, f64)>,
    /// Whether title and caption stand in the picture.
    pub has_words: bool,
}

/// A size in which a figure cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("at a width of {width} pixels this figure needs a height of at least {least}")]
pub struct TooSmall {
    /// The width that was asked for.
    pub width: f64,
    /// The least height at that width.
    pub least: f64,
}

/// The figures that there is something to draw in.
pub fn figures(gathered: &Gathered) -> Vec<Figure> {
    KINDS.iter().filter_map(|kind| (kind.draw)(gathered, Canvas::default())).collect()
}

impl FigureKind {
    /// The least share of their height that panels shrink to.
    const LEAST_STRETCH: f64 = 0.4;

    /// Draws the figure; none where there is nothing to draw in it.
    ///
    /// # Errors
    /// Fails where the size leaves the panels too little room.
    pub fn draw(&self, gathered: &Gathered, style: FigureStyle) -> Result<Option<Figure>, TooSmall> {
        let canvas = Canvas { has_words: style.has_words, ..Canvas::default() };
        let Some((width, height)) = style.size else { return Ok((self.draw)(gathered, canvas)) };
        let canvas = Canvas { width, ..canvas };
        let Some(natural) = (self.draw)(gathered, canvas) else { return Ok(None) };
        let stretch = 1.0 + (height - natural.size.1) / natural.panels;
        if stretch < Self::LEAST_STRETCH {
            let least = (natural.size.1 - (1.0 - Self::LEAST_STRETCH) * natural.panels).ceil();
            return Err(TooSmall { width, least });
        }
        Ok((self.draw)(gathered, Canvas { stretch, ..canvas }))
    }
}

/// The figures of the error on its way back: across the layers, and through time.
pub(super) fn ways_back(gathered: &Gathered) -> Vec<Figure> {
    [profile::profile, profile::lags].into_iter().filter_map(|draw| draw(gathered, Canvas::default())).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
