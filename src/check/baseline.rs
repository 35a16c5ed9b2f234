//! What gradients were when someone last accepted them: a small CSV file beside the config, to be committed.
//!
//! One row is one number of one grid cell, the mean over its seeds: the numerics version, the axes, `layer` (0 for the
//! net as a whole), `metric`, `mean`. So a diff in git names what changed. A mean of numbers of which one is not finite is
//! not finite: nothing is left out, and equal NaN and infinities are equal.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::{quoted, read_text};
use crate::data::{BoundedRecords, MOST_COLUMNS};
use crate::kernels::log10;

/// The largest baseline: some hundred thousand numbers, in a file that is to be committed. To compare them takes a hundred
/// times as much memory.
const MOST_BYTES: u64 = 8 << 20;

/// Columns beside the axes'.
const NUMERICS: &str = "numerics";
const LAYER: &str = "layer";
const METRIC: &str = "metric";
const MEAN: &str = "mean";

/// The numbers of a grid's cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// The version of the numerics that they were measured with.
    pub numerics: u32,
    /// The swept axes, the seed left out, by the names of their columns.
    pub axes: Vec<String>,
    /// The numbers.
    pub values: BTreeMap<Key, f64>,
}

/// Which number: of a cell, a layer and a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The cell's value on each axis.
    pub cell: Vec<AxisValue>,
    /// From 1; 0 for the net as a whole.
    pub layer: usize,
    /// Its name.
    pub metric: String,
}

/// A value on an axis as text, ordered as people would: numbers by size, before words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisValue(pub String);

/// Why a baseline cannot be used.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It cannot be read or written.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// "read" or "write".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It would be larger than any that is read.
    #[error(
        "{}: a baseline of {numbers} numbers would hold more than {} MiB, the most that is read: sweep fewer cells, or \
         layers, in this config",
        path.display(), MOST_BYTES >> 20
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many.
        numbers: usize,
    },
    /// It is another file, which nobody may replace by a baseline.
    #[error(
        "{}, line 1: this is no baseline of vgrun; move it away, or name another file as baseline in [check]",
        .0.display()
    )]
    OtherFile(PathBuf),
    /// It is an empty or a damaged baseline.
    #[error("{}{}: {problem}; vgrun accept writes a new one", path.display(), place(*line))]
    Format {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: Option<u64>,
        /// What is wrong.
        problem: String,
    },
}

fn place(line: Option<u64>) -> String {
    line.map_or(String::new(), |line| format!(", line {line}"))
}

impl AxisValue {
    fn number(&self) -> Option<f64> {
        self.0.parse().ok().filter(|x: &f64| !x.is_nan())
    }
}

impl Ord for AxisValue {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = match (self.number(), other.number()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_size.then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for AxisValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Baseline {
    /// The file's bytes.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let axes = self.axes.iter().map(String::as_str);
        let header = [NUMERICS].into_iter().chain(axes).chain([LAYER, METRIC, MEAN]);
        writer.write_record(header).expect(IN_MEMORY);
        for (Key { cell, layer, metric }, mean) in &self.values {
            let mut row = vec![self.numerics.to_string()];
            row.extend(cell.iter().map(|value| value.0.clone()));
            row.extend([layer.to_string(), metric.clone(), shortest(*mean)]);
            writer.write_record(row).expect(IN_MEMORY);
        }
        let bytes = writer.into_inner().unwrap_or_else(|_| unreachable!("{IN_MEMORY}"));
        String::from_utf8(bytes).expect("text is UTF-8")
    }

    /// The same, for a file at `path`, unless that would be larger than what is read.
    pub fn to_file(&self, path: &Path) -> Result<String, BaselineError> {
        let text = self.to_csv();
        if text.len() as u64 > MOST_BYTES {
            return Err(BaselineError::TooLarge { path: path.into(), numbers: self.values.len() });
        }
        Ok(text)
    }

    /// The same numbers with the axes in this order; none where these are other axes.
    pub fn with_axes(&self, axes: &[String]) -> Option<Self> {
        if axes.len() != self.axes.len() {
            return None;
        }
        let at = |axis: &String| self.axes.iter().position(|own| own == axis);
        let places: Vec<usize> = axes.iter().map(at).collect::<Option<_>>()?;
        let key = |key: &Key| Key { cell: places.iter().map(|&i| key.cell[i].clone()).collect(), ..key.clone() };
        let values = self.values.iter().map(|(old, value)| (key(old), *value)).collect();
        Some(Self { numerics: self.numerics, axes: axes.to_vec(), values })
    }

    /// The numbers that are asked for.
    #[must_use]
    pub fn only(&self, is_wanted: impl Fn(&Key) -> bool) -> Self {
        let values = self.values.iter().filter(|(key, _)| is_wanted(key)).map(|(key, value)| (key.clone(), *value));
        Self { values: values.collect(), axes: self.axes.clone(), numerics: self.numerics }
    }

    /// Reads the file at `path`; none where there is none. A link to nowhere is an error: somebody meant it to be there.
    pub fn find(path: &Path) -> Result<Option<Self>, BaselineError> {
        match fs::symlink_metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Ok(_) | Err(_) => Self::read(path).map(Some),
        }
    }

    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let text = read_text(path, MOST_BYTES).map_err(|source| BaselineError::Io {
            what: "read",
            path: path.into(),
            source,
        })?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, BaselineError> {
        let wrong = |line: Option<u64>, problem: String| BaselineError::Format { path: path.into(), line, problem };
        let mut reader = csv::Reader::from_reader(BoundedRecords::new(text.as_bytes()));
        if !text.trim().is_empty() && !text.starts_with(NUMERICS) {
            return Err(BaselineError::OtherFile(path.into()));
        }
        let header = reader.headers().map_err(|error| wrong(Some(1), error.to_string()))?.clone();
        if header.len() > MOST_COLUMNS {
            return Err(wrong(Some(1), format!("it has {} columns, more than {MOST_COLUMNS}", header.len())));
        }
        let names: Vec<&str> = header.iter().collect();
        let [first, axes @ .., layer, metric, mean] = &names[..] else {
            return Err(wrong(Some(1), "this is no baseline of vgrun".into()));
        };
        let is_harmless = axes.iter().all(|axis| !axis.contains(char::is_control));
        if [*first, *layer, *metric, *mean] != [NUMERICS, LAYER, METRIC, MEAN] || !is_harmless {
            return Err(wrong(Some(1), "this is no baseline of vgrun".into()));
        }
        let (mut numerics, mut values) = (None, BTreeMap::new());
        let mut row = csv::StringRecord::new();
        loop {
            let begin = reader.position().line();
            let is_row = BoundedRecords::next(&mut reader, &mut row);
            if !is_row
                .map_err(|error| wrong(Some(error.position().map_or(begin, csv::Position::line)), error.to_string()))?
            {
                break;
            }
            let line = row.position().map(csv::Position::line);
            let cell = |i: usize| row.get(i).unwrap_or_default();
            let end = axes.len();
            let version: u32 =
                cell(0).parse().map_err(|_| wrong(line, format!("{} is no numerics version", quoted(cell(0)))))?;
            if *numerics.get_or_insert(version) != version {
                return Err(wrong(line, "rows of several numerics versions".into()));
            }
            // What vgrun writes has none; they would be printed beside the numbers.
            if let Some(bad) = row.iter().find(|cell| cell.contains(char::is_control)) {
                return Err(wrong(line, format!("{} holds a control character", quoted(bad))));
            }
            let key = Key {
                cell: (1..=end).map(|i| AxisValue(cell(i).into())).collect(),
                layer: cell(end + 1)
                    .parse()
                    .map_err(|_| wrong(line, format!("{} is no layer", quoted(cell(end + 1)))))?,
                metric: cell(end + 2).into(),
            };
            let value =
                cell(end + 3).parse().map_err(|_| wrong(line, format!("{} is no number", quoted(cell(end + 3)))))?;
            if values.insert(key, value).is_some() {
                return Err(wrong(line, "the same number twice".into()));
            }
        }
        let numerics = numerics.ok_or_else(|| wrong(None, "there is no row".into()))?;
        Ok(Self { numerics, axes: axes.iter().map(|name| (*name).into()).collect(), values })
    }
}

const IN_MEMORY: &str = "memory takes all rows, and each has the header's columns";

/// The shortest text that reads back to the same bits.
fn shortest(x: f64) -> String {
    if x.is_nan() { "NaN".into() } else { format!("{x:?}") }
}

/// How two sets of numbers differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Numbers that differ by more than they may, worst first.
    pub offenders: Vec<Offender>,
    /// Numbers that only the older one has.
    pub missing: Vec<Key>,
    /// Numbers that only the newer one has.
    pub extra: Vec<Key>,
    /// Numbers that both have.
    pub compared: usize,
}

/// A number that is not what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Offender {
    /// Which.
    pub key: Key,
    /// What it was.
    pub old: f64,
    /// What it is.
    pub new: f64,
    /// The difference in decades: of what is a logarithm the difference itself, of a loss or an accuracy log10 of the ratio.
    /// Infinite where only one of them is finite, or a ratio has no logarithm.
    pub decades: f64,
    /// By how much it may differ.
    pub allowed: Allowed,
}

/// By how much a number may differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    /// In decades; 0 for not at all.
    Decades(f64),
    /// In the number's own unit.
    Units(f64),
}

impl Allowed {
    fn allows(self, decades: f64, old: f64, new: f64) -> bool {
        match self {
            _ if decades == 0.0 => true,
            Self::Decades(most) => decades.abs() <= most,
            Self::Units(most) => (new - old).abs() <= most,
        }
    }
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.offenders.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }

    /// Of `new` against `old`; `allowed` says by how much a metric may differ.
    pub fn of(old: &Baseline, new: &Baseline, allowed: impl Fn(&str) -> Allowed) -> Self {
        let mut comparison = Self::default();
        for (key, &was) in &old.values {
            let Some(&is) = new.values.get(key) else {
                comparison.missing.push(key.clone());
                continue;
            };
            comparison.compared += 1;
            let (decades, allowed) = (difference(&key.metric, was, is), allowed(&key.metric));
            if !allowed.allows(decades, was, is) {
                comparison.offenders.push(Offender { key: key.clone(), old: was, new: is, decades, allowed });
            }
        }
        comparison.extra = new.values.keys().filter(|key| !old.values.contains_key(key)).cloned().collect();
        // The keys' order stays where the differences are alike.
        comparison.offenders.sort_by(|a, b| b.decades.abs().total_cmp(&a.decades.abs()));
        comparison
    }
}

/// In decades; 0 for numbers that are equal, NaN and infinities included.
fn difference(metric: &str, old: f64, new: f64) -> f64 {
    if old == new || (old.is_nan() && new.is_nan()) {
        return 0.0;
    }
    let is_logarithm = metric.starts_with("log10_") || metric.contains("decades");
    let decades = if is_logarithm { new - old } else { log10(new / old) };
    match decades {
        // A difference that cannot be told is larger than any that may be.
        d if d.is_nan() => f64::INFINITY,
        // A ratio may be rounded to 1, and the numbers differ.
        0.0 => f64::MIN_POSITIVE,
        d => d,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    const EXACT: fn(&str) -> Allowed = |_| Allowed::Decades(0.0);

    fn key(cell: &[&str], layer: usize, metric: &str) -> Key {
        Key { cell: cell.iter().map(|v| AxisValue((*v).into())).collect(), layer, metric: metric.into() }
    }

    fn baseline(values: &[(&str, usize, &str, f64)]) -> Baseline {
        let values = values.iter().map(|(depth, layer, metric, value)| (key(&[depth, "relu"], *layer, metric), *value));
        Baseline { numerics: 2, axes: vec!["depth".into(), "activation".into()], values: values.collect() }
    }

    #[test]
    fn a_baseline_is_read_back_bit_for_bit_and_in_an_order_people_expect() {
        let written = baseline(&[
            ("10", 0, "loss_last", 0.1),
            ("5", 1, "log10_delta_rms_init", -1e-300),
            ("5", 2, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("5", 2, "log10_delta_rms_last", f64::NAN),
        ]);
        let text = written.to_csv();
        assert_eq!(
            text,
            "numerics,depth,activation,layer,metric,mean\n2,5,relu,1,log10_delta_rms_init,-1e-300\n\
             2,5,relu,2,log10_delta_rms_init,-inf\n2,5,relu,2,log10_delta_rms_last,NaN\n2,10,relu,0,loss_last,0.1\n"
        );
        let read = Baseline::parse(&text, Path::new("ci.baseline.csv")).unwrap();
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
    }

    #[test]
    fn axes_in_another_order_are_the_same_axes() {
        let old = baseline(&[("5", 1, "loss_last", 1.0)]);
        let axes = ["activation".to_owned(), "depth".to_owned()];
        let turned = old.with_axes(&axes).unwrap();
        assert_eq!(turned.values.keys().next(), Some(&key(&["relu", "5"], 1, "loss_last")));
        assert_eq!(turned.with_axes(&old.axes), Some(old.clone()));
        assert_eq!(old.with_axes(&["depth".to_owned(), "init".to_owned()]), None);
        assert_eq!(old.with_axes(&axes[..1]), None);
    }

    #[test]
    fn what_is_no_baseline_is_named_with_its_line() {
        for (text, problem) in [
            ("", "x.csv, line 1: this is no baseline of vgrun; vgrun accept writes a new one"),
            ("run,depth\n1,2\n", "x.csv, line 1: this is no baseline"),
            ("numerics,layer,metric,mean\n", "x.csv: there is no row"),
            ("numerics,layer,metric,mean\n2,0,loss_last,0.1\n3,1,loss_last,0.1\n", "x.csv, line 3: rows of several"),
            ("numerics,layer,metric,mean\n2,0,loss_last,abc\n", "x.csv, line 2: \"abc\" is no number"),
            ("numerics,layer,metric,mean\n2,0,loss_last\n", "x.csv, line 2: "),
            ("numerics,layer,metric,mean\n2,0,a,1\n2,0,a,1\n", "x.csv, line 3: the same number twice"),
            (
                "numerics,layer,metric,mean\n2,0,\"a\n\u{1b}[2J\",1\n",
                r#"x.csv, line 2: "a\n\u{1b}[2J" holds a control character"#,
            ),
            ("numerics,\u{9b}2J,layer,metric,mean\n2,5,0,a,1\n", "x.csv, line 1: this is no baseline"),
        ] {
            let error = Baseline::parse(text, Path::new("x.csv")).unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
        let error = Baseline::read(Path::new("/nowhere/x.csv")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /nowhere/x.csv: "), "{error}");
    }

    #[test]
    fn numbers_that_differ_are_told_worst_first_and_equal_ones_are_not() {
        let old = baseline(&[
            ("5", 0, "loss_last", 1.0),
            ("5", 0, "accuracy_last", f64::NAN),
            ("5", 1, "log10_delta_rms_init", -3.0),
            ("5", 2, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("5", 3, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("10", 0, "loss_last", 1.0),
        ]);
        let new = baseline(&[
            ("5", 0, "loss_last", 2.0),
            ("5", 0, "accuracy_last", f64::NAN),
            ("5", 1, "log10_delta_rms_init", -2.0),
            ("5", 2, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("5", 3, "log10_delta_rms_init", f64::NAN),
            ("20", 0, "loss_last", 1.0),
        ]);
        let comparison = Comparison::of(&old, &new, EXACT);
        let said: Vec<(usize, f64)> = comparison.offenders.iter().map(|o| (o.key.layer, o.decades)).collect();
        assert_eq!(said, [(3, f64::INFINITY), (1, 1.0), (0, log10(2.0))]);
        assert_eq!(comparison.missing, [key(&["10", "relu"], 0, "loss_last")]);
        assert_eq!(comparison.extra, [key(&["20", "relu"], 0, "loss_last")]);
        assert_eq!((comparison.compared, comparison.is_clean()), (5, false));
        assert!(Comparison::of(&old, &old, EXACT).is_clean());
        let tolerant = |loss| {
            let allowed = move |metric: &str| if metric == "loss_last" { loss } else { Allowed::Decades(0.999) };
            Comparison::of(&old, &new, allowed).offenders.len()
        };
        let [decades, too_few] = [0.31, 0.3].map(Allowed::Decades).map(tolerant);
        assert_eq!((decades, too_few), (2, 3));
        assert_eq!([1.0, 0.9].map(Allowed::Units).map(tolerant), [2, 3]);
    }

    #[test]
    fn the_smallest_change_is_one() {
        for was in [0.1, 0.3, 1.0, 1.999, 5e-324] {
            let of = |loss: f64| baseline(&[("5", 0, "loss_last", loss)]);
            assert_eq!(Comparison::of(&of(was), &of(was.next_up()), EXACT).offenders.len(), 1, "{was}");
        }
    }
}
