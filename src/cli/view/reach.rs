//! The headline of a sweep: per family of cells the deepest net that learned, or the longest sequence, for result.json
//! and for the terminal.

use serde_json::{Map, Value, json};

use crate::analysis::largest_that_learned;
use crate::plan::Plan;
use crate::spec::{KEYS, Shown};
use crate::tables::Overview;

use crate::cli::view::matrix::Axis;

/// What a sweep makes larger and larger, to see how far learning reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The length of sequences, where all nets are recurrent.
    Length,
    /// The depth of nets.
    Depth,
}

impl Reach {
    /// Finds what a plan's sweep is about, with the position of its axis; none where it sweeps neither. Length comes
    /// first: the depth of recurrent nets is that of a stack.
    pub(crate) fn of(plan: &Plan, axes: &[Axis]) -> Option<(Self, usize)> {
        let position = |reach: Self| Some((reach, axes.iter().position(|axis| axis.key == reach.key())?));
        let length = if plan.is_recurrent() { position(Self::Length) } else { None };
        length.or_else(|| position(Self::Depth))
    }

    fn key(self) -> &'static str {
        match self {
            Self::Length => "data.length",
            Self::Depth => "model.depth",
        }
    }

    /// Names the largest that learned, in a word.
    fn name(self) -> &'static str {
        match self {
            Self::Length => "longest",
            Self::Depth => "deepest",
        }
    }

    /// Names the largest that learned, in several words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Length => "longest sequence that was learned",
            Self::Depth => "deepest net that learned",
        }
    }
}

/// Returns the axes that tell cells apart: all but the seed.
pub(crate) fn cell_axes(plan: &Plan) -> Vec<Axis> {
    let columns = plan.columns().iter().filter(|column| KEYS[column.key].name != "seed");
    columns.map(|column| Axis { key: KEYS[column.key].name, name: column.name.clone() }).collect()
}

/// `[{"family": {"activation": "relu"}, "deepest": 20}, ..]` in a sweep over depth, with `"longest"` in one over the
/// length of sequences; null in another.
pub(crate) fn headline(plan: &Plan, overview: &Overview) -> Value {
    let mut axes = cell_axes(plan);
    let (Some((reach, position)), Some(cells)) = (Reach::of(plan, &axes), &overview.cells) else { return Value::Null };
    let families = largest_that_learned(cells, position);
    axes.remove(position);
    let family = |values: &[Shown]| -> Map<String, Value> {
        axes.iter().zip(values).map(|(axis, value)| (axis.name.clone(), shown(value))).collect()
    };
    families
        .iter()
        .map(|f| json!({ "family": family(&f.values), reach.name(): f.largest.map(|n| shown(&Shown::Int(n))) }))
        .collect()
}

/// The largest whole number up to which readers of JSON tell all of them apart, since they hold numbers as doubles:
/// 2^53 - 1 (RFC 8259, section 6).
const MOST_EXACT: u64 = (1 << 53) - 1;

/// Writes a value in JSON. A whole number that a double may not hold, as a seed may be, is text: `"9007199254740993"`.
pub(crate) fn shown(value: &Shown) -> Value {
    match value {
        Shown::Bool(b) => json!(b),
        Shown::Int(n) if *n > MOST_EXACT => json!(n.to_string()),
        Shown::Int(n) => json!(n),
        Shown::Float(x) => json!(x),
        Shown::Text(text) => json!(text),
    }
}

/// Writes the value of an axis in JSON: a list where several keys move together.
pub(crate) fn shown_together<'a>(values: impl Iterator<Item = &'a Shown>) -> Value {
    let mut values: Vec<Value> = values.map(shown).collect();
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::config::Source;
    use crate::plan::plan;

    fn axis(key: &'static str) -> Axis {
        Axis { key, name: key.into() }
    }

    #[test]
    fn a_whole_number_that_a_double_does_not_hold_is_text() {
        let json = |n: u64| shown(&Shown::Int(n));
        assert_eq!([json(0), json(MOST_EXACT)], [json!(0), json!(9_007_199_254_740_991_u64)]);
        // 2^53 is what a reader makes of 2^53 + 1.
        assert_eq!([json(1 << 53), json(u64::MAX)], [json!("9007199254740992"), json!("18446744073709551615")]);
        let together = shown_together([Shown::Int((1 << 53) + 1), Shown::Int(3)].iter());
        assert_eq!(together, json!(["9007199254740993", 3]));
    }

    #[test]
    fn recurrent_sweeps_are_about_length_and_others_about_depth() {
        let axes = ["model.kind", "model.depth", "data.length"].map(axis);
        let reach = |kinds: &str, axes: &[Axis]| {
            let config = format!("name = \"a\"\nrun.data.source = \"noise\"\n[grid]\nmodel.kind = [{kinds}]\n");
            Reach::of(&plan(&Source::new("test.toml", config.as_str()), &[]).unwrap(), axes)
        };
        assert_eq!(reach("\"rnn\", \"lstm\"", &axes), Some((Reach::Length, 2)));
        assert_eq!(reach("\"rnn\", \"lstm\"", &axes[..2]), Some((Reach::Depth, 1)));
        assert_eq!(reach("\"mlp\", \"lstm\"", &axes), Some((Reach::Depth, 1)));
        assert_eq!(reach("\"mlp\"", &axes[..1]), None);
    }
}
