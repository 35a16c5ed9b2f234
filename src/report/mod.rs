//! The report: stored runs -> [`Gathered`], a row for each grid cell over its seeds -> figures as SVG text -> one
//! page as HTML.
//!
//! Records come one by one from whoever can read them; what is kept of them is bounded. Opens no file, trains nothing and
//! prints nothing; of the same rows it makes the same bytes.

mod band;
mod beside;
mod choose;
mod collect;
mod convert;
mod detail;
mod draw;
mod figure;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod fixtures;
mod gather;
mod gathered;
mod number;
mod page;
mod plane;
mod terminal;
mod verdict_colour;

pub use band::{Band, Mark, Marks};
pub use beside::{beside, difference_figures};
pub use convert::ConvertError;
pub use detail::{Curves, Detail, Heat, Lags, LayerSpeeds, ProfileCurves, Thinned};
pub use draw::FIGURE_BEGINS;
pub use figure::{Figure, FigureData, FigureKind, FigureStyle, KINDS, TooSmall, figures};
pub use gather::gather;
pub use gathered::{AxisEffect, CellRow, Gathered, GridAxis, NetFacts, Outlooks, RunCounts};
pub use page::{CheckedCase, DIFFERENCE_PAGE_BEGINS, PageFacts, PageTable, difference_page, page};
pub use plane::{Border, Plane, PlaneFamily};
pub use terminal::{Colours, Screen, terminal};
