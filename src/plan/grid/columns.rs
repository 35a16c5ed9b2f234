//! The names of axis columns: the last part of the key, unless another column has that name.

use crate::spec::KEYS;

/// A swept key with the name of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisColumn {
    /// Index in [`KEYS`].
    pub key: usize,
    /// The name of the column in every table.
    pub name: String,
}

impl AxisColumn {
    /// Whether the key is that of the run's seed.
    pub(in crate::plan) fn is_seed(&self) -> bool {
        KEYS[self.key].name == "seed"
    }
}

/// Every column that a table has beside the axes': no axis may take one of these names, in any table, so that a column
/// is called the same in all of them.
pub const MEASURED: &[&str] = &[
    // runs.csv
    "run",
    "run_id",
    "status",
    "verdict",
    "learned",
    "loss_first",
    "loss_last",
    "accuracy_last",
    "test_loss",
    "test_accuracy",
    "init_decades_per_layer",
    "last_decades_per_layer",
    "init_gradient_decades",
    "last_gradient_decades",
    "init_decades_per_step",
    "last_decades_per_step",
    "init_time_decades",
    "last_time_decades",
    "first_moved",
    "first_over_last_moved",
    "diverged_at",
    "parameters",
    "predicted_decades_per_layer",
    "predicted_decades_per_step",
    "predicted_gradient_decades",
    "predicted_time_decades",
    "theory_z",
    "cause",
    // layers.csv
    "layer",
    "site",
    "block",
    "role",
    "log10_delta_rms_init",
    "log10_delta_rms_mean",
    "log10_delta_rms_last",
    "log10_grad_norm_init",
    "log10_grad_norm_mean",
    "log10_grad_norm_last",
    "log10_relative_update_mean",
    "moved",
    "predicted_log10_delta",
    "deviation_decades",
    // steps.csv, trace.csv
    "step",
    "loss",
    "accuracy",
    "total_grad_norm",
    "clip_factor",
    "grad_norm",
    "delta_rms",
    "log10_grad_norm",
    "log10_delta_rms",
    "weight_norm",
    "update_norm",
    "relative_update",
    "act_mean",
    "act_std",
    "zero_fraction",
    "saturated_fraction",
    "weight_gain",
    "activation_gain",
    "norm_gain",
    "branch_share",
    // time.csv, gates.csv
    "t",
    "lag",
    "dh_rms",
    "dc_rms",
    "state_rms",
    "log10_state_rms",
    "h_rms",
    "gate",
    "mean",
    // summary.csv, effects.csv
    "n",
    "n_not_finite",
    "axis",
    "from",
    "to",
    "n_seeds",
];

/// The columns of `keys`, which are different, in their order.
pub(in crate::plan) fn columns(keys: &[usize]) -> Vec<AxisColumn> {
    let name = |key: usize| {
        let short = KEYS[key].short_name();
        let clashes = |other: &usize| *other != key && KEYS[*other].short_name() == short;
        if MEASURED.contains(&short) || keys.iter().any(clashes) {
            KEYS[key].name.replace('.', "_")
        } else {
            short.to_string()
        }
    };
    keys.iter().map(|&key| AxisColumn { key, name: name(key) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::key_index;

    #[test]
    fn a_column_is_the_last_part_of_its_key_unless_another_has_that_name() {
        let names = |keys: &[&str]| {
            let keys: Vec<usize> = keys.iter().map(|name| key_index(name).expect(name)).collect();
            columns(&keys).into_iter().map(|c| c.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&["model.depth", "train.learning_rate", "data.seed"]), ["depth", "learning_rate", "seed"]);
        assert_eq!(names(&["seed", "data.seed"]), ["seed", "data_seed"]);
    }

    #[test]
    fn all_keys_together_have_names_that_no_other_column_has() {
        let all: Vec<usize> = (0..KEYS.len()).collect();
        let columns = columns(&all);
        let mut names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).chain(MEASURED.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len() + MEASURED.len());
    }
}
