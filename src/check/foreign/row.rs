//! What is kept of a row: where it belongs, and where its numbers are.

/// A row of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) step: u32,
    /// The layer's id.
    pub(super) layer: u32,
    /// The line on which it begins, from 1. A trace has at most 2^28 bytes.
    pub(super) line: u32,
    /// Where its numbers begin.
    pub(super) at: u32,
    pub(super) is_head: bool,
    /// Whether it has the loss of its step.
    pub(super) has_loss: bool,
    /// Whether it has `delta_rms`, in a file that has that column.
    pub(super) has_delta: bool,
}
