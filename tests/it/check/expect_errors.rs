//! Every kind of expectation that cannot be judged, with the message that its author gets to read before anything trains.

use vgrun::config::{Source, render};
use vgrun::plan;

use crate::config::advice::follow;

/// A grid of 2 depths, 2 activations and 3 seeds.
const GRID: &str = "name = \"bad\"\n[run]\nmodel.width = 8\ntrain.steps = 100\n[grid]\nmodel.depth = [5, 10]\nmodel.activation = [\"relu\", \"sigmoid\"]\nseed = { from = 0, count = 3 }\n";

/// What is said about a config that cannot be judged.
fn message(text: &str) -> String {
    match plan::plan(&Source::new("bad.toml", text), &[]) {
        Ok(plan) => panic!("it has a plan of {} runs", plan.len()),
        Err(diagnostics) => {
            follow(text, &diagnostics);
            render(&diagnostics, false)
        }
    }
}

/// A test for each bad config: its name and what follows the grid.
macro_rules! bad {
    ($($name:ident: $rest:expr;)+) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(concat!("expect_", stringify!($name)), message(&format!("{GRID}{}\n", $rest)));
        }
    )+};
}

/// A block with a name, and `rest` below it.
fn expect(rest: &str) -> String {
    format!("[[expect]]\nname = \"a claim\"\n{rest}\n")
}

bad! {
    unknown_key: expect("metric = \"loss_last\"\nmaks = 1\nmodel.depth = 5");
    unknown_metric: expect("metric = \"delta_rsm\"\nlayer = 1\nmin = 1e-3");
    unknown_verdict: expect("verdict = [\"vanishing\", \"vanished\"]") + &expect("verdict = []").replace("a claim", "b");
    learned_that_is_no_truth: expect("learned = \"yes\"");
    keys_below_the_table_of_points: expect("[expect.where]\nmodel.depth = 5\nmetric = \"loss_last\"\nmax = 1");
    no_subject: expect("where = { model.depth = 5 }");
    two_subjects: expect("metric = \"loss_last\"\nverdict = \"healthy\"\nmax = 1");
    no_name: "[[expect]]\nlearned = true\n[[expect]]\nname = \"\"\nlearned = true";
    two_of_one_name: expect("learned = true") + &expect("verdict = \"healthy\"");
    no_claim: expect("metric = \"loss_last\"");
    min_above_max: expect("metric = \"loss_last\"\nmin = 2\nmax = 1");
    bounds_that_are_none: expect("metric = \"loss_last\"\nmin = nan\nmax = \"1.0\"");
    a_negative_norm: expect("metric = \"grad_norm\"\nlayer = 1\nmin = -2");
    equal_to_a_negative_norm: expect("metric = \"grad_norm\"\nlayer = 1\nequals = -3\ntolerance = 1");
    equals_without_tolerance: expect("metric = \"loss_last\"\nequals = 2");
    tolerance_without_equals: expect("metric = \"loss_last\"\ntolerance = 0.1\nmin = 1");
    equals_and_a_bound: expect("metric = \"loss_last\"\nequals = 2\ntolerance = -0.1\nmin = 1");
    versus_without_a_relation: expect("metric = \"loss_last\"\nversus = { model.activation = \"sigmoid\" }");
    versus_with_two_relations: expect("where = { model.activation = \"relu\" }\nmetric = \"delta_rms\"\nlayer = 1\nversus = { model.activation = \"sigmoid\" }\nmin_difference = 1\ndecades = 1");
    versus_with_a_bound: expect("metric = \"loss_last\"\nversus = { model.activation = \"sigmoid\" }\nmin_difference = 0\nmax = 1");
    a_relation_without_versus: expect("metric = \"loss_last\"\nmin_difference = 1");
    versus_that_is_no_overlay: expect("metric = \"loss_last\"\nversus = { seed = 3, model.depth = [5, 10], model.activation = \"rleu\" }\nmin_difference = 1");
    versus_of_nothing: expect("metric = \"loss_last\"\nversus = {}\nmin_difference = 1");
    decades_of_what_is_no_norm: expect("where = { model.activation = \"relu\" }\nmetric = \"loss_last\"\nversus = { model.activation = \"sigmoid\" }\ndecades = 1");
    a_layer_metric_without_a_layer: expect("metric = \"delta_rms\"\nmin = 1e-3");
    a_lag_metric_without_a_lag: expect("metric = \"dh_rms\"\nmin = 1e-3");
    places_that_a_metric_does_not_have: expect("metric = \"loss_last\"\nlayer = 1\nstep = 0\nlag = 3\nmax = 1");
    places_that_are_none: expect("metric = \"delta_rms\"\nlayer = 0\nstep = \"end\"\nmax = 1");
    a_layer_beyond_the_net: expect("where = { model.depth = 5 }\nmetric = \"delta_rms\"\nlayer = 6\nmax = 1");
    a_step_that_is_not_traced: expect("metric = \"delta_rms\"\nlayer = \"last\"\nstep = 95\nmax = 1");
    a_step_beyond_the_last: expect("metric = \"delta_rms\"\nlayer = \"head\"\nstep = 100\nmax = 1");
    lags_of_a_net_without_time: expect("metric = \"dh_rms\"\nlag = 1\nmax = 1");
    slopes_of_a_net_without_time: expect("metric = \"init_decades_per_step\"\nmax = 1");
    a_share_that_is_none: expect("learned = true\nat_least = 1.5");
    a_share_of_a_metric: expect("metric = \"loss_last\"\nmax = 1\nat_least = 0.5");
    what_a_verdict_does_not_have: expect("verdict = \"healthy\"\nlayer = 1\nmin = 0.5\nevery_seed = true");
    a_failure_without_a_reason: expect("learned = true\nexpected_failure = \"\"");
    where_that_is_no_table: expect("where = \"relu\"\nlearned = true");
    where_with_slips: expect("where = { model.dpeth = 5, model.activation = [\"relu\", \"tahn\"] }\nlearned = true");
    where_of_a_value_that_no_run_has: expect("where = { model.depth = 7, model.activation = \"relu\" }\nlearned = true");
    where_of_values_that_no_run_has_together: "[[exclude]]\nmodel.depth = 10\nmodel.activation = \"sigmoid\"\n".to_string() + &expect("where = { model.depth = 10, model.activation = \"sigmoid\" }\nlearned = true");
    versus_that_matches_nothing: expect("where = { model.activation = \"relu\" }\nmetric = \"loss_last\"\nversus = { model.activation = \"tanh\" }\nmin_difference = 0");
    a_run_beside_itself: expect("metric = \"loss_last\"\nversus = { model.activation = \"sigmoid\" }\nmin_difference = 0");
    one_seed_for_a_mean: expect("where = { seed = 1 }\nmetric = \"loss_last\"\nmax = 1");
    single_brackets: "[expect]\nname = \"a\"\nlearned = true";
    several_in_one_file: expect("metric = \"loss\"\nmax = 1") + "[[expect]]\nname = \"b\"\nwhere = { model.depth = 6 }\nlearned = true";
    bad_settings_of_the_check: "[check]\nbasline = \"a.csv\"\ntolerance_decades = -1\ntolerance = { loss_lats = 0.1, act_mean = 0.1, test_loss = \"0.1\" }";
    settings_of_the_check_that_are_none: "[check]\nbaseline = 5\ntolerance = 0.1";
}

#[test]
fn lags_are_those_of_the_sequences_and_cell_states_those_of_an_lstm() {
    let text = |kind: &str, claim: &str| {
        format!(
            "name = \"bad\"\n[run]\nmodel.kind = \"{kind}\"\ndata.source = \"adding\"\ndata.length = 20\n[grid]\nseed = [1, 2]\n{}",
            expect(claim)
        )
    };
    let is_plan = |text: &str| plan::plan(&Source::new("lags.toml", text), &[]).is_ok();
    assert!(is_plan(&text("lstm", "metric = \"dc_rms\"\nlag = 19\nstep = \"last\"\nmax = 1")));
    assert!(message(&text("lstm", "metric = \"dc_rms\"\nlag = 20\nmax = 1")).contains("the largest lag is 19"));
    assert!(is_plan(&text("gru", "metric = \"dh_rms\"\nlag = 0\nmax = 1")));
    assert!(message(&text("gru", "metric = \"dc_rms\"\nlag = 0\nmax = 1")).contains("has no cell state"));
    let message = message(&text("gru", "metric = \"accuracy_last\"\nmin = 1"));
    assert!(message.contains("a net that learns a number has no accuracy"), "{message}");
}

#[test]
fn errors_of_expectations_hide_no_error_of_the_runs() {
    let text = GRID.replace("train.steps = 100", "train.momentum = 0.5");
    let message = message(&format!("{text}{}", expect("where = { model.depth = \"five\" }\nlearned = true")));
    assert!(message.contains("\"five\" is not a value of `model.depth`"), "{message}");
    assert_eq!(message.matches("error:").count(), 2, "{message}");
    assert!(message.contains("`train.momentum` is used by no point"), "{message}");
}
