//! Pages of made-up rows: what they say, that no text becomes markup, and how they stay small.

use super::*;
use crate::analysis::SpeedFinding;
use crate::report::LayerSpeeds;
use crate::report::figure::figures;
use crate::report::fixtures::{axis, cell, gathered, grid, recurrent};
use crate::spec::{RunMetric, Shown};
use crate::stats::Statistics;

fn facts() -> PageFacts {
    PageFacts {
        command: "vgrun sweep test.toml --set run.model.activation=relu".into(),
        folder: "results/test-0123abcd".into(),
        config: "name = \"test\"\n".into(),
        vgrun: "0.1.0".into(),
        numerics: 2,
        plan: "0123abcd".into(),
        checked: vec![CheckedCase {
            kind: "expect".into(),
            name: "relu lives".into(),
            status: "failed".into(),
            messages: vec!["it does not".into()],
            line: 7,
        }],
        tables: vec![table("runs.csv", Some("ab12"))],
    }
}

fn table(file: &str, sha256: Option<&str>) -> PageTable {
    PageTable { file: file.into(), what: "One row per run.".into(), sha256: sha256.map(str::to_owned) }
}

fn of(gathered: &Gathered) -> String {
    page(gathered, &figures(gathered), &facts())
}

/// The script's data, as a browser reads it.
fn data(page: &str) -> serde_json::Value {
    let start = page.split("id=\"data\">").nth(1).unwrap();
    serde_json::from_str(start.split("</script>").next().unwrap()).unwrap()
}

/// `depths` depths by `rates` rates, of which depth alone does something.
fn large(depths: usize, rates: usize) -> Gathered {
    let ints = |n: usize| (0..n).map(|i| Shown::Int(i as u64)).collect();
    let axes = vec![axis("model.depth", ints(depths)), axis("train.learning_rate", ints(rates))];
    let cells = (0..depths).flat_map(|d| (0..rates).map(move |r| cell(&[d, r], 3, -(d as f64) / 100.0, 2)));
    gathered(axes, cells.collect())
}

#[test]
fn a_page_says_what_came_of_the_experiment_and_how_to_make_it_again() {
    let page = of(&grid());
    for text in [
        "<h1>test</h1>",
        "because",
        "Of 8 runs in 4 cells, 2 vanish and 6 are healthy; 5 learned.",
        "What matters most to the gradients is init_gain: from 0.5 to 1.0 changes them by +2.0 decades in the mean.",
        "No single change in this grid cures any of 2 cells in which not every seed learned.",
        "<code id=\"command\">vgrun sweep test.toml --set run.model.activation=relu</code>",
        "This makes <code>results/test-0123abcd</code>",
        "vgrun 0.1.0, numerics version 2, plan 0123abcd",
        "href=\"runs.csv\"",
        "<code id=\"sums\">ab12  runs.csv\n</code>",
        "1 case checked: 1 failed, 0 undecided.",
        "it does not",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page, of(&grid()), "of the same rows the same bytes");
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/2000/svg").count()
    );
}

#[test]
fn tables_that_are_not_there_are_named_and_have_no_checksum() {
    let with = |tables| page(&grid(), &[], &PageFacts { tables, ..facts() });
    let some = with(vec![table("runs.csv", Some("ab12")), table("steps.csv", None), table("trace.csv", None)]);
    assert!(some.contains("steps.csv and trace.csv are not there: the command above writes them."));
    assert!(some.contains(">ab12  runs.csv\n<") && !some.contains("href=\"steps.csv\""));
    assert!(!with(vec![table("runs.csv", Some("ab12"))]).contains("not there"));
    let none = with(vec![table("runs.csv", None)]);
    assert!(none.contains("runs.csv is not there: the command above writes it.") && !none.contains("SHA256SUMS"));
}

#[test]
fn a_page_says_what_saves_runs_and_what_to_try_and_that_nothing_matters_where_nothing_does() {
    let mut rows = grid();
    for effect in &mut rows.effects {
        effect.effect.init_decades.effect = -0.04;
    }
    let saving = crate::analysis::Saving { verdict: Verdict::Dead, from: 1, to: 0, saved: 3, lost: 4, pairs: 4 };
    let [from, to] = [8, 2].map(|depth| vec![Shown::Int(depth)]);
    rows.effects[1].saving = Some(crate::report::gathered::AxisSaving { from, to, saving });
    rows.cells[1].line =
        Some(crate::plan::GridLine { line: "model.batch_norm = [false, true]".into(), replaces: false });
    let page = of(&rows);
    assert!(!page.contains("What matters most"));
    assert!(page.contains("A change of depth from 8 to 2 saves 3 of 4 runs from dying."));
    let data = data(&page);
    let add = "Nothing in this grid cures this cell. To try, add to [grid]: model.batch_norm = [false, true]";
    assert_eq!((&data["cells"][1]["add"], &data["cells"][0]["add"]), (&add.into(), &serde_json::Value::Null));
}

#[test]
fn the_numbers_of_a_cell_are_those_that_were_gathered() {
    let shown = data(&of(&grid()));
    assert_eq!(shown["first"], 1, "the one that vanishes");
    let sick = &shown["cells"][1];
    assert_eq!(sick["at"], serde_json::json!([0, 1]));
    assert_eq!(sick["row"], serde_json::json!(["vanishing", "0/2", "-8.0", "\u{2013}", "+1.500", "1.500", "1.500"]));
    assert_eq!(sick["sort"][2], -8.0);
    let profile = &sick["detail"]["profile"];
    assert_eq!(profile["at"], serde_json::json!([1, 2, 3]));
    assert_eq!(profile["init"]["mean"], serde_json::json!([-9.0, -5.0, -1.0]));
    assert_eq!(profile["init"]["low"], serde_json::json!([-9.25, -5.25, -1.25]));
    assert_eq!(profile["theory"], serde_json::json!([-9.0, -5.0, -1.0]));
    let speed = &sick["detail"]["speed"];
    assert_eq!(speed["at"], serde_json::json!([1, 2, 3]));
    assert_eq!(speed["mean"]["mean"], serde_json::json!([-10.0, -6.0, -2.0]));
    assert_eq!(speed["mean"]["high"], serde_json::json!([-9.75, -5.75, -1.75]));
    assert_eq!(sick["detail"]["heat"]["values"][0], serde_json::json!([-12.0, -13.0, -14.0]));
    let recurrent = data(&of(&recurrent()));
    assert_eq!(recurrent["cells"][0]["row"][2], "-3.0");
    assert_eq!(recurrent["cells"][0]["detail"]["lag"]["init"]["mean"], serde_json::json!([0.0, -1.0, -2.0, -3.0]));
}

#[test]
fn how_fast_layers_learn_is_a_fact_where_there_is_something_to_say() {
    let mut rows = grid();
    rows.cells[1].speed = Some(SpeedFinding::Uneven { decades: -4.6, layers: 3 });
    let cells = &data(&of(&rows))["cells"];
    let fact = |cell: usize| {
        let facts = cells[cell]["facts"].as_array().unwrap();
        facts.iter().find(|fact| fact[0] == "learning speed").map(|fact| fact[1].clone())
    };
    assert_eq!((fact(1), fact(0)), (Some("layer 1 learns 4e4 times more slowly than layer 3".into()), None));
}

#[test]
fn the_share_that_learned_has_an_interval_within_0_and_1() {
    let cells = &data(&of(&grid()))["cells"];
    let facts = |cell: usize| cells[cell]["facts"].to_string();
    assert!(facts(1).contains("0 of 2 runs: 0.000 [0.000, 0.658], share and 95 % interval"), "{}", facts(1));
    assert!(facts(0).contains(" of 2 runs: "), "{}", facts(0));
}

#[test]
fn every_verdict_has_its_letter_its_colour_and_its_meaning() {
    let page = of(&grid());
    for verdict in Verdict::ALL {
        let (name, letter) = (verdict.name(), verdict.letter());
        let rule = format!(".verdict.{name}::before {{ content: \"{letter}\"; ");
        assert!(page.contains(&rule) && page.contains(&format!("background: {};", hex(colour(verdict)))), "{name}");
        assert!(
            page.contains(&format!("<span class=\"verdict {name}\">{name}</span>: {}", meaning(verdict))),
            "{name}"
        );
    }
}

#[test]
fn a_slope_over_time_steps_stands_in_a_column_of_its_own() {
    let titles = |gathered: &Gathered| {
        columns(gathered)
            .iter()
            .map(|column| column.title)
            .filter(|title| title.starts_with("per "))
            .collect::<Vec<_>>()
    };
    assert_eq!(titles(&grid()), ["per layer"]);
    let mut rows = recurrent();
    assert_eq!(titles(&rows), ["per time step"], "nets of one layer");
    rows.cells[0].net = grid().cells[0].net;
    assert_eq!(titles(&rows), ["per layer", "per time step"]);
    rows.cells[0].headline = RunMetric::ALL
        .map(|metric| Statistics::of(if metric == RunMetric::InitDecadesPerStep { vec![f64::NAN] } else { vec![1.0] }))
        .to_vec();
    let row = &data(&of(&rows))["cells"][0]["row"];
    assert_eq!([&row[4], &row[5]], ["+1.000", "\u{2013}"]);
}

#[test]
fn no_text_becomes_markup() {
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&</svg>";
    let mut rows = grid();
    rows.why = hostile.into();
    rows.axes[0] = axis("model.init_gain", vec![Shown::Text(hostile.into()), Shown::Float(1.0)]);
    rows.cells[1].cell.why = hostile.into();
    rows.failures = vec![(3, hostile.into())];
    let mut said = facts();
    said.config = hostile.into();
    said.checked[0].name = hostile.into();
    said.checked[0].messages = vec![hostile.into()];
    let page = page(&rows, &figures(&rows), &said);
    assert!(page.contains("alert(1)"), "the text is there");
    assert_eq!(page.matches("<script").count(), 2, "the data and the page's own");
    assert!(!page.contains("<img"));
    assert_eq!(data(&page)["axes"][0]["values"][0], hostile, "and reads as it was");
}

#[test]
fn cells_that_are_too_many_are_grouped_by_the_axes_that_matter() {
    let rows = large(50, 100);
    let grouping = group(&rows, groups::MOST);
    assert_eq!((grouping.axes.as_slice(), grouping.folded.as_slice()), (&[0][..], &[1][..]));
    assert_eq!(grouping.groups.len(), 50);
    assert_eq!(grouping.groups[7].cells, (700..800).collect::<Vec<_>>());
    assert_eq!(grouping.row_of(5000)[799], 7);
    let page = of(&rows);
    assert!(page.contains("The 5000 cells are shown as 50 groups: a row stands for all values of learning_rate"));
    let data = data(&page);
    assert_eq!(data["cells"][7]["row"][1], "200/200", "all runs of the group count");
    assert_eq!(data["cells"][7]["facts"][0][1], "of 100 cells the one with learning_rate = 0");
    assert_eq!(group(&large(20, 100), groups::MOST).folded, [0; 0], "2,000 rows are not too many");
}

#[test]
fn a_group_shows_its_most_frequent_verdict() {
    let mut rows = large(50, 100);
    let healthy = cell(&[7, 0], 3, 0.0, 2);
    rows.cells[700] = healthy;
    for i in 701..800 {
        rows.cells[i] = cell(&[7, i - 700], 3, -5.0, 0);
    }
    let grouping = group(&rows, groups::MOST);
    assert_eq!(grouping.groups[7].shown, 701);
    assert_eq!(data(&of(&rows))["cells"][7]["row"][0], "vanishing 198/200");
}

#[test]
fn curves_are_thinned_until_they_fit_and_the_page_says_so() {
    let mut rows = large(40, 50);
    let wide = |row: &mut crate::report::CellRow| {
        let detail = row.detail.as_mut().unwrap();
        let band = detail.profile.init[0];
        detail.profile.layers = (1..=100).collect();
        detail.profile.init = vec![band; 100];
        detail.profile.last = vec![band; 100];
        detail.profile.predicted = vec![-1.125; 100];
        detail.speeds = LayerSpeeds { layers: (1..=100).collect(), bands: vec![band; 100] };
    };
    assert!(!of(&rows).contains("To keep this page small"));
    rows.cells.iter_mut().for_each(wide);
    let page = of(&rows);
    assert!(page.len() < 4_000_000, "{}", page.len());
    assert!(page.contains("To keep this page small, curves of single cells have at most"), "it says so");
    let profile = &data(&page)["cells"][0]["detail"]["profile"];
    let layers = profile["at"].as_array().unwrap();
    assert!((8..100).contains(&layers.len()) && layers[0] == 1 && layers[layers.len() - 1] == 100, "{layers:?}");
    assert_eq!(profile["init"]["mean"].as_array().unwrap().len(), layers.len());
}

#[test]
fn an_experiment_without_results_has_a_page_that_says_so() {
    let mut rows = grid();
    for row in &mut rows.cells {
        row.detail = None;
        row.counts = crate::report::RunCounts { missing: 2, ..Default::default() };
        row.cell.verdict = None;
    }
    rows.counts = crate::report::RunCounts { missing: 8, ..Default::default() };
    let page = of(&rows);
    assert!(page.contains("None of 8 runs has a result yet."));
    assert!(page.contains("0 failed and 8 have no result yet"));
    assert_eq!(data(&page)["cells"][0]["row"][0], "no result");
}
