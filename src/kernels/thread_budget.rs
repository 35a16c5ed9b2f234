//! Who may help with a large product.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The threads of a rayon pool that have nothing to do: a large product is split over them and the caller. How many
/// there are changes no bit.
#[derive(Debug, Clone, Default)]
pub struct ThreadBudget {
    idle: Option<Arc<AtomicUsize>>,
}

impl ThreadBudget {
    /// Nobody helps.
    pub fn alone() -> Self {
        Self { idle: None }
    }

    /// Lets as many threads help as `idle` says at the time. They must be threads of the pool on which the caller runs,
    /// and have ended all other work of that pool: a thread that waits for a helper may take up whatever work is left.
    pub fn with(idle: Arc<AtomicUsize>) -> Self {
        Self { idle: Some(idle) }
    }

    /// How many threads may work now, the caller included.
    pub fn size(&self) -> usize {
        1 + self.idle.as_ref().map_or(0, |idle| idle.load(Ordering::Relaxed))
    }
}
