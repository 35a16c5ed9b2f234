//! What expectations speak of: which runs, in which cells, compared with which; and that they change nothing else.

use vgrun::config::{Check, Source};
use vgrun::metric::Verdict;
use vgrun::plan::{self, MatchedCell, Plan};
use vgrun::spec::{Assertion, Bounds, Claim, LayerAt, LayerMetric, Metric, Of, Reading, StepAt, key_index};

const GRID: &str = "name = \"claims\"\n[run]\nmodel.width = 8\n[grid]\nmodel.depth = [5, 10]\nmodel.activation = [\"relu\", \"sigmoid\", \"tanh\"]\nseed = { from = 0, count = 2 }\n";

fn plan(text: &str) -> Plan {
    plan::plan(&Source::new("claims.toml", text), &[])
        .unwrap_or_else(|errors| panic!("{}", vgrun::config::render(&errors, false)))
}

fn expecting(rest: &str) -> Plan {
    plan(&format!("{GRID}[[expect]]\nname = \"a claim\"\n{rest}\n"))
}

fn matched(plan: &Plan) -> Vec<MatchedCell> {
    plan.matched(&plan.expectations()[0])
}

fn runs(plan: &Plan) -> Vec<Vec<usize>> {
    matched(plan).into_iter().map(|cell| cell.runs).collect()
}

#[test]
fn expectations_change_neither_runs_nor_tables() {
    let without = plan(GRID);
    let with = expecting("where = { model.depth = 5 }\nlearned = true\n[check]\nbaseline = \"a.csv\"");
    assert_eq!((with.hash(), with.len()), (without.hash(), without.len()));
    assert_eq!((with.tables(), with.columns()), (without.tables(), without.columns()));
    for run in with.runs() {
        assert_eq!(with.id(run), without.id(run));
    }
    assert_eq!((with.expectations().len(), without.expectations().len()), (1, 0));
}

#[test]
fn where_is_read_as_a_rule_and_its_runs_come_by_cell_in_the_order_of_the_plan() {
    let of = |rest: &str| runs(&expecting(&format!("{rest}\nlearned = true")));
    assert_eq!(of("where = { model.activation = [\"tanh\", \"relu\"], model.depth = 10 }"), [[6, 7], [10, 11]]);
    assert_eq!(of("").len(), 6);
    assert_eq!(of("where = {}"), of(""));
    assert_eq!(of("where = { seed = 1 }"), [[1], [3], [5], [7], [9], [11]]);
    let table = "learned = true\n[expect.where.model]\ndepth = { from = 10, count = 3 }\nactivation = \"tanh\"";
    assert_eq!(runs(&expecting(table)), [[10, 11]]);
}

#[test]
fn a_partner_differs_in_the_keys_of_versus_alone() {
    let claim = "metric = \"loss_last\"\nversus = { model.activation = \"relu\" }\nmin_difference = 0";
    let plan = expecting(&format!("where = {{ model.activation = [\"sigmoid\", \"tanh\"] }}\n{claim}"));
    for cell in matched(&plan) {
        let partners = cell.partners.expect("the claim compares");
        assert_eq!(partners.len(), 2);
        for (run, partner) in cell.runs.into_iter().zip(partners) {
            let mut point = plan.point(run);
            point.model.activation = vgrun::nn::Activation::Relu;
            assert_eq!(plan.point(partner.expect("relu is there")), point);
        }
    }
    assert_eq!(runs(&plan), [[2, 3], [4, 5], [8, 9], [10, 11]]);
}

#[test]
fn a_cell_without_a_partner_is_warned_of_and_one_missing_seed_is_no_cell_of_its_own() {
    let claim = "[[expect]]\nname = \"a\"\nwhere = { model.activation = \"tanh\" }\nmetric = \"loss_last\"\nversus = { model.activation = \"relu\" }\nmin_difference = 0\nevery_seed = true\n";
    let excluded = "[[exclude]]\nmodel.activation = \"relu\"\nmodel.depth = 5\nseed = 1\n";
    let one_missing = plan(&format!("{GRID}{excluded}{claim}"));
    assert_eq!(matched(&one_missing)[0].partners.as_ref().map(|p| (p[0].is_some(), p[1])), Some((true, None)));
    assert!(one_missing.warnings().is_empty(), "the other seed is compared");
    let all_missing = plan(&format!("{GRID}{}{claim}", excluded.replace("seed = 1\n", "")));
    let warning = &all_missing.warnings()[0];
    assert!(warning.message.contains("matches no run for 1 of 2 cells"), "{warning:?}");
}

#[test]
fn a_folded_twin_finds_its_run_and_an_excluded_point_does_not() {
    let grid =
        "name = \"twins\"\n[grid]\nmodel.activation = [\"relu\", \"prelu\"]\nmodel.negative_slope = [0.1, 0.2]\n";
    let of = |rest: &str| {
        plan(&format!(
            "{grid}{rest}[[expect]]\nname = \"a\"\nwhere = {{ model.activation = \"relu\", model.negative_slope = 0.2 }}\nlearned = true\n"
        ))
    };
    assert_eq!(runs(&of("")), [[0]]);
    let dropped = "[[exclude]]\nmodel.activation = \"relu\"\nmodel.negative_slope = 0.1\n";
    assert_eq!(of(dropped).axis_values(0)[1].to_string(), "0.2");
    let text = format!("{grid}{}", dropped.replace("0.1", "0.2"));
    let error = plan::plan(
        &Source::new(
            "twins.toml",
            format!(
                "{text}[[expect]]\nname = \"a\"\nwhere = {{ model.activation = \"relu\", model.negative_slope = 0.2 }}\nlearned = true\n"
            ),
        ),
        &[],
    );
    assert!(error.expect_err("the point is dropped")[0].message.contains("matches no run"));
}

#[test]
fn a_folded_run_is_compared_with_the_partner_of_each_of_its_points() {
    let plan = plan(
        "name = \"twins\"\n[grid]\nmodel.activation = [\"relu\", \"prelu\"]\nmodel.negative_slope = [0.1, 0.2]\nseed = [1, 2]\n[[expect]]\nname = \"a\"\nwhere = { model.activation = \"relu\" }\nmetric = \"loss_last\"\nversus = { model.activation = \"prelu\" }\nmin_difference = 0\n",
    );
    let cells = matched(&plan);
    let pairs: Vec<_> =
        cells.iter().map(|cell| (cell.runs.clone(), cell.partners.clone().expect("it compares"))).collect();
    assert_eq!(pairs, [(vec![0, 1], vec![Some(2), Some(3)]), (vec![0, 1], vec![Some(4), Some(5)])]);
}

#[test]
fn what_is_written_is_what_is_claimed() {
    let claim = |rest: &str| expecting(rest).expectations()[0].claim.clone();
    let within = |min, max| Assertion::Within(Bounds::new(min, max).expect("bounds"));
    let layer = |layer, step| Reading::Layer { metric: LayerMetric::DeltaRms, layer, step };
    let number = |reading, says, of| Claim::Number { reading, says, of };
    assert_eq!(
        claim("metric = \"delta_rms\"\nlayer = 2\nmin = 1e-3"),
        number(
            layer(LayerAt::Number(2.try_into().expect("positive")), StepAt::First),
            within(Some(1e-3), None),
            Of::Mean
        )
    );
    assert_eq!(
        claim("metric = \"delta_rms\"\nlayer = \"head\"\nstep = 10\nequals = 1\ntolerance = 0.25\nevery_seed = true"),
        number(layer(LayerAt::Head, StepAt::Number(10)), within(Some(0.75), Some(1.25)), Of::EverySeed)
    );
    let relation = claim(
        "where = { model.activation = \"relu\" }\nmetric = \"delta_rms\"\nlayer = \"last\"\nstep = \"last\"\nversus = { model.activation = \"tanh\" }\ndecades = 2",
    );
    let Claim::Number { says: Assertion::Decades { versus, at_least }, .. } = relation else { panic!("{relation:?}") };
    assert_eq!(at_least, 2.0);
    assert_eq!(versus.named().iter().collect::<Vec<_>>(), [key_index("model.activation").expect("a key")]);
    let verdict = claim("verdict = [\"healthy\", \"dead\", \"healthy\"]\nat_least = 0.5");
    let Claim::Verdict { any_of, at_least } = verdict else { panic!("{verdict:?}") };
    assert_eq!((any_of, at_least.get()), (vec![Verdict::Dead, Verdict::Healthy], 0.5));
}

#[test]
fn places_reasons_and_the_settings_of_the_check_are_kept() {
    let plan = expecting(
        "learned = true\nexpected_failure = \"it does not yet\"\n[check]\nbaseline = \"old/a.csv\"\ntolerance_decades = 0.5\ntolerance = { test_accuracy = 0.02, delta_rms = 1 }",
    );
    let expectation = &plan.expectations()[0];
    assert_eq!(expectation.expected_failure.as_deref(), Some("it does not yet"));
    assert_eq!((expectation.place.line(), expectation.place_of("learned").line()), (8, 10));
    let check = &plan.experiment().check;
    assert_eq!((check.baseline.as_deref(), check.tolerance_decades), (Some("old/a.csv"), Some(0.5)));
    let named = |name: &str| Metric::named(name).and_then(|metric| check.tolerances.get(&metric)).copied();
    assert_eq!(["test_accuracy", "delta_rms", "grad_norm"].map(named), [Some(0.02), Some(1.0), None]);
    assert_eq!(plan::plan(&Source::new("a.toml", GRID), &[]).expect("a plan").experiment().check, Check::default());
}

#[test]
fn plan_tells_how_many_expectations_there_are() {
    let experiment = crate::experiment::Experiment::new();
    let path = experiment.folder().join("test.toml");
    let overview = |more: &str| {
        let text = format!("{GRID}{more}");
        let mut command = experiment.command(&["plan"]);
        std::fs::write(&path, text).expect("a file");
        String::from_utf8(command.output().expect("vgrun starts").stdout).expect("text")
    };
    assert!(!overview("").contains("expectation"));
    let one = "[[expect]]\nname = \"a\"\nlearned = true\n";
    assert!(overview(one).contains("  to check  1 expectation\n"));
    let two = format!("{one}{}", one.replace("\"a\"", "\"b\""));
    assert!(overview(&two).contains("  to check  2 expectations\n"));
}
