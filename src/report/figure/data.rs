//! The table behind a figure: what is drawn, as numbers.

use crate::report::band::{Band, Mark};
use crate::spec::Shown;

/// What a figure draws, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureData {
    /// The names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows: a cell for each column.
    pub rows: Vec<Vec<Shown>>,
}

impl FigureData {
    pub(super) fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: impl IntoIterator<Item = Shown>) {
        let row: Vec<Shown> = row.into_iter().collect();
        assert_eq!(row.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(row);
    }

    /// The table of lines over seeds, whose points are at `x`. Where `of_log10`, numbers are log10.
    pub(super) fn of_lines(x: &'static str, of_log10: bool) -> Self {
        let numbers = if of_log10 {
            ["log10_mean", "log10_low", "log10_high", "log10_theory"]
        } else {
            ["mean", "low", "high", "theory"]
        };
        let counts = ["n", "n_zero", "n_underflow", "n_nan", "n_inf"];
        Self::new(&[&["panel", "line", x], &numbers[..], &counts[..]].concat())
    }

    /// Adds a line: a point for each place. Of the theory there may be nothing.
    pub(super) fn line(&mut self, (panel, line): (&str, &str), x: &[usize], bands: &[Band], theory: &[f64]) {
        for (i, (x, band)) in x.iter().zip(bands).enumerate() {
            let place = [text(panel), text(line), count(*x)];
            let theory = theory.get(i).copied().unwrap_or(f64::NAN);
            let numbers = [band.mean, band.low, band.high, theory].map(Shown::Float);
            let marks = Mark::ALL.map(|mark| count(band.marks.count(mark) as usize));
            self.push(place.into_iter().chain(numbers).chain([count(band.n as usize)]).chain(marks));
        }
    }
}

pub(super) fn text(words: &str) -> Shown {
    Shown::Text(words.to_owned())
}

pub(super) fn count(n: usize) -> Shown {
    Shown::Int(n as u64)
}
