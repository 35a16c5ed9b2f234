//! Which runs an expectation speaks of, and what it asks that they do not have.

mod matched;
mod unanswered;

pub use matched::MatchedCell;
