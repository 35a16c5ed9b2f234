//! What gradients were when someone last accepted them: a small CSV file beside the config, to be committed.
//!
//! One row is one number of one grid cell over its seeds: the numerics version, the axes, `layer` (0 for the net as a
//! whole), `metric`, the `mean` of the seeds where it is finite, and how many these are (`n`), beside the counts of the
//! others: `n_minus_inf`, `n_nan` and `n_plus_inf`. So a diff in git names what changed, and a seed that dies changes a
//! count. Baselines of other programs' gradients have a last column `tolerance_decades`, the same in every row.
//!
//! Files of the old form end with `mean`: the mean of all seeds, which one dead seed makes -inf. They are still read.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::{quoted, read_text};
use crate::data::{BoundedRecords, MOST_COLUMNS};

/// The largest baseline: some hundred thousand numbers, in a file that is to be committed. To compare them takes a
/// hundred times as much memory.
const MOST_BYTES: u64 = 8 << 20;

/// Columns beside the axes'.
const NUMERICS: &str = "numerics";
const LAYER: &str = "layer";
const METRIC: &str = "metric";
const MEAN: &str = "mean";
const COUNTS: [&str; 4] = ["n", "n_minus_inf", "n_nan", "n_plus_inf"];
const TOLERANCE: &str = "tolerance_decades";

/// The numbers of a grid's cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// The version of the numerics that they were measured with.
    pub numerics: u32,
    /// The swept axes, the seed left out, by the names of their columns.
    pub axes: Vec<String>,
    /// How many decades a number may differ where the config does not say. Baselines that were accepted from another
    /// program have this, as its numbers need not be the same bits from one day to the next.
    pub tolerance_decades: Option<f64>,
    /// The numbers.
    pub values: BTreeMap<BaselineKey, OverSeeds>,
}

/// A number over the seeds of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverSeeds {
    /// The mean of the finite numbers. Where none is finite, it is the infinity that all others are, or NaN. In the old
    /// form it is the mean of all seeds.
    pub mean: f64,
    /// How many seeds it is of; none in the old form.
    pub counts: Option<SeedCounts>,
}

/// Seeds by what a number is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is named for what it counts")]
pub struct SeedCounts {
    pub finite: usize,
    pub minus_inf: usize,
    pub nan: usize,
    pub plus_inf: usize,
}

impl OverSeeds {
    /// Counts and averages the seeds' numbers, in their order.
    pub fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let (mut counts, mut sum) = (SeedCounts::default(), 0.0);
        for number in numbers {
            match number {
                x if x.is_nan() => counts.nan += 1,
                f64::INFINITY => counts.plus_inf += 1,
                f64::NEG_INFINITY => counts.minus_inf += 1,
                x => {
                    counts.finite += 1;
                    sum += x;
                }
            }
        }
        let mean = match counts {
            SeedCounts { finite: 1.., .. } => sum / counts.finite as f64,
            SeedCounts { minus_inf: 1.., nan: 0, plus_inf: 0, .. } => f64::NEG_INFINITY,
            SeedCounts { minus_inf: 0, nan: 0, plus_inf: 1.., .. } => f64::INFINITY,
            SeedCounts { .. } => f64::NAN,
        };
        Self { mean, counts: Some(counts) }
    }

    /// Writes `-3.2`, and where not all seeds are finite `-3.2 in 8 seeds, -inf in 8`.
    pub fn text(self) -> String {
        let mean = format!("{:?}", self.mean);
        let Some(counts) = self.counts.filter(|counts| counts.finite < counts.all()) else { return mean };
        let [finite, others @ ..] = counts.in_order();
        let all = [(mean.as_str(), finite), ("-inf", others[0]), ("NaN", others[1]), ("inf", others[2])];
        let told = all.into_iter().filter(|(_, n)| *n > 0).enumerate();
        let part = |(i, (what, n)): (usize, (&str, usize))| match (i, n) {
            (0, 1) => format!("{what} in 1 seed"),
            (0, _) => format!("{what} in {n} seeds"),
            (_, _) => format!("{what} in {n}"),
        };
        told.map(part).collect::<Vec<_>>().join(", ")
    }

    /// Returns the mean of all seeds, as the old form has it: one seed that is not finite hides the others.
    pub(super) fn mean_of_all(self) -> f64 {
        match self.counts {
            Some(SeedCounts { nan: 1.., .. } | SeedCounts { minus_inf: 1.., plus_inf: 1.., .. }) => f64::NAN,
            Some(SeedCounts { minus_inf: 1.., .. }) => f64::NEG_INFINITY,
            Some(SeedCounts { plus_inf: 1.., .. }) => f64::INFINITY,
            Some(SeedCounts { .. }) | None => self.mean,
        }
    }
}

impl SeedCounts {
    /// Returns how many seeds there are. A file may claim more than a `usize` can hold.
    pub fn all(self) -> usize {
        self.in_order().into_iter().fold(0, usize::saturating_add)
    }

    /// Returns the counts in the order of the columns.
    pub fn in_order(self) -> [usize; 4] {
        [self.finite, self.minus_inf, self.nan, self.plus_inf]
    }
}

/// Names a number: its cell, its layer and its metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaselineKey {
    /// The cell's value on each axis.
    pub cell: Vec<AxisValue>,
    /// The layer, from 1; 0 for the net as a whole.
    pub layer: usize,
    /// The metric's name.
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
        /// The line's number, from 1; none where the problem is not about a line.
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
    /// Returns the file's text.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let axes = self.axes.iter().map(String::as_str);
        let tolerance = self.tolerance_decades.map(|_| TOLERANCE);
        let is_old = self.is_of_the_old_form();
        let counts = COUNTS.into_iter().filter(|_| !is_old);
        let header = [NUMERICS].into_iter().chain(axes).chain([LAYER, METRIC, MEAN]).chain(counts).chain(tolerance);
        writer.write_record(header).expect(IN_MEMORY);
        for (BaselineKey { cell, layer, metric }, number) in &self.values {
            let mut row = vec![self.numerics.to_string()];
            row.extend(cell.iter().map(|value| value.0.clone()));
            row.extend([layer.to_string(), metric.clone(), shortest(number.mean)]);
            row.extend(
                number.counts.filter(|_| !is_old).into_iter().flat_map(SeedCounts::in_order).map(|n| n.to_string()),
            );
            row.extend(self.tolerance_decades.map(shortest));
            writer.write_record(row).expect(IN_MEMORY);
        }
        let bytes = writer.into_inner().unwrap_or_else(|_| unreachable!("{IN_MEMORY}"));
        String::from_utf8(bytes).expect("text is UTF-8")
    }

    /// Returns the text for a file at `path`, unless that would be larger than what is read.
    pub fn to_file(&self, path: &Path) -> Result<String, BaselineError> {
        let text = self.to_csv();
        if text.len() as u64 > MOST_BYTES {
            return Err(BaselineError::TooLarge { path: path.into(), numbers: self.values.len() });
        }
        Ok(text)
    }

    /// Returns the same numbers with the axes in this order; none where these are other axes.
    pub fn with_axes(&self, axes: &[String]) -> Option<Self> {
        if axes.len() != self.axes.len() {
            return None;
        }
        let at = |axis: &String| self.axes.iter().position(|own| own == axis);
        let places: Vec<usize> = axes.iter().map(at).collect::<Option<_>>()?;
        let key = |key: &BaselineKey| BaselineKey {
            cell: places.iter().map(|&i| key.cell[i].clone()).collect(),
            ..key.clone()
        };
        let values = self.values.iter().map(|(old, value)| (key(old), *value)).collect();
        Some(Self { axes: axes.to_vec(), values, ..*self })
    }

    /// Whether it was written before seeds were counted.
    pub fn is_of_the_old_form(&self) -> bool {
        self.values.values().any(|number| number.counts.is_none())
    }

    /// Returns the numbers that are asked for, alone.
    #[must_use]
    pub fn only(&self, is_wanted: impl Fn(&BaselineKey) -> bool) -> Self {
        let values = self.values.iter().filter(|(key, _)| is_wanted(key)).map(|(key, value)| (key.clone(), *value));
        Self { values: values.collect(), axes: self.axes.clone(), ..*self }
    }

    /// Reads the file at `path`; none where there is none. A link to nowhere is an error: somebody meant it to be
    /// there.
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
        let (names, has_tolerance) = match names.split_last() {
            Some((&TOLERANCE, rest)) => (rest, true),
            Some(_) | None => (&names[..], false),
        };
        let (names, has_counts) = match names.strip_suffix(&COUNTS) {
            Some(rest) => (rest, true),
            None => (names, false),
        };
        let [first, axes @ .., layer, metric, mean] = names else {
            return Err(wrong(Some(1), "this is no baseline of vgrun".into()));
        };
        let is_harmless = axes.iter().all(|axis| !axis.contains(char::is_control));
        if [*first, *layer, *metric, *mean] != [NUMERICS, LAYER, METRIC, MEAN] || !is_harmless {
            return Err(wrong(Some(1), "this is no baseline of vgrun".into()));
        }
        let (mut numerics, mut tolerance, mut values) = (None, None, BTreeMap::new());
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
            let key = BaselineKey {
                cell: (1..=end).map(|i| AxisValue(cell(i).into())).collect(),
                layer: cell(end + 1)
                    .parse()
                    .map_err(|_| wrong(line, format!("{} is no layer", quoted(cell(end + 1)))))?,
                metric: cell(end + 2).into(),
            };
            let number = |at: usize| {
                cell(at).parse::<f64>().map_err(|_| wrong(line, format!("{} is no number", quoted(cell(at)))))
            };
            let count = |at: usize| {
                cell(at).parse().map_err(|_| wrong(line, format!("{} is no number of seeds", quoted(cell(at)))))
            };
            let mean = number(end + 3)?;
            let counts = if has_counts {
                let [finite, minus_inf, nan, plus_inf] = [4, 5, 6, 7].map(|column| count(end + column));
                Some(SeedCounts { finite: finite?, minus_inf: minus_inf?, nan: nan?, plus_inf: plus_inf? })
            } else {
                None
            };
            if has_tolerance {
                let own = number(end + if has_counts { 8 } else { 4 })?;
                if !(own >= 0.0 && own.is_finite()) {
                    return Err(wrong(line, format!("{own} is no tolerance: expected decades from 0 on")));
                }
                if *tolerance.get_or_insert(own) != own {
                    return Err(wrong(line, format!("rows of several tolerances: {own} and others")));
                }
            }
            if values.insert(key, OverSeeds { mean, counts }).is_some() {
                return Err(wrong(line, "the same number twice".into()));
            }
        }
        let numerics = numerics.ok_or_else(|| wrong(None, "there is no row".into()))?;
        let axes = axes.iter().map(|name| (*name).into()).collect();
        Ok(Self { numerics, axes, tolerance_decades: tolerance, values })
    }
}

const IN_MEMORY: &str = "memory takes all rows, and each has the header's columns";

/// Returns the shortest text that reads back to the same bits.
fn shortest(x: f64) -> String {
    if x.is_nan() { "NaN".into() } else { format!("{x:?}") }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn key(cell: &[&str], layer: usize, metric: &str) -> BaselineKey {
        BaselineKey { cell: cell.iter().map(|v| AxisValue((*v).into())).collect(), layer, metric: metric.into() }
    }

    fn baseline(values: &[(&str, usize, &str, &[f64])]) -> Baseline {
        let over = |numbers: &[f64]| OverSeeds::of(numbers.iter().copied());
        let values = values.iter().map(|(depth, l, metric, seeds)| (key(&[depth, "relu"], *l, metric), over(seeds)));
        let axes = vec!["depth".into(), "activation".into()];
        Baseline { numerics: 2, axes, tolerance_decades: None, values: values.collect() }
    }

    #[test]
    fn a_baseline_is_read_back_bit_for_bit_and_in_an_order_people_expect() {
        const INF: f64 = f64::INFINITY;
        let written = baseline(&[
            ("10", 0, "loss_last", &[0.1]),
            ("5", 1, "log10_delta_rms_init", &[-1e-300, -1e-300]),
            ("5", 2, "log10_delta_rms_init", &[-INF, -3.0, -INF, -4.0]),
            ("5", 3, "log10_delta_rms_init", &[-INF, -INF]),
            ("5", 2, "log10_delta_rms_last", &[f64::NAN, 1.0, INF]),
            ("5", 3, "log10_delta_rms_last", &[f64::NAN, -INF]),
        ]);
        let text = written.to_csv();
        assert_eq!(
            text,
            "numerics,depth,activation,layer,metric,mean,n,n_minus_inf,n_nan,n_plus_inf\n\
             2,5,relu,1,log10_delta_rms_init,-1e-300,2,0,0,0\n\
             2,5,relu,2,log10_delta_rms_init,-3.5,2,2,0,0\n2,5,relu,2,log10_delta_rms_last,1.0,1,0,1,1\n\
             2,5,relu,3,log10_delta_rms_init,-inf,0,2,0,0\n2,5,relu,3,log10_delta_rms_last,NaN,0,1,1,0\n\
             2,10,relu,0,loss_last,0.1,1,0,0,0\n"
        );
        let read = |text: &str| Baseline::parse(text, Path::new("ci.baseline.csv")).unwrap();
        assert_eq!(format!("{:?}", read(&text)), format!("{written:?}"));
        let tolerant = Baseline { tolerance_decades: Some(0.01), ..written };
        assert!(tolerant.to_csv().contains(",n_plus_inf,tolerance_decades\n2,5,relu,1,"));
        assert_eq!(format!("{:?}", read(&tolerant.to_csv())), format!("{tolerant:?}"));
    }

    #[test]
    fn a_baseline_of_the_old_form_is_read_and_known_for_one() {
        let text = "numerics,depth,layer,metric,mean\n2,5,1,log10_delta_rms_init,-inf\n2,5,0,loss_last,0.5\n";
        let old = Baseline::parse(text, Path::new("ci.baseline.csv")).unwrap();
        assert!(old.is_of_the_old_form() && old.values.values().all(|number| number.counts.is_none()));
        assert_eq!(old.values[&key(&["5"], 1, "log10_delta_rms_init")].mean, f64::NEG_INFINITY);
    }

    #[test]
    fn axes_in_another_order_are_the_same_axes() {
        let old = baseline(&[("5", 1, "loss_last", &[1.0])]);
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
            (
                "numerics,layer,metric,mean,n,n_minus_inf,n_nan,n_plus_inf\n2,0,a,1,2,x,0,0\n",
                "x.csv, line 2: \"x\" is no number of seeds",
            ),
            ("numerics,layer,metric,mean,tolerance_decades\n2,0,a,1,-1\n", "x.csv, line 2: -1 is no tolerance"),
            ("numerics,\u{9b}2J,layer,metric,mean\n2,5,0,a,1\n", "x.csv, line 1: this is no baseline"),
        ] {
            let error = Baseline::parse(text, Path::new("x.csv")).unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
        let error = Baseline::read(Path::new("/nowhere/x.csv")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /nowhere/x.csv: "), "{error}");
    }
}
