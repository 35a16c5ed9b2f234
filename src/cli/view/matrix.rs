//! Lays a grid's cells out as one table of the terminal: which axes become rows, which columns, and which are grouped,
//! so that any grid fits about forty lines.

use crate::analysis::{CellSummary, Verdict};
use crate::spec::Shown;

use crate::cli::terminal::number::decades;

/// More rows than this do not fit beside the headline and the paths.
const MAX_ROWS: usize = 16;

/// More columns than this do not fit an ordinary terminal.
const MAX_COLUMNS: usize = 6;

/// A table of more columns than this has counts of seeds as `45/64` and not `45 of 64`.
const MOST_WIDE_COLUMNS: usize = 3;

/// An axis of the grid, the seed left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axis {
    /// The dotted key.
    pub(crate) key: &'static str,
    /// The column's name in the tables.
    pub(crate) name: String,
}

/// The cells of a grid with their axis values.
pub(crate) type GridCells = [(Vec<Shown>, CellSummary)];

/// What each axis became.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    /// Positions of the axes that make the rows.
    pub(crate) rows: Vec<usize>,
    /// Positions of the axes that make the columns.
    pub(crate) columns: Vec<usize>,
    /// The axis of which one value is shown at a time: depth, in a grid too large for one table.
    pub(crate) sheet: Option<usize>,
    /// Positions of the axes over which a shown cell stands for several.
    pub(crate) grouped: Vec<usize>,
}

impl Layout {
    /// Decides what each axis becomes.
    pub(crate) fn of(axes: &[Axis], cells: &GridCells) -> Self {
        let varying = |i: &usize| distinct(cells, &[*i]).len() > 1;
        let is_flag = |i: usize| cells.iter().all(|(values, _)| matches!(values[i], Shown::Bool(_)));
        let (mut columns, mut rows): (Vec<usize>, Vec<usize>) =
            (0..axes.len()).filter(varying).partition(|&i| is_flag(i));
        let depth = rows.iter().copied().find(|&i| axes[i].key == "model.depth");
        if columns.is_empty() && rows.len() > 1 {
            // Without flags, the last axis that fits across becomes the columns; depth only where nothing else does.
            let fits = |i: &&usize| distinct(cells, &[**i]).len() <= MAX_COLUMNS;
            let across = rows.iter().rev().filter(|i| Some(**i) != depth).find(fits).or(rows.iter().rev().find(fits));
            columns.extend(across);
            rows.retain(|i| !columns.contains(i));
        }
        let mut layout = Self { rows, columns, ..Self::default() };
        if distinct(cells, &layout.rows).len() > MAX_ROWS
            && let Some(depth) = depth.filter(|d| layout.rows.contains(d))
        {
            layout.rows.retain(|&i| i != depth);
            layout.sheet = Some(depth);
        }
        while distinct(cells, &layout.columns).len() > MAX_COLUMNS {
            layout.grouped.extend(layout.columns.pop());
        }
        while distinct(cells, &layout.rows).len() > MAX_ROWS {
            let values = |i: &usize| distinct(cells, &[*i]).len();
            let largest = layout.rows.iter().copied().max_by_key(values).expect("no rows axis makes one row");
            layout.rows.retain(|&i| i != largest);
            layout.grouped.push(largest);
        }
        layout
    }

    /// Returns the sheets' values, and the position of the sheet whose plain nets (all flags off) differ most in loss.
    pub(crate) fn sheets(&self, cells: &GridCells) -> Option<(Vec<Shown>, usize)> {
        let sheet = self.sheet?;
        let values: Vec<Shown> = distinct(cells, &[sheet]).into_iter().map(|mut v| v.remove(0)).collect();
        let is_plain = |v: &[Shown]| v.iter().all(|v| *v != Shown::Bool(true));
        let spread = |at: &Shown| {
            let plain = cells.iter().filter(|(v, _)| v[sheet] == *at && is_plain(v));
            let losses: Vec<f64> = plain.map(|(_, c)| c.loss).filter(|x| x.is_finite()).collect();
            let mean = losses.iter().sum::<f64>() / losses.len().max(1) as f64;
            losses.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
        };
        let spreads: Vec<f64> = values.iter().map(spread).collect();
        let widest = (0..values.len()).max_by(|&a, &b| spreads[a].total_cmp(&spreads[b]))?;
        Some((values, widest))
    }

    /// Returns header and rows of the verdicts of `cells`.
    pub(crate) fn verdicts(&self, axes: &[Axis], cells: &GridCells) -> (Vec<String>, Vec<Vec<String>>) {
        let is_wide = distinct(cells, &self.columns).len() > MOST_WIDE_COLUMNS;
        let of = if is_wide { "/" } else { " of " };
        self.table(axes, cells, |cells| verdict_text(cells, of))
    }

    /// The columns' values, the same in every table of a grid: flags count in binary, the first axis fastest, so that
    /// BN stands beside plain and both together come last; other values are in order of appearance.
    fn column_values(&self, cells: &GridCells) -> Vec<Vec<Shown>> {
        let mut columns = distinct(cells, &self.columns);
        let number = |values: &Vec<Shown>| {
            values.iter().rev().fold(0_u64, |number, value| 2 * number + u64::from(*value == Shown::Bool(true)))
        };
        columns.sort_by_key(number);
        columns
    }

    /// Returns header and rows of the table of `cells`, each shown cell by `show` over the cells that it stands for.
    pub(crate) fn table(
        &self,
        axes: &[Axis],
        cells: &GridCells,
        show: impl Fn(&[&(Vec<Shown>, CellSummary)]) -> String,
    ) -> (Vec<String>, Vec<Vec<String>>) {
        let columns = self.column_values(cells);
        let row_names: Vec<&str> = self.rows.iter().map(|&i| axes[i].name.as_str()).collect();
        let mut header = vec![row_names.join(" ")];
        header.extend(columns.iter().map(|values| column_label(axes, &self.columns, values)));
        let body = distinct(cells, &self.rows).into_iter().map(|row| {
            let mut line = vec![row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")];
            for column in &columns {
                let matching = |(values, _): &&(Vec<Shown>, CellSummary)| {
                    pick(values, &self.rows) == row && pick(values, &self.columns) == *column
                };
                line.push(show(&cells.iter().filter(matching).collect::<Vec<_>>()));
            }
            line
        });
        (header, body.collect())
    }
}

/// Returns the distinct combinations of values at these positions, in order of appearance.
pub(crate) fn distinct(cells: &GridCells, positions: &[usize]) -> Vec<Vec<Shown>> {
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    for (values, _) in cells {
        let picked = pick(values, positions);
        // Shown holds floats, so its text stands in as the key.
        let text = picked.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        if seen.insert(text) {
            found.push(picked);
        }
    }
    found
}

fn pick(values: &[Shown], positions: &[usize]) -> Vec<Shown> {
    positions.iter().map(|&i| values[i].clone()).collect()
}

/// Names a column: `plain`, `BN + residual`, `depth 20`.
fn column_label(axes: &[Axis], positions: &[usize], values: &[Shown]) -> String {
    let labels = positions.iter().zip(values).filter_map(|(&i, value)| match value {
        Shown::Bool(false) => None,
        Shown::Bool(true) => Some(flag_label(&axes[i])),
        Shown::Int(_) | Shown::Float(_) => Some(format!("{} {value}", axes[i].name)),
        Shown::Text(text) => Some(text.clone()),
    });
    let label = labels.collect::<Vec<_>>().join(" + ");
    match (label.is_empty(), positions.is_empty()) {
        (true, true) => "all".into(),
        (true, false) => "plain".into(),
        (false, _) => label,
    }
}

fn flag_label(axis: &Axis) -> String {
    match axis.key {
        "model.batch_norm" => "BN".into(),
        "model.layer_norm" => "LN".into(),
        _ => axis.name.clone(),
    }
}

/// A shown cell: the verdict's letter, of how many seeds it is where they disagree, the decades, the loss; for several
/// cells the letters counted and the range. `of` stands between two counts.
fn verdict_text(cells: &[&(Vec<Shown>, CellSummary)], of: &str) -> String {
    match cells {
        [] => String::new(),
        [(_, cell)] => match cell.verdict {
            None => "no run ended".into(),
            Some(verdict) => {
                let letter = verdict.letter();
                let seeds =
                    if cell.is_unanimous() { String::new() } else { format!(" {}{of}{}", cell.agree, cell.runs) };
                format!("{letter}{seeds} {:>5} {:>5}", decades(cell.decades()), loss_text(cell.loss))
            }
        },
        many => {
            let count = |v: Verdict| many.iter().filter(|(_, c)| c.verdict == Some(v)).count();
            let letters: Vec<String> = Verdict::ALL
                .into_iter()
                .filter(|&v| count(v) > 0)
                .map(|v| format!("{}{}", count(v), v.letter()))
                .collect();
            let all = many.iter().map(|(_, c)| c.decades()).filter(|x| !x.is_nan());
            let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
            if low > high {
                return letters.join(" ");
            }
            format!("{} {}..{}", letters.join(" "), decades(low), decades(high))
        }
    }
}

pub(crate) fn loss_text(loss: f64) -> String {
    match loss {
        x if x.is_nan() => "NaN".into(),
        x if x < 99.995 => format!("{x:.2}"),
        x => format!("{x:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Cause;

    fn axis(key: &'static str) -> Axis {
        Axis { key, name: key.rsplit('.').next().expect("a name").into() }
    }

    fn cell(verdict: Verdict, gradient_decades: f64, loss: f64) -> CellSummary {
        CellSummary {
            runs: 1,
            verdict: Some(verdict),
            agree: 1,
            without_result: 0,
            cause: Cause::None,
            subject: "",
            why: String::new(),
            rate_factor: None,
            diverged: 0,
            learned: 0,
            gradient_decades,
            time_decades: f64::NAN,
            loss,
            loss_of_chance: 2.3,
        }
    }

    /// depth x activation x (batch norm, residual), the loss spread widest at depth 20.
    fn grid(activations: usize) -> (Vec<Axis>, Vec<(Vec<Shown>, CellSummary)>) {
        let axes = ["model.depth", "model.activation", "model.batch_norm", "model.residual"].map(axis).to_vec();
        let mut cells = Vec::new();
        for depth in [5, 20, 50] {
            for a in 0..activations {
                for (bn, residual) in [(false, false), (false, true), (true, false), (true, true)] {
                    let loss = if depth == 20 && a == 0 { 0.1 } else { 2.3 };
                    let values =
                        vec![Shown::Int(depth), Shown::Text(format!("phi{a}")), Shown::Bool(bn), Shown::Bool(residual)];
                    cells.push((values, cell(Verdict::Vanishing, -12.0, loss)));
                }
            }
        }
        (axes, cells)
    }

    #[test]
    fn flags_become_columns_and_a_large_grid_shows_one_depth_at_a_time() {
        let (axes, cells) = grid(10);
        let layout = Layout::of(&axes, &cells);
        assert_eq!(layout, Layout { rows: vec![1], columns: vec![2, 3], sheet: Some(0), grouped: vec![] });
        let (depths, widest) = layout.sheets(&cells).expect("depth is a sheet");
        assert_eq!(depths[widest], Shown::Int(20));
        let at_20: Vec<_> = cells.into_iter().filter(|(v, _)| v[0] == Shown::Int(20)).collect();
        let (header, rows) = layout.verdicts(&axes, &at_20);
        assert_eq!(header, ["activation", "plain", "BN", "residual", "BN + residual"]);
        assert_eq!(rows.len(), 10);
        assert_eq!(rows[0], ["phi0", "V -12.0  0.10", "V -12.0  0.10", "V -12.0  0.10", "V -12.0  0.10"]);
    }

    #[test]
    fn a_small_grid_is_one_table() {
        let (axes, cells) = grid(3);
        let layout = Layout::of(&axes, &cells);
        assert_eq!((layout.rows, layout.sheet), (vec![0, 1], None));
    }

    #[test]
    fn an_axis_too_long_to_show_is_grouped_and_its_cells_are_counted() {
        let axes = vec![axis("model.activation"), axis("train.learning_rate")];
        let cells: Vec<_> = (0..40)
            .map(|i| {
                let verdict = if i % 2 == 0 { Verdict::Healthy } else { Verdict::Exploding };
                (
                    vec![Shown::Text(format!("phi{}", i / 20)), Shown::Float(f64::from(i % 20))],
                    cell(verdict, f64::from(i), 1.0),
                )
            })
            .collect();
        let layout = Layout::of(&axes, &cells);
        assert_eq!((&layout.columns, &layout.rows, &layout.grouped), (&vec![0], &vec![], &vec![1]));
        let (_, rows) = layout.verdicts(&axes, &cells);
        assert_eq!(rows, [["", "10E 10H +0.0..+19.0", "10E 10H +20.0..+39.0"]]);
    }

    #[test]
    fn recurrent_cells_show_the_way_through_time() {
        let axes = vec![axis("model.kind"), axis("data.length")];
        let kinds = ["rnn", "lstm"].into_iter();
        let cells: Vec<_> = kinds
            .flat_map(|kind| [10, 50].map(|length| (vec![Shown::Text(kind.into()), Shown::Int(length)], length)))
            .map(|(values, length)| {
                let across = cell(Verdict::Vanishing, 0.0, 0.5);
                (values, CellSummary { time_decades: -0.1 * length as f64, ..across })
            })
            .collect();
        let layout = Layout::of(&axes, &cells);
        let (header, rows) = layout.verdicts(&axes, &cells);
        assert_eq!(header, ["kind", "length 10", "length 50"]);
        assert_eq!(rows[0], ["rnn", "V  -1.0  0.50", "V  -5.0  0.50"]);
        assert_eq!(verdict_text(&[&cells[0], &cells[1]], " of "), "2V -5.0..-1.0");
    }

    #[test]
    fn seeds_that_disagree_are_counted() {
        let dead = CellSummary { runs: 64, agree: 45, ..cell(Verdict::Dead, -3.0, 2.0) };
        let row = |columns: u64| {
            let cells: Vec<_> = (0..columns).map(|length| (vec![Shown::Int(length)], dead.clone())).collect();
            let layout = Layout { columns: vec![0], ..Layout::default() };
            layout.verdicts(&[axis("data.length")], &cells).1.remove(0)
        };
        assert_eq!(row(3)[1..], ["D 45 of 64  -3.0  2.00"; 3]);
        assert_eq!(row(4)[1..], ["D 45/64  -3.0  2.00"; 4]);
    }

    #[test]
    fn a_single_run_is_a_table_of_one_cell() {
        let cells = vec![(vec![], cell(Verdict::Diverged, f64::NAN, f64::NAN))];
        let layout = Layout::of(&[], &cells);
        assert_eq!(
            layout.verdicts(&[], &cells),
            (vec![String::new(), "all".into()], vec![vec![String::new(), "X   NaN   NaN".into()]])
        );
    }
}
