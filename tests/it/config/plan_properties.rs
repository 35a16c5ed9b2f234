//! Laws of plans, over random configs: which runs there are does not depend on how the config is written.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use vgrun::config::{Source, has_errors, render};
use vgrun::plan::{self, Plan, changed_keys};
use vgrun::spec::{Draft, RunSpec, key, key_index};

/// Keys with values that go together whatever else is chosen.
const MENU: [(&str, &[&str]); 10] = [
    ("seed", &["0", "1", "2", "3"]),
    ("model.depth", &["1", "2", "5", "10"]),
    ("model.width", &["4", "8", "64"]),
    ("model.activation", &["\"relu\"", "\"prelu\"", "\"leaky_relu\"", "\"tanh\""]),
    ("model.negative_slope", &["0.01", "0.1", "0.25"]),
    ("model.init", &["\"he\"", "\"xavier\"", "\"orthogonal\""]),
    ("model.residual", &["false", "true"]),
    ("train.optimizer", &["\"sgd\"", "\"momentum\"", "\"adam\""]),
    ("train.momentum", &["0.5", "0.9"]),
    ("train.learning_rate", &["0.02", "0.1", "1e-3"]),
];

type Assignments = Vec<(&'static str, Vec<&'static str>)>;

/// A config as data, to be written in different ways.
#[derive(Debug, Clone)]
struct Config {
    run: Assignments,
    axes: Assignments,
    excludes: Vec<Assignments>,
    includes: Vec<Assignments>,
}

fn assignments(keys: std::ops::RangeInclusive<usize>, values: usize) -> impl Strategy<Value = Assignments> {
    let one = |index: usize| {
        let (key, all) = MENU[index];
        subsequence(all.to_vec(), 1..=all.len()).prop_shuffle().prop_map(move |values| (key, values))
    };
    subsequence((0..MENU.len()).collect::<Vec<_>>(), keys)
        .prop_shuffle()
        .prop_flat_map(move |indices| indices.into_iter().map(one).collect::<Vec<_>>())
        .prop_map(move |mut all| {
            for (_, list) in &mut all {
                list.truncate(values);
            }
            all
        })
}

fn config() -> impl Strategy<Value = Config> {
    let rules = prop::collection::vec(assignments(1..=2, 2), 0..=2);
    let includes = prop::collection::vec(assignments(1..=3, 2), 0..=2);
    (assignments(0..=6, 1), assignments(1..=4, 3), rules, includes).prop_map(|(run, axes, excludes, includes)| Config {
        run,
        axes,
        excludes,
        includes,
    })
}

fn list(values: &[&str]) -> String {
    format!("[{}]", values.join(", "))
}

impl Config {
    fn text(&self) -> String {
        let lines = |all: &Assignments| {
            all.iter().map(|(key, values)| format!("{key} = {}\n", list(values))).collect::<Vec<_>>().concat()
        };
        let run: Vec<String> = self.run.iter().map(|(key, value)| format!("{key} = {}\n", value[0])).collect();
        let mut text = format!("name = \"law\"\n[run]\n{}[grid]\n{}", run.concat(), lines(&self.axes));
        for rule in &self.excludes {
            text.extend([format!("[[exclude]]\n{}", lines(rule))]);
        }
        for include in &self.includes {
            text.extend([format!("[[include]]\n{}", lines(include))]);
        }
        text
    }

    /// The same config by other means: keys of `[run]` turned round and in tables, aliases, defaults said aloud.
    fn other_text(&self, turned: usize) -> String {
        let mut run = self.run.clone();
        for default in [("train.steps", "200"), ("model.bias", "true"), ("train.batch_size", "64")] {
            run.push((default.0, vec![default.1]));
        }
        let turn = turned % run.len();
        run.rotate_left(turn);
        let mut text = self.text();
        let (start, end) = (text.find("[run]").expect("it is there"), text.find("[grid]").expect("it is there"));
        let mut tables = String::from("[run]\n");
        for group in ["", "data", "model", "train"] {
            if !group.is_empty() {
                tables.extend([format!("[run.{group}]\n")]);
            }
            for (key, value) in &run {
                let (of, name) = key.split_once('.').unwrap_or(("", key));
                if of == group {
                    tables.extend([format!("{name} = {}\n", value[0])]);
                }
            }
        }
        text.replace_range(start..end, &tables);
        text.replace("\"he\"", "\"kaiming\"").replace("\"xavier\"", "\"glorot\"").replace("1e-3", "0.001")
    }

    /// The points of `axes` over `[run]`, as nested loops.
    fn points(&self, axes: &Assignments) -> Vec<RunSpec> {
        let mut drafts = vec![Draft::default()];
        let all = self.run.iter().chain(axes);
        for (key, values) in all {
            let set = |draft: &Draft, text: &&str| {
                let mut draft = draft.clone();
                let value = toml::from_str::<toml::Table>(&format!("x = {text}")).expect("TOML")["x"].clone();
                assert!(draft.set(key_index(key).expect("a key"), &value));
                draft
            };
            drafts = drafts.iter().flat_map(|draft| values.iter().map(move |value| set(draft, value))).collect();
        }
        drafts.into_iter().map(Draft::point).collect()
    }

    fn is_excluded(&self, point: &RunSpec) -> bool {
        let says = |(name, values): &(&str, Vec<&str>)| {
            let shown = (key(name).show)(point).to_string();
            values.iter().any(|v| match *v {
                "\"he\"" => shown == "he_normal",
                "\"xavier\"" => shown == "xavier_normal",
                "1e-3" => shown == "0.001",
                other => shown == other.trim_matches('"'),
            })
        };
        self.excludes.iter().any(|rule| rule.iter().all(says))
    }
}

fn plan_of(text: &str) -> Option<Plan> {
    plan::plan(&Source::new("law.toml", text), &[]).ok()
}

/// A plan that must exist.
fn plan(text: &str) -> Plan {
    match plan::plan(&Source::new("law.toml", text), &[]) {
        Ok(plan) => plan,
        Err(diagnostics) => panic!("{text}\n{}", render(&diagnostics, false)),
    }
}

fn ids(plan: &Plan) -> Vec<String> {
    plan.runs().map(|run| plan.id(run).to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn the_runs_are_the_product_less_the_excluded_with_the_included_each_once(config in config()) {
        // Where a key is used by no point there is no plan: an error of its own.
        let Some(plan) = plan_of(&config.text()) else { return Err(TestCaseError::reject("a key is not used")) };
        let counts = plan.counts();
        prop_assert_eq!(plan.len() as u64, counts.points - counts.excluded + counts.included - counts.folded);

        let mut wanted = Vec::new();
        let mut seen = BTreeSet::new();
        let grid = config.points(&config.axes);
        prop_assert_eq!(counts.points, grid.len() as u64);
        let kept: Vec<RunSpec> = grid.into_iter().filter(|point| !config.is_excluded(point)).collect();
        prop_assert_eq!(counts.points - counts.excluded, kept.len() as u64);
        let included = config.includes.iter().flat_map(|axes| config.points(axes));
        for point in kept.into_iter().chain(included) {
            let (spec, _) = Draft::run(&point);
            prop_assert_eq!(plan.run_of(&point).map(|run| plan.id(run)), Some(spec.id()));
            if seen.insert(spec.id()) {
                wanted.push((point, spec));
            }
        }
        prop_assert_eq!(wanted.len(), plan.len());
        for (run, (point, spec)) in wanted.into_iter().enumerate() {
            prop_assert_eq!(plan.id(run), spec.id());
            prop_assert_eq!(plan.spec(run), spec);
            prop_assert_eq!(plan.point(run), point);
            prop_assert_eq!(plan.find(plan.id(run)), Some(run));
        }
    }

    #[test]
    fn the_way_a_config_is_written_changes_nothing(config in config(), turned in 0_usize..10) {
        let Some(plan) = plan_of(&config.text()) else { return Err(TestCaseError::reject("a key is not used")) };
        let other = self::plan(&config.other_text(turned));
        prop_assert_eq!(ids(&plan), ids(&other));
        prop_assert_eq!(plan.hash(), other.hash());
        prop_assert_eq!(plan.columns(), other.columns());
    }

    #[test]
    fn no_text_brings_the_reader_down(text in "(name = \"a\"\n)?([a-z.\\[\\]{}=\"',# \n0-9é\u{9b}-]|\\[run\\]\n|\\[grid\\]\n|model.depth = |from|count){0,60}", set in "[a-z.=\\[\\]\",{}0-9 ]{0,30}") {
        let (_, diagnostics) = vgrun::config::parse(&Source::new("any.toml", text.clone()), std::slice::from_ref(&set));
        render(&diagnostics, false);
        if !has_errors(&diagnostics) {
            drop(plan::plan(&Source::new("any.toml", text), &[set]));
        }
    }

    #[test]
    fn runs_of_a_cell_differ_in_their_seeds_alone(source in select(vec!["digits", "noise"]), data_seed in 0_u64..2) {
        let follow = plan(&format!("name = \"law\"\n[run]\ndata.source = \"{source}\"\n[grid]\nmodel.depth = [2, 3]\nseed = [0, 1, 2]"));
        let cells: Vec<_> = follow.runs().map(|run| follow.cell(run)).collect();
        prop_assert!(cells[0] == cells[1] && cells[1] == cells[2] && cells[2] != cells[3] && cells[3] == cells[5]);
        let fixed = plan(&format!("name = \"law\"\n[run]\ndata.source = \"noise\"\ndata.seed = {data_seed}\n[grid]\nseed = [0, 1, 2]"));
        prop_assert!(fixed.runs().all(|run| fixed.cell(run) == fixed.cell(0)));
        let swept = plan("name = \"law\"\n[run]\ndata.source = \"noise\"\n[grid]\ndata.seed = [0, 1]\nseed = [0, 1]");
        let cells: BTreeSet<_> = swept.runs().map(|run| swept.cell(run)).collect();
        prop_assert_eq!(cells.len(), 2);
    }
}

#[test]
fn the_first_axis_of_the_file_varies_slowest_and_a_zip_counts_where_it_stands() {
    let plan = plan(
        "name = \"law\"\n[[zip]]\nmodel.width = [8, 16]\ntrain.learning_rate = [0.1, 0.2]\n[grid]\nseed = { from = 1, count = 2 }\nmodel.depth = [3, 2]",
    );
    let names: Vec<&str> = plan.columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["width", "learning_rate", "seed", "depth"]);
    let rows: Vec<String> = plan
        .runs()
        .map(|run| plan.axis_values(run).iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(rows[..5], ["8 0.1 1 3", "8 0.1 1 2", "8 0.1 2 3", "8 0.1 2 2", "16 0.2 1 3"]);
}

#[test]
fn a_folded_twin_finds_its_run_and_is_shown_as_its_first_point() {
    let plan =
        plan("name = \"law\"\n[grid]\nmodel.activation = [\"relu\", \"prelu\"]\nmodel.negative_slope = [0.1, 0.2]");
    assert_eq!((plan.len(), plan.counts().folded), (3, 1));
    assert_eq!(plan.axis_values(0)[1].to_string(), "0.1");
    assert_eq!(plan.run_of(&plan.point_number(1)), Some(0));
}

#[test]
fn a_listed_net_shows_the_depth_it_has() {
    let plan = plan("name = \"law\"\n[grid]\nmodel.depth = [5, 10]\n[[include]]\nmodel.widths = [512, 256, 128]");
    let shown: Vec<String> = plan.runs().map(|run| plan.axis_values(run)[0].to_string()).collect();
    assert_eq!(shown, ["5", "10", "3"]);
}

#[test]
fn includes_alone_list_the_runs() {
    let plan = plan("name = \"law\"\n[[include]]\nmodel.depth = 7\n[[include]]\nmodel.depth = [8, 9]\nseed = [0, 1]");
    assert_eq!((plan.len(), plan.counts().points, plan.counts().included), (5, 0, 5));
}

#[test]
fn the_exclude_that_an_error_prints_mends_it() {
    let text = "name = \"law\"\n[grid]\nmodel.batch_norm = [false, true]\nmodel.layer_norm = [false, true]\nmodel.residual = [false, true]\n\
                model.widths = [[64, 64], [64, 32], [8, 4]]\ntrain.batch_size = [1, 64, \"full\", 2000]\ndata.source = [\"digits\", \"blobs\"]\n";
    let errors = plan::plan(&Source::new("law.toml", text), &[]).expect_err("values clash");
    assert_eq!(errors.len(), 4, "{}", render(&errors, false));
    let mut mended = text.to_string();
    for help in errors.iter().flat_map(|error| &error.help) {
        mended.push_str(help.strip_prefix("to leave these points out, add").expect("a remedy"));
        mended.push('\n');
    }
    let mended = plan(&mended);
    assert!(mended.warnings().is_empty(), "{}", render(mended.warnings(), false));
    assert_eq!(mended.counts().points, 192);
    assert!(mended.counts().excluded < 192);
}

#[test]
fn an_exclude_that_drops_nothing_is_a_warning() {
    let plan = plan(
        "name = \"law\"\n[grid]\nmodel.depth = [5, 10]\n[[exclude]]\nmodel.depth = 20\n[[exclude]]\nmodel.activation = \"tanh\"",
    );
    insta::assert_snapshot!(render(plan.warnings(), false));
}

#[test]
fn set_replaces_an_axis_in_place_and_appends_a_new_one() {
    let text = "name = \"law\"\n[run]\ntrain.steps = 100\n[grid]\nmodel.depth = [5, 10]\nmodel.activation = [\"relu\"]";
    let sets = [
        "grid.model.depth=[2]",
        "grid.seed={from=3,count=2}",
        "run.train.steps=7",
        "name=other",
        "why=a look",
        "grid.model.activation=[tanh,sigmoid]",
        "output.tables=[runs]",
        "max_runs=4",
    ];
    let plan = plan::plan(&Source::new("law.toml", text), &sets.map(String::from)).expect("a plan");
    let names: Vec<&str> = plan.columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["depth", "activation", "seed"]);
    assert_eq!(plan.axis_values(1).iter().map(ToString::to_string).collect::<Vec<_>>(), ["2", "tanh", "4"]);
    assert_eq!(plan.spec(0).train.steps.get(), 7);
    let experiment = plan.experiment();
    assert_eq!((experiment.name.as_str(), experiment.why.as_str()), ("other", "a look"));
    assert_eq!(plan.tables(), [vgrun::config::Table::Runs]);
}

#[test]
fn the_keys_that_changed_between_two_plans_are_named() {
    let of = |text: &str| plan(&format!("name = \"law\"\n{text}")).value_sets();
    let old = of("[run]\ntrain.steps = 100\n[grid]\nmodel.depth = [5, 10]\nseed = [0, 1]");
    let new = of("[run]\ntrain.steps = 200\n[grid]\nmodel.depth = [10, 20]\nseed = { from = 2, count = 5 }");
    let changes: Vec<String> = changed_keys(&old, &new).iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["seed changed (0, 1 -> 2, 3, 4, ..)", "train.steps changed (100 -> 200)"]);
}

#[test]
fn tables_are_sized_and_the_longest_run_comes_first() {
    let plan =
        plan("name = \"law\"\n[run]\ntrace.every = 1\n[grid]\nmodel.depth = [5, 50]\nseed = { from = 0, count = 100 }");
    let sizes = plan.table_sizes();
    let rows: Vec<u64> = sizes.iter().map(|size| size.rows).collect();
    assert_eq!(rows, [200, 2, 5_700, 40_000, 1_140_000, 1]);
    assert!(sizes[4].warning().expect("larger than a sheet").contains("raise trace.every"));
    assert!(sizes[..4].iter().all(|size| size.warning().is_none()));
    assert_eq!(plan.order()[..2], [100, 101]);
    assert_eq!(plan.order()[199], 99);
}
