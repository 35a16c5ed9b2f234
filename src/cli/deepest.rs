//! The headline of a sweep: per family of cells the deepest net that learned, for result.json and for the terminal.

use serde_json::{Map, Value, json};

use crate::analysis::deepest_that_learned;
use crate::plan::Plan;
use crate::spec::{KEYS, Shown};
use crate::store::Overview;

use super::matrix::Axis;

/// The axes that tell cells apart: all but the seed.
pub(super) fn cell_axes(plan: &Plan) -> Vec<Axis> {
    let columns = plan.columns().iter().filter(|column| KEYS[column.key].name != "seed");
    columns.map(|column| Axis { key: KEYS[column.key].name, name: column.name.clone() }).collect()
}

/// Where the depth is among the axes.
pub(super) fn depth_axis(axes: &[Axis]) -> Option<usize> {
    axes.iter().position(|axis| axis.key == "model.depth")
}

/// `[{"family": {"activation": "relu"}, "deepest": 20}, ..]` in a sweep over depth; null in another.
pub(super) fn headline(plan: &Plan, overview: &Overview) -> Value {
    let mut axes = cell_axes(plan);
    let (Some(depth), Some(cells)) = (depth_axis(&axes), &overview.cells) else { return Value::Null };
    let families = deepest_that_learned(cells, depth);
    axes.remove(depth);
    let family = |values: &[Shown]| -> Map<String, Value> {
        axes.iter().zip(values).map(|(axis, value)| (axis.name.clone(), shown(value))).collect()
    };
    families.iter().map(|f| json!({ "family": family(&f.values), "deepest": f.deepest })).collect()
}

fn shown(value: &Shown) -> Value {
    match value {
        Shown::Bool(b) => json!(b),
        Shown::Int(n) => json!(n),
        Shown::Float(x) => json!(x),
        Shown::Text(text) => json!(text),
    }
}
