//! What is said of cells that do not learn.

use super::*;
use crate::analysis::{Cause, cures};
use crate::spec::Shown;

fn cell(verdict: Verdict, gradient_decades: f64, learned: usize) -> CellSummary {
    CellSummary {
        runs: 3,
        verdict: Some(verdict),
        agree: 3,
        without_result: 0,
        cause: Cause::None,
        subject: "",
        why: String::new(),
        rate_factor: None,
        diverged: 0,
        learned,
        gradient_decades,
        time_decades: f64::NAN,
        loss: 1.0,
        loss_of_chance: 2.3,
    }
}

/// Sigmoid and relu at two depths, plain, with batch norm or residual (a `[[zip]]`); as in the nets of that name.
fn grid() -> Vec<(Vec<Shown>, CellSummary)> {
    use Verdict::{Dead, Diverged, Healthy, Vanishing};
    let of = |phi: &str, depth, batch_norm, residual, cell| {
        (vec![Shown::Text(phi.into()), Shown::Int(depth), Shown::Bool(batch_norm), Shown::Bool(residual)], cell)
    };
    vec![
        of("sigmoid", 20, false, false, cell(Vanishing, -12.0, 0)),
        of("sigmoid", 20, true, false, cell(Healthy, -0.3, 3)),
        of("sigmoid", 20, false, true, cell(Healthy, 0.1, 2)),
        of("sigmoid", 50, false, false, cell(Vanishing, -31.0, 0)),
        of("sigmoid", 50, true, false, cell(Healthy, -0.5, 3)),
        of("sigmoid", 50, false, true, cell(Healthy, 0.2, 0)),
        of("relu", 20, false, false, cell(Healthy, 0.0, 3)),
        of("relu", 20, true, false, cell(Healthy, 1.5, 3)),
        of("relu", 20, false, true, cell(Diverged, 3.0, 0)),
        of("relu", 50, false, false, cell(Dead, f64::NEG_INFINITY, 0)),
        of("tanh", 50, true, false, cell(Vanishing, -4.0, 0)),
        of("elu", 20, true, true, cell(Vanishing, -4.0, 3)),
    ]
}

fn with<T>(cells: &GridCells, look: impl FnOnce(&Cures<'_>) -> T) -> T {
    let keys = ["model.activation", "model.depth", "model.batch_norm", "model.residual"];
    let axes = keys.map(|key| Axis { key, name: key.trim_start_matches("model.").into() }).to_vec();
    let knobs = vec![
        ("activation".to_owned(), vec![0]),
        ("depth".to_owned(), vec![1]),
        ("batch_norm+residual".to_owned(), vec![2, 3]),
    ];
    let positions: Vec<Vec<usize>> = knobs.iter().map(|(_, positions)| positions.clone()).collect();
    let patients = cures(cells, &positions);
    let line = |line: &str, replaces| GridLine { line: line.into(), replaces };
    let added = patients.iter().filter(|patient| patient.cures.is_empty()).map(|patient| {
        let is_even = patient.cell % 2 == 0;
        let line =
            if is_even { line("model.init = [\"a\", \"b\"]", true) } else { line("train.steps = [1, 5]", false) };
        (patient.cell, line)
    });
    look(&Cures::new(axes, knobs, cells, &patients, added.collect()))
}

#[test]
fn a_few_lines_say_which_changes_cure_most() {
    insta::assert_snapshot!(with(&grid(), |cures| cures.text(false)));
}

#[test]
fn with_all_every_sick_cell_has_its_cures() {
    insta::assert_snapshot!(with(&grid(), |cures| cures.text(true)));
}

#[test]
fn what_nothing_cures_is_said_and_of_the_healthy_and_of_a_single_cell_nothing() {
    let sick: Vec<(Vec<Shown>, CellSummary)> = grid().into_iter().filter(|(_, cell)| cell.learned == 0).collect();
    let text = with(&sick[..2], |cures| cures.text(false));
    assert_eq!(
        text,
        "\ncures: of 2 cells in which not every seed learned, a single change in this grid cures none\n  1 cell that nothing here \
         cures, depth 20; to try, in [grid], in place of the line of model.init: model.init = [\"a\", \"b\"]\n  1 cell that \
         nothing here cures, depth 50; to try, add to [grid]: train.steps = [1, 5]\n"
    );
    assert_eq!(with(&grid()[6..8], |cures| cures.text(false)), "", "every seed learned both");
    let one = with(&grid()[..1], |cures| cures.text(false));
    assert!(one.starts_with("\ncures: there is no other cell to compare with; to try, in [grid]"), "{one}");
    assert_eq!(with(&grid()[6..7], |cures| cures.text(false)), "");
}

#[test]
fn of_many_cells_that_nothing_cures_the_lines_that_are_for_most_of_them_are_shown() {
    let phi = |i: u64| Shown::Text(format!("phi{i}"));
    let values = |i: u64| vec![phi(i), Shown::Int(i), Shown::Bool(false), Shown::Bool(false)];
    let cells: Vec<_> = (0..5).map(|i| (values(i), cell(Verdict::Vanishing, -12.0, 0))).collect();
    let text = with(&cells, |cures| cures.text(false));
    let line = "  3 cells that nothing here cures, e.g. phi0, depth 0; to try, in [grid], in place of the line of model.init: ";
    assert!(text.contains(line), "{text}");
    let all = with(&cells, |cures| cures.text(true));
    assert_eq!(all.matches("  nothing in this grid cures it; to try, ").count(), 5, "{all}");
}

#[test]
fn many_changes_stay_within_twelve_lines() {
    let of = |i: u64, flag: bool, cell| {
        (vec![Shown::Text(format!("phi{i}")), Shown::Int(i), Shown::Bool(flag), Shown::Bool(false)], cell)
    };
    let mut cells: Vec<_> = (0..40).map(|i| of(i % 20, i < 20, cell(Verdict::Vanishing, -12.0, 0))).collect();
    for depth in 0..20 {
        let mut values = of(depth, true, cell(Verdict::Healthy, 0.0, 3));
        values.0[1] = Shown::Int(depth + 1);
        cells.push(values);
    }
    let text = with(&cells, |cures| cures.text(false));
    assert!(text.lines().count() <= 12 && text.contains("other change"), "{text}");
}

#[test]
fn result_json_names_cells_and_changes_by_their_axes() {
    let mut json = Value::Null;
    with(&grid(), |cures| json = cures.json());
    assert_eq!(
        json[0],
        json!({
            "cell": { "activation": "sigmoid", "depth": 20, "batch_norm": false, "residual": false },
            "verdict": "vanishing",
            "learned": "0/3",
            "decades": -12.0,
            "loss": 1.0,
            "cause": "none",
            "why": "",
            "cures": [
                { "axis": "activation", "value": "relu", "decades": 0.0, "loss": 1.0, "verdict": "healthy",
                  "learned": "3/3" },
                { "axis": "batch_norm+residual", "value": [true, false], "decades": -0.3, "loss": 1.0,
                  "verdict": "healthy", "learned": "3/3" },
                { "axis": "batch_norm+residual", "value": [false, true], "decades": 0.1, "loss": 1.0,
                  "verdict": "healthy", "learned": "2/3" },
            ],
            "add": null,
            "add_replaces": null,
        })
    );
    let dead = json.as_array().expect("a list").iter().find(|cell| cell["verdict"] == "dead").expect("one is dead");
    assert_eq!(dead["decades"], Value::Null);
    with(&grid()[..1], |cures| json = cures.json());
    assert_eq!(json[0]["add"], "model.init = [\"a\", \"b\"]");
    assert_eq!(json[0]["add_replaces"], true);
}
