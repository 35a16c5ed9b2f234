//! The value of a table's cell, and how each kind of value is written, so that every reader reads it back as what it was.

use std::borrow::Cow;

use serde::ser::SerializeTuple;
use serde::{Serialize, Serializer};

use crate::nn::SiteName;
use crate::spec::{Precision, RunId, Shown};

/// A value of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CellValue<'a> {
    Bool(bool),
    Int(i128),
    /// A number of a config, or one that was computed over several runs.
    Float(f64),
    /// A number of one run, to be written in that run's precision.
    Recorded(f64),
    Name(&'static str),
    Site(SiteName),
    Text(&'a str),
    Id(RunId),
}

impl CellValue<'_> {
    /// Makes the value of a count, a step or an index.
    pub(super) fn count(n: usize) -> Self {
        Self::Int(n as i128)
    }
}

impl<'a> From<&'a Shown> for CellValue<'a> {
    fn from(value: &'a Shown) -> Self {
        match value {
            Shown::Bool(b) => Self::Bool(*b),
            Shown::Int(n) => Self::Int(i128::from(*n)),
            Shown::Float(x) => Self::Float(*x),
            Shown::Text(text) => Self::Text(text),
        }
    }
}

/// A cell together with the precision of the run it belongs to.
struct WrittenCell<'a>(&'a CellValue<'a>, Precision);

impl Serialize for WrittenCell<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // The csv crate writes floats as the shortest text that reads back to the same bits, and NaN, inf and -inf so.
        match self.0 {
            CellValue::Bool(b) => to.serialize_bool(*b),
            CellValue::Int(n) => to.serialize_i128(*n),
            CellValue::Float(x) => to.serialize_f64(*x),
            CellValue::Recorded(x) => match single(*x, self.1) {
                Some(single) => to.serialize_f32(single),
                None => to.serialize_f64(*x),
            },
            CellValue::Name(name) => to.serialize_str(name),
            CellValue::Text(text) => to.serialize_str(&text_cell(text)),
            CellValue::Site(site) => to.collect_str(site),
            CellValue::Id(id) => to.collect_str(id),
        }
    }
}

/// Returns `x` as the f32 that an f32 run shows, if it shows one: see [`Precision::recorded`].
fn single(x: f64, precision: Precision) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is the purpose")]
    let rounded = x as f32;
    match precision {
        Precision::F32 => rounded.is_normal().then_some(rounded),
        Precision::F64 => None,
    }
}

/// Returns a text as every CSV file of ours has it in a cell: such that a spreadsheet does not take it for a formula.
/// Numbers stay.
pub fn text_cell(text: &str) -> Cow<'_, str> {
    let may_be_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if may_be_formula { format!("'{text}").into() } else { text.into() }
}

/// A row of cells of one run.
pub(super) struct RowOfCells<'a> {
    pub(super) cells: &'a [CellValue<'a>],
    pub(super) precision: Precision,
}

impl Serialize for RowOfCells<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut row = to.serialize_tuple(self.cells.len())?;
        for cell in self.cells {
            row.serialize_element(&WrittenCell(cell, self.precision))?;
        }
        row.end()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(cells: &[CellValue<'_>], precision: Precision) -> String {
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        csv.serialize(RowOfCells { cells, precision }).unwrap();
        String::from_utf8(csv.into_inner().unwrap()).unwrap()
    }

    fn recorded(x: f64, precision: Precision) -> String {
        line(&[CellValue::Recorded(x)], precision).trim_end().to_owned()
    }

    #[test]
    fn numbers_are_written_as_short_as_their_precision_allows() {
        use Precision::{F32, F64};
        for (x, precision, text) in [
            (0.1, F32, "0.1"),
            (f64::from(0.1_f32), F32, "0.1"),
            (f64::from(0.1_f32), F64, "0.10000000149011612"),
            (0.1, F64, "0.1"),
            (0.0, F32, "0.0"),
            (-0.0, F32, "-0.0"),
            (2.0, F32, "2.0"),
            (1e-40, F32, "1e-40"),
            (5e-324, F32, "5e-324"),
            (5e-324, F64, "5e-324"),
            (1e300, F32, "1e300"),
            (f64::from(f32::MAX), F32, "3.4028235e38"),
            (f64::NAN, F32, "NaN"),
            (-f64::NAN, F64, "NaN"),
            (f64::INFINITY, F32, "inf"),
            (f64::NEG_INFINITY, F32, "-inf"),
            (f64::INFINITY, F64, "inf"),
        ] {
            assert_eq!(recorded(x, precision), text, "{x:e} {precision:?}");
        }
    }

    #[test]
    fn every_kind_of_value_is_written_as_readers_expect() {
        let cells = [
            CellValue::Bool(true),
            CellValue::Int(-1),
            CellValue::from(&Shown::Int(u64::MAX)),
            CellValue::Float(f64::from(0.1_f32)),
            CellValue::Name("ok"),
            CellValue::Text("a,b"),
            CellValue::Text("=1+1"),
            CellValue::Id(RunId(0xab)),
        ];
        let text = line(&cells, Precision::F32);
        assert_eq!(text, "true,-1,18446744073709551615,0.10000000149011612,ok,\"a,b\",'=1+1,r00000000000000ab\n");
    }

    #[test]
    fn no_text_is_a_formula_to_a_spreadsheet_and_numbers_stay_numbers() {
        for text in ["=1+1", "+a", "-a", "@sum(a1)", "\t=1", "\r=1", "-1+cmd|' /C calc'!A0", "--1"] {
            assert_eq!(text_cell(text), format!("'{text}"));
        }
        for text in ["-0.5", "+1", "-inf", "NaN", "a=b", "", "512-256"] {
            assert_eq!(text_cell(text), text);
        }
    }

    proptest! {
        #[test]
        fn every_number_reads_back_as_what_was_recorded(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            for precision in Precision::ALL {
                let text = recorded(x, precision);
                let read: f64 = text.parse().unwrap();
                let expected = precision.recorded(x);
                // An f32's shortest text names that f32, and is read as one.
                let read = if single(x, precision).is_some() { f64::from(text.parse::<f32>().unwrap()) } else { read };
                prop_assert!(read.to_bits() == expected.to_bits() || read.is_nan() && expected.is_nan(), "{}", text);
            }
        }
    }
}
