//! A product of axes over a base run: its points by number, in mixed radix, the first axis varying slowest.

use toml::Value;

use crate::config::{Axis, Column, Place, Range, Values};
use crate::spec::{Draft, RunSpec};

/// Floats of a range up to this many are rounded once instead of for each point: half a megabyte.
const MOST_FLOATS: u64 = 1 << 16;

/// A product of axes over a base run.
#[derive(Debug)]
pub(in crate::plan) struct Grid {
    base: Draft,
    axes: Vec<Digit>,
    len: u64,
    /// The number of its first point over all grids of an experiment.
    first: u64,
}

/// One axis: a digit of a point's number.
#[derive(Debug)]
struct Digit {
    axis: Axis,
    /// How many points lie between two values of this axis.
    stride: u64,
    columns: Vec<Prepared>,
}

/// A key's values, ready to be taken.
#[derive(Debug)]
enum Prepared {
    /// Each value in a spec of its own, so that no point reads TOML again.
    Specs(Vec<RunSpec>),
    /// The values of a range of floats.
    Floats(Vec<f64>),
    Range(Range),
}

impl Grid {
    /// The product of `axes` over `base`; the caller knows that it is no larger than a plan may be.
    pub(in crate::plan) fn new(base: &Draft, axes: &[Axis]) -> Self {
        let mut len = 1;
        let mut digits: Vec<Digit> = Vec::new();
        for axis in axes.iter().rev() {
            digits.push(Digit { axis: axis.clone(), stride: len, columns: axis.columns.iter().map(prepare).collect() });
            len *= axis.len();
        }
        digits.reverse();
        Self { base: base.clone(), axes: digits, len, first: 0 }
    }

    /// A grid without any point.
    pub(in crate::plan) fn empty() -> Self {
        Self { base: Draft::default(), axes: Vec::new(), len: 0, first: 0 }
    }

    /// Grids whose points are numbered through.
    pub(in crate::plan) fn in_a_row(grids: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut first = 0;
        grids
            .map(|grid| {
                let here = first;
                first += grid.len;
                Self { first: here, ..grid }
            })
            .collect()
    }

    /// Point number `number` over all of `grids`, which are in a row: of tens of thousands of them, a walk from one to the
    /// next for each point would take minutes.
    ///
    /// # Panics
    /// If no grid has the point.
    pub(in crate::plan) fn draft_of(grids: &[Self], number: u64) -> Draft {
        let after = grids.partition_point(|grid| grid.first <= number);
        let grid = &grids[after - 1];
        assert!(number - grid.first < grid.len, "a point's number is below the number of points");
        grid.draft(number - grid.first)
    }

    /// The number of points.
    pub(in crate::plan) fn len(&self) -> u64 {
        self.len
    }

    /// Point number `i`, with the keys that were named for it.
    pub(in crate::plan) fn draft(&self, i: u64) -> Draft {
        let mut draft = self.base.clone();
        for digit in &self.axes {
            let value = digit.of(i);
            for (column, prepared) in digit.axis.columns.iter().zip(&digit.columns) {
                match prepared {
                    Prepared::Specs(specs) => {
                        draft.take(column.key, &specs[usize::try_from(value).expect("a list fits the memory")]);
                    }
                    Prepared::Floats(floats) => {
                        let float = floats[usize::try_from(value).expect("a list fits the memory")];
                        set(&mut draft, column.key, &Value::Float(float));
                    }
                    Prepared::Range(range) => set(&mut draft, column.key, &range.get(value)),
                }
            }
        }
        draft
    }

    /// The axis and the column in it that move the key.
    pub(in crate::plan) fn sweeps(&self, key: usize) -> Option<(usize, usize)> {
        self.axes
            .iter()
            .enumerate()
            .find_map(|(a, digit)| digit.axis.columns.iter().position(|c| c.key == key).map(|c| (a, c)))
    }

    /// Which value of the axis that moves the key point number `i` has.
    pub(in crate::plan) fn value_number(&self, key: usize, i: u64) -> Option<u64> {
        self.sweeps(key).map(|(axis, _)| self.axes[axis].of(i))
    }

    /// The values of a key that an axis moves.
    pub(in crate::plan) fn values(&self, key: usize) -> Option<&Values> {
        self.sweeps(key).map(|(axis, column)| &self.axes[axis].axis.columns[column].values)
    }

    /// The keys that axes move, in their order, with the places where they were said.
    pub(in crate::plan) fn swept(&self) -> impl Iterator<Item = (usize, &Place)> {
        self.axes.iter().flat_map(|digit| digit.axis.columns.iter().map(|column| (column.key, &column.place)))
    }
}

impl Digit {
    fn of(&self, point: u64) -> u64 {
        point / self.stride % self.axis.len()
    }
}

fn prepare(column: &Column) -> Prepared {
    match &column.values {
        Values::Range(range, _) if range.len() <= MOST_FLOATS => {
            let floats: Option<Vec<f64>> = (0..range.len()).map(|i| float(&range.get(i))).collect();
            floats.map_or_else(|| Prepared::Range(range.clone()), Prepared::Floats)
        }
        Values::Range(range, _) => Prepared::Range(range.clone()),
        Values::Listed(items) => Prepared::Specs(
            items
                .iter()
                .map(|item| {
                    let mut draft = Draft::default();
                    set(&mut draft, column.key, &item.value);
                    draft.into_said()
                })
                .collect(),
        ),
    }
}

/// The number, unless it is whole.
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(x) => Some(*x),
        _ => None,
    }
}

fn set(draft: &mut Draft, key: usize, value: &Value) {
    let accepted = draft.set(key, value);
    assert!(accepted, "config tried every value");
}
