//! summary.csv: the columns and the cells of a row, statistics over the runs of one cell of the grid.

use super::cell::CellValue;
use super::columns::{RUNS, TableColumn, integer, number};
use super::field::{Field, FieldKind};
use super::headline::{HEADLINE, Headline, OF_ONE_SEED, PREDICTED, Predicted};
use crate::analysis::Verdict;
use crate::stats::Statistics;

/// The statistics of each headline metric; their names stand behind `<metric>_`.
#[rustfmt::skip]
const STATISTICS: [TableColumn<Statistics>; 10] = [
    number("mean", "", "Mean", |s| CellValue::Float(s.mean)),
    number("sd", "", "Sample standard deviation (NaN for fewer than two values)", |s| CellValue::Float(s.sd)),
    number("ci95_low", "", "Lower end of the 95 % confidence interval (Student's t) of the mean", |s| CellValue::Float(s.ci95_low)),
    number("ci95_high", "", "Upper end of the 95 % confidence interval (Student's t) of the mean", |s| CellValue::Float(s.ci95_high)),
    number("min", "", "Least value", |s| CellValue::Recorded(s.min)),
    number("max", "", "Greatest value", |s| CellValue::Recorded(s.max)),
    integer("n", "", "Number of values", |s| CellValue::count(s.n)),
    integer("n_minus_inf", "", "", |s| CellValue::count(s.n_minus_inf)),
    integer("n_nan", "", "", |s| CellValue::count(s.n_nan)),
    integer("n_plus_inf", "", "", |s| CellValue::count(s.n_plus_inf)),
];

/// Lists the columns of summary.csv after the axes, in the order of [`cells`].
pub(super) fn fields() -> Vec<Field> {
    let field =
        |name: &str, kind, doc: &str| Field { name: name.into(), kind, unit: "", doc: doc.into(), names: Vec::new() };
    let count = |name: &str, doc: &str| field(name, FieldKind::Integer, doc);
    let mut fields = vec![
        count("n", "Number of runs of the cell that have a record."),
        count(
            "n_not_finite",
            "Runs in which any headline metric that says something of their nets and data is not finite; failed runs are among them. Slopes through time say nothing of a feed-forward net, slopes over layers nothing of a net with one hidden layer, accuracies nothing where a number is to be learned, and those of a test nothing without a test set.",
        ),
        count("n_failed", "Runs that ended by a panic or an I/O error and have no numbers."),
    ];
    for (metric, _, _) in HEADLINE {
        let of_runs = RUNS.iter().find(|c| c.name == metric).expect("headline metrics are columns of runs.csv");
        fields.extend(STATISTICS.iter().map(|statistic| Field {
            name: format!("{metric}_{}", statistic.name),
            kind: statistic.kind,
            unit: match statistic.kind {
                FieldKind::Number => of_runs.unit,
                FieldKind::Integer | FieldKind::Boolean | FieldKind::Text => "",
            },
            doc: match statistic.name {
                "n_minus_inf" => format!("Runs of the cell in which {metric} is -inf, as log10 of 0 is."),
                "n_nan" => format!("Runs of the cell in which {metric} is NaN; failed runs are not counted."),
                "n_plus_inf" => format!("Runs of the cell in which {metric} is inf."),
                _ => format!("{} of {metric} over the runs of the cell in which it is finite.", statistic.doc),
            },
            names: Vec::new(),
        }));
    }
    for (metric, _, _) in PREDICTED {
        let number = |name: String, unit, doc: String| Field { unit, ..field(&name, FieldKind::Number, &doc) };
        let of_runs = RUNS.iter().find(|c| c.name == format!("predicted_{metric}")).expect("predictions are columns");
        let doc = format!("Mean of predicted_{metric} over the runs of the cell in which it is a number.");
        fields.push(number(format!("predicted_{metric}"), of_runs.unit, doc));
        let doc = format!(
            "Mean of init_{metric} less predicted_{metric} over the runs in which both are finite, in its standard errors: sd / sqrt(n) of that difference over the seeds; NaN for fewer than two runs or without a prediction."
        );
        fields.push(number(format!("init_{metric}_z"), "", doc));
    }
    for (name, _) in OF_ONE_SEED {
        let of_runs = RUNS.iter().find(|c| c.name == name).expect("a column of runs.csv");
        let doc = format!("Mean of {name} over the runs of the cell in which it is finite.");
        fields.push(Field { unit: of_runs.unit, ..field(name, FieldKind::Number, &doc) });
    }
    let share = "Share of the runs that did not fail in which learned is true; NaN where all failed.";
    fields.push(field("learned_share", FieldKind::Number, share));
    fields.extend(
        Verdict::ALL.map(|v| count(&format!("n_{}", v.name()), &format!("Runs with the verdict {}.", v.name()))),
    );
    fields
}

/// Returns the cells of summary.csv after the axes, for the runs of one cell of the grid.
pub(super) fn cells(runs: &[Headline]) -> Vec<CellValue<'static>> {
    let count = |is: &dyn Fn(&Headline) -> bool| runs.iter().filter(|run| is(run)).count();
    let ended = count(&|run| run.verdict.is_some());
    let mut cells = vec![
        CellValue::count(runs.len()),
        CellValue::count(count(&|run| !run.is_finite)),
        CellValue::count(runs.len() - ended),
    ];
    for metric in 0..HEADLINE.len() {
        // Failed runs have no numbers, and are counted as such.
        let ended = runs.iter().filter(|run| run.verdict.is_some());
        let statistics = Statistics::of(ended.map(|run| run.values[metric]));
        cells.extend(STATISTICS.iter().map(|column| (column.cell)(&statistics)));
    }
    for i in 0..PREDICTED.len() {
        let of = |value: fn(&Predicted) -> f64| Statistics::of(runs.iter().map(|run| value(&run.predicted[i])));
        cells.extend([CellValue::Float(of(|p| p.value).mean), CellValue::Float(of(|p| p.deviation).z())]);
    }
    for i in 0..OF_ONE_SEED.len() {
        cells.push(CellValue::Float(Statistics::of(runs.iter().map(|run| run.of_one_seed[i])).mean));
    }
    cells.push(CellValue::Float(count(&|run| run.learned) as f64 / ended as f64));
    cells.extend(Verdict::ALL.map(|verdict| CellValue::count(count(&|run| run.verdict == Some(verdict)))));
    cells
}

#[cfg(test)]
mod tests {
    use super::super::columns::tests::must_be_of_their_kinds;
    use super::*;

    #[test]
    fn every_statistic_is_of_its_columns_kind() {
        must_be_of_their_kinds(&STATISTICS, &Statistics::of([]));
    }
}
