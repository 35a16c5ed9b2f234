//! How a line of text names a run.

use crate::plan::Plan;

/// `run 8 (kind=lstm length=50)`, as `plan --list` shows it.
pub(crate) fn name(plan: &Plan, run: usize) -> String {
    let values = axis_values(plan, run);
    if values.is_empty() { format!("run {run}") } else { format!("run {run} ({values})") }
}

/// `kind=lstm length=50`.
pub(crate) fn axis_values(plan: &Plan, run: usize) -> String {
    let values = plan.columns().iter().zip(plan.axis_values(run));
    values.map(|(column, value)| format!("{}={value}", column.name)).collect::<Vec<_>>().join(" ")
}
