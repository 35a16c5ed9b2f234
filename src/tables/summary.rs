//! summary.csv: the columns and the cells of a row, statistics over the runs of one cell of the grid.

use super::cell::CellValue;
use super::columns::{RUNS, TableColumn, integer, number};
use super::field::{Field, FieldKind};
use super::headline::{HEADLINE, Headline, OF_ONE_SEED, PREDICTED, Predicted};
use crate::analysis::Verdict;
use crate::stats::{Statistics, share_interval};

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

/// Describes a column that is not one of [`statistics`].
fn field(group: &'static str, name: &str, kind: FieldKind, unit: &'static str, doc: &str) -> Field {
    Field { name: name.into(), kind, group, unit, doc: doc.into(), names: Vec::new() }
}

/// Describes the statistics of a metric of this unit: the columns of summary.csv that are the metric's group.
pub fn statistics(metric: &'static str, unit: &'static str) -> impl Iterator<Item = Field> {
    STATISTICS.iter().map(move |statistic| {
        let unit = match statistic.kind {
            FieldKind::Number => unit,
            FieldKind::Integer | FieldKind::Boolean | FieldKind::Text => "runs",
        };
        let doc = match statistic.name {
            "n_minus_inf" => format!("Runs of the cell in which {metric} is -inf, as log10 of 0 is."),
            "n_nan" => format!("Runs of the cell in which {metric} is NaN; failed runs are not counted."),
            "n_plus_inf" => format!("Runs of the cell in which {metric} is inf."),
            _ => format!("{} of {metric} over the runs of the cell in which it is finite.", statistic.doc),
        };
        field(metric, &format!("{metric}_{}", statistic.name), statistic.kind, unit, &doc)
    })
}

/// Lists the columns of summary.csv after the axes, in the order of [`cells`].
pub(super) fn fields() -> Vec<Field> {
    let count = |group, name: &str, doc: &str| field(group, name, FieldKind::Integer, "runs", doc);
    let predicted = |name: &str, unit, doc: &str| field("predictions", name, FieldKind::Number, unit, doc);
    let learned = |name, doc| field("learned", name, FieldKind::Number, "share", doc);
    let unit = |name: &str| RUNS.iter().find(|column| column.name == name).expect("a column of runs.csv").unit;
    let mut fields = vec![
        count("counts", "n", "Number of runs of the cell that have a record."),
        count(
            "counts",
            "n_not_finite",
            "Runs in which any headline metric that says something of their nets and data is not finite; failed runs are among them. Slopes through time say nothing of a feed-forward net, slopes over layers nothing of a net with one hidden layer, accuracies nothing where a number is to be learned, and those of a test nothing without a test set.",
        ),
        count("counts", "n_failed", "Runs that ended by a panic or an I/O error and have no numbers."),
    ];
    for (metric, _, _) in HEADLINE {
        fields.extend(statistics(metric, unit(metric)));
    }
    for (metric, _, _) in PREDICTED {
        let name = format!("predicted_{metric}");
        let doc = format!("Mean of {name} over the runs of the cell in which it is a number.");
        fields.push(predicted(&name, unit(&name), &doc));
        let doc = format!(
            "Mean of init_{metric} less {name} over the runs in which both are finite, in its standard errors: sd / sqrt(n) of that difference over the seeds; NaN for fewer than two runs or without a prediction."
        );
        fields.push(predicted(&format!("init_{metric}_z"), "standard errors", &doc));
    }
    for (name, _) in OF_ONE_SEED {
        let doc = format!("Mean of {name} over the runs of the cell in which it is finite.");
        fields.push(predicted(name, unit(name), &doc));
    }
    fields.extend([
        learned(
            "learned_share",
            "Share of the runs that did not fail in which learned is true; NaN where all failed.",
        ),
        learned(
            "learned_share_ci95_low",
            "Lower end of the 95 % confidence interval (Wilson's score interval, which stays within 0 and 1) of learned_share.",
        ),
        learned("learned_share_ci95_high", "Upper end of the same interval of learned_share."),
    ]);
    fields.extend(Verdict::ALL.map(|verdict| {
        let name = verdict.name();
        count("verdicts", &format!("n_{name}"), &format!("Runs with the verdict {name}."))
    }));
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
    let learned = count(&|run| run.learned);
    let [low, high] = share_interval(learned, ended);
    cells.extend([learned as f64 / ended as f64, low, high].map(CellValue::Float));
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
