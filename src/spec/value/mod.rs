//! The kinds of value that a key can take: how each is read from TOML, what is expected of it, how it is written.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Value;

use super::shape::{Choice, Interval, Shape, Text};
use super::{BatchSize, Every, KeptWeights, Precision, RunSpec};
use crate::data::{DataSource, Header, Label, Separator, TargetKind, TestFraction};
use crate::nn::{Activation, Init, ModelKind, NormKind, OptimizerKind, ResidualScaling};

/// A key's value as tables, the canonical form and messages show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// `true` or `false`.
    Bool(bool),
    /// A count, a step or a seed.
    Int(u64),
    /// A rate, a gain, a standard deviation.
    Float(f64),
    /// A name, or a list such as `512-256-128`.
    Text(String),
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            // Debug is the shortest text that reads back to the same bits, with an exponent where that is shorter.
            Self::Float(x) => write!(f, "{x:?}"),
            Self::Text(s) => f.write_str(s),
        }
    }
}

/// A kind of value: what a key of the config may hold.
pub(super) trait ValueKind {
    type Value: Clone + PartialEq;

    /// What a correct value is, for messages: "a whole number of at least 1".
    fn expected() -> String;

    /// The names to choose from, if the kind has names: the canonical ones.
    fn names() -> Vec<&'static str> {
        Vec::new()
    }

    /// The values as data, with every name that is accepted.
    fn shape() -> Shape;

    /// Whether the value itself is written as a TOML list.
    const IS_LIST: bool = false;

    fn parse(value: &Value) -> Option<Self::Value>;

    fn show(value: &Self::Value) -> Shown;

    /// Writes the value as an axis column of a table shows it: one kind of [`Shown`] whatever the value. Its text is
    /// none that a reader takes for a number or for nothing: `[512]`, `none`.
    fn cell(value: &Self::Value, _spec: &RunSpec) -> Shown {
        match Self::show(value) {
            Shown::Text(text) if text.is_empty() => Shown::Text("none".into()),
            Shown::Text(text) if text.parse::<f64>().is_ok() => Shown::Text(format!("[{text}]")),
            shown => shown,
        }
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value.clone()).ok()
}

/// A float within bounds; whole numbers are accepted.
fn number(value: &Value, interval: Interval) -> Option<f64> {
    read::<f64>(value).filter(|x| interval.contains(*x)).map(|x| if x == 0.0 { 0.0 } else { x })
}

pub(super) struct Flag;
impl ValueKind for Flag {
    type Value = bool;
    fn expected() -> String {
        "true or false".into()
    }
    fn shape() -> Shape {
        Shape::Flag
    }
    fn parse(value: &Value) -> Option<bool> {
        read(value)
    }
    fn show(value: &bool) -> Shown {
        Shown::Bool(*value)
    }
}

pub(super) struct Seed;
impl ValueKind for Seed {
    type Value = u64;
    fn expected() -> String {
        "a whole number from 0 to 2^63 - 1".into()
    }
    fn shape() -> Shape {
        Shape::Whole { least: 0, most: i64::MAX as u64 }
    }
    fn parse(value: &Value) -> Option<u64> {
        read(value)
    }
    fn show(value: &u64) -> Shown {
        Shown::Int(*value)
    }
}

/// A whole number of at least `MIN`, and at most a bound that keeps every product of sizes far from overflow.
pub(super) struct Count<const MIN: usize>;

/// No count of a config may be larger: 10^9 layers, units or steps are beyond any machine, and a slip of the keyboard.
const LARGEST_COUNT: usize = 1_000_000_000;

impl<const MIN: usize> ValueKind for Count<MIN> {
    type Value = NonZeroUsize;
    fn expected() -> String {
        format!("a whole number from {MIN} to 1e9")
    }
    fn shape() -> Shape {
        Shape::Whole { least: MIN as u64, most: LARGEST_COUNT as u64 }
    }
    fn parse(value: &Value) -> Option<NonZeroUsize> {
        read::<NonZeroUsize>(value).filter(|n| (MIN..=LARGEST_COUNT).contains(&n.get()))
    }
    fn show(value: &NonZeroUsize) -> Shown {
        Shown::Int(value.get() as u64)
    }
}

pub(super) struct Positive;
impl ValueKind for Positive {
    type Value = f64;
    fn expected() -> String {
        "a number above 0".into()
    }
    fn shape() -> Shape {
        Shape::Number(Interval::POSITIVE)
    }
    fn parse(value: &Value) -> Option<f64> {
        number(value, Interval::POSITIVE)
    }
    fn show(value: &f64) -> Shown {
        Shown::Float(*value)
    }
}

pub(super) struct AnyNumber;
impl ValueKind for AnyNumber {
    type Value = f64;
    fn expected() -> String {
        "a number".into()
    }
    fn shape() -> Shape {
        Shape::Number(Interval::ANY)
    }
    fn parse(value: &Value) -> Option<f64> {
        number(value, Interval::ANY)
    }
    fn show(value: &f64) -> Shown {
        Shown::Float(*value)
    }
}

pub(super) struct NonNegative;
impl ValueKind for NonNegative {
    type Value = f64;
    fn expected() -> String {
        "a number of at least 0".into()
    }
    fn shape() -> Shape {
        Shape::Number(Interval::NOT_NEGATIVE)
    }
    fn parse(value: &Value) -> Option<f64> {
        number(value, Interval::NOT_NEGATIVE)
    }
    fn show(value: &f64) -> Shown {
        Shown::Float(*value)
    }
}

/// A decay rate: 0 <= x < 1.
pub(super) struct Decay;
impl ValueKind for Decay {
    type Value = f64;
    fn expected() -> String {
        "a number from 0 to below 1".into()
    }
    fn shape() -> Shape {
        Shape::Number(Interval::DECAY)
    }
    fn parse(value: &Value) -> Option<f64> {
        number(value, Interval::DECAY)
    }
    fn show(value: &f64) -> Shown {
        Shown::Float(*value)
    }
}

/// The share of the examples that is kept for testing.
pub(super) struct TestShare;
impl ValueKind for TestShare {
    type Value = TestFraction;
    fn expected() -> String {
        Decay::expected() + ", such as 0.2"
    }
    fn shape() -> Shape {
        Decay::shape()
    }
    fn parse(value: &Value) -> Option<TestFraction> {
        Decay::parse(value).and_then(TestFraction::new)
    }
    fn show(value: &TestFraction) -> Shown {
        Shown::Float(value.get())
    }
}

pub(super) struct Batch;
impl ValueKind for Batch {
    type Value = BatchSize;
    fn expected() -> String {
        "a whole number of at least 1, or \"full\"".into()
    }
    fn names() -> Vec<&'static str> {
        vec!["full"]
    }
    fn shape() -> Shape {
        Shape::AnyOf(vec![Count::<1>::shape(), Shape::word("full", "all training examples at once")])
    }
    fn parse(value: &Value) -> Option<BatchSize> {
        match value.as_str() {
            Some("full") => Some(BatchSize::Full),
            Some(_) => None,
            None => Count::<1>::parse(value).map(BatchSize::Examples),
        }
    }
    fn show(value: &BatchSize) -> Shown {
        match value {
            BatchSize::Full => Shown::Text("full".into()),
            BatchSize::Examples(n) => Shown::Int(n.get() as u64),
        }
    }
    /// The number of examples that a step takes, also for "full".
    fn cell(value: &BatchSize, spec: &RunSpec) -> Shown {
        Shown::Int(value.of(spec.data.train_examples()) as u64)
    }
}

/// A list as one cell of a table: `512-256-128`.
fn joined<T: fmt::Display>(items: &[T]) -> Shown {
    Shown::Text(items.iter().map(ToString::to_string).collect::<Vec<_>>().join("-"))
}

pub(super) struct TracedSteps;
impl ValueKind for TracedSteps {
    type Value = Every;
    const IS_LIST: bool = true;
    fn expected() -> String {
        "a whole number of at least 1, \"log\", or a list of steps".into()
    }
    fn names() -> Vec<&'static str> {
        vec!["log"]
    }
    fn shape() -> Shape {
        let listed = Shape::List(Box::new(Shape::Whole { least: 0, most: i64::MAX as u64 }));
        Shape::AnyOf(vec![
            Count::<1>::shape(),
            Shape::word("log", "steps 0, 1, 2, 5, 10, 20, 50, .. and the last"),
            listed,
        ])
    }
    fn parse(value: &Value) -> Option<Every> {
        match value {
            Value::String(s) => (s == "log").then_some(Every::Log),
            Value::Array(_) => {
                let mut steps: Vec<usize> = read(value).filter(|steps: &Vec<usize>| !steps.is_empty())?;
                // Step 0 is traced whether it is listed or not; and a list of one would be written like "every n-th".
                steps.push(0);
                steps.sort_unstable();
                steps.dedup();
                Some(Every::Listed(steps.into()))
            }
            _ => Count::<1>::parse(value).map(Every::Steps),
        }
    }
    fn show(value: &Every) -> Shown {
        match value {
            Every::Steps(n) => Shown::Int(n.get() as u64),
            Every::Log => Shown::Text("log".into()),
            Every::Listed(steps) => joined(steps),
        }
    }
    /// `every-10`, `log`, `0-5-20`, `step-0`.
    fn cell(value: &Every, _spec: &RunSpec) -> Shown {
        match value {
            Every::Steps(n) => Shown::Text(format!("every-{n}")),
            Every::Listed(steps) if steps.len() == 1 => Shown::Text(format!("step-{}", steps[0])),
            Every::Log | Every::Listed(_) => Self::show(value),
        }
    }
}

pub(super) struct Widths;
impl ValueKind for Widths {
    type Value = Arc<[NonZeroUsize]>;
    const IS_LIST: bool = true;
    fn expected() -> String {
        "a list of whole numbers of at least 1, such as [512, 256, 128]".into()
    }
    fn shape() -> Shape {
        Shape::List(Box::new(Count::<1>::shape()))
    }
    fn parse(value: &Value) -> Option<Self::Value> {
        let widths: Option<Vec<_>> = value.as_array()?.iter().map(Count::<1>::parse).collect();
        widths.filter(|w| !w.is_empty()).map(Into::into)
    }
    fn show(value: &Self::Value) -> Shown {
        joined(value)
    }
}

/// An enum of the maths that has names (and aliases, through serde) in the config.
pub(super) struct Name<E>(std::marker::PhantomData<E>);

macro_rules! named {
    ($($kind:ty: $aliases:expr, $doc:expr;)+) => {$(
        impl ValueKind for Name<$kind> {
            type Value = $kind;
            fn expected() -> String {
                let names = Self::names();
                match names.as_slice() {
                    [only] => format!("\"{only}\""),
                    _ => format!("one of {}", names.join(", ")),
                }
            }
            fn names() -> Vec<&'static str> {
                <$kind>::ALL.iter().map(|e| e.name()).collect()
            }
            fn shape() -> Shape {
                let aliases: fn($kind) -> &'static [&'static str] = $aliases;
                let doc: fn($kind) -> String = $doc;
                let choice = |e: &$kind| Choice { name: e.name(), aliases: aliases(*e), doc: doc(*e) };
                Shape::Name(<$kind>::ALL.iter().map(choice).collect())
            }
            fn parse(value: &Value) -> Option<$kind> {
                value.is_str().then(|| read(value)).flatten()
            }
            fn show(value: &$kind) -> Shown {
                Shown::Text(value.name().into())
            }
        }
    )+};
}
named! {
    Activation: |phi| phi.aliases(), |phi| phi.formulas().value.into();
    Init: |init| init.origin().aliases, |init| format!("{}, of variance {}", init.origin().distribution, init.origin().variance);
    KeptWeights: |_| &[], |_| String::new();
    ModelKind: |_| &[], |_| String::new();
    NormKind: |_| &[], |norm| norm.words().unwrap_or_default().into();
    OptimizerKind: |_| &[], |_| String::new();
    Precision: |_| &[], |_| String::new();
    ResidualScaling: |_| &[], |scaling| scaling.formula().into();
    Separator: |separator| separator.aliases(), |_| String::new();
    DataSource: |_| &[], |source| source.about().what.into();
    TargetKind: |_| &[], |_| String::new();
}

/// A text that is a cell of tables as it stands: a spreadsheet takes one that begins with = + - or @ for a formula.
fn cell_text(value: &Value) -> Option<Arc<str>> {
    value.as_str().filter(|text| Text::Cell.accepts(text)).map(Into::into)
}

/// A text whose axis is text to every reader, whatever it says: pandas takes `NA` and `None` for missing values, duckdb
/// `t` and `no` for truth values, pyarrow 2020-01-01 for a date. Where a text has no letters beyond those of such values,
/// quotes are part of its cell.
fn always_text(text: &str) -> Shown {
    const OTHER_TYPES: [&str; 18] = [
        "", "e", "z", "tz", "t", "f", "true", "false", "yes", "no", "na", "nan", "qnan", "ind", "null", "none", "inf",
        "infinity",
    ];
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let may_be_another_type = OTHER_TYPES.contains(&letters.as_str());
    Shown::Text(if may_be_another_type { format!("\"{text}\"") } else { text.into() })
}

/// A file, relative to the config's folder.
pub(super) struct Path;
impl ValueKind for Path {
    type Value = Option<Arc<str>>;
    fn expected() -> String {
        "a path that begins with none of = + - @ (write ./ before it)".into()
    }
    fn shape() -> Shape {
        Shape::Text(Text::Cell)
    }
    fn parse(value: &Value) -> Option<Self::Value> {
        cell_text(value).map(Some)
    }
    fn show(value: &Self::Value) -> Shown {
        Shown::Text(value.as_deref().unwrap_or_default().into())
    }
    fn cell(value: &Self::Value, _spec: &RunSpec) -> Shown {
        // No column of a table has empty cells.
        value.as_deref().map_or_else(|| Shown::Text("none".into()), always_text)
    }
}

/// A column of a table in a file.
pub(super) struct LabelColumn;
impl ValueKind for LabelColumn {
    type Value = Label;
    fn expected() -> String {
        "a column's name that begins with none of = + - @, or its number from 1".into()
    }
    fn shape() -> Shape {
        Shape::AnyOf(vec![Shape::Text(Text::Cell), Count::<1>::shape()])
    }
    fn parse(value: &Value) -> Option<Label> {
        match value.as_str() {
            Some(_) => cell_text(value).map(Label::Name),
            None => Count::<1>::parse(value).map(Label::Number),
        }
    }
    fn show(value: &Label) -> Shown {
        match value {
            Label::Last => Shown::Text("last".into()),
            Label::Name(name) => Shown::Text(name.as_ref().into()),
            Label::Number(number) => Shown::Int(number.get() as u64),
        }
    }
    fn cell(value: &Label, _spec: &RunSpec) -> Shown {
        match value {
            Label::Last => Shown::Text("last".into()),
            Label::Name(name) => always_text(name),
            Label::Number(number) => Shown::Text(format!("column {number}")),
        }
    }
}

pub(super) struct HasHeader;
impl ValueKind for HasHeader {
    type Value = Header;
    fn expected() -> String {
        "true, false or \"auto\"".into()
    }
    fn names() -> Vec<&'static str> {
        vec!["auto"]
    }
    fn shape() -> Shape {
        Shape::AnyOf(vec![Shape::Flag, Shape::word("auto", "as its cells tell")])
    }
    fn parse(value: &Value) -> Option<Header> {
        match value.as_str() {
            Some(text) => (text == "auto").then_some(Header::Auto),
            None => Flag::parse(value).map(|flag| if flag { Header::Present } else { Header::Absent }),
        }
    }
    fn show(value: &Header) -> Shown {
        match value {
            Header::Auto => Shown::Text("auto".into()),
            Header::Present => Shown::Bool(true),
            Header::Absent => Shown::Bool(false),
        }
    }
    fn cell(value: &Header, _spec: &RunSpec) -> Shown {
        let text = match value {
            Header::Auto => "auto",
            Header::Present => "present",
            Header::Absent => "absent",
        };
        Shown::Text(text.into())
    }
}

#[cfg(test)]
mod tests;
