//! What theory predicts, beside what was measured.

mod command;
mod cures_in_training;
pub(crate) mod mean_field;
mod norms;
mod plain;
mod predicted_columns;
mod prediction;
mod profiles;
mod residual;
pub(crate) mod spread;
mod through_time;
