//! The pictures of made-up rows in characters.

use super::*;
use crate::nn::ModelKind;
use crate::report::band::{Band, Mark};
use crate::report::detail::{LayerSpeeds, Thinned};
use crate::report::fixtures::{axis, band, cell, gathered, grid, marked, recurrent};
use crate::report::gathered::{GridAxis, NetFacts, RunCounts};
use crate::spec::Shown;

const PLAIN: Screen = Screen { colours: Colours::None, width: 80 };

/// Draws on a screen without colours, and checks that every line fits.
fn drawn(gathered: &Gathered, width: usize) -> String {
    let text = terminal(gathered, Screen { width, ..PLAIN });
    for line in text.lines() {
        assert!(line.chars().count() <= width.max(32), "{line:?} is wider than {width} in\n{text}");
    }
    text
}

/// Returns the text on one line, so that words are found wherever lines end.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn without_colours_there_is_no_escape_and_with_them_the_same_letters() {
    let plain = drawn(&grid(), 80);
    insta::assert_snapshot!(plain);
    assert!(!plain.contains('\u{1b}'));
    let coloured = terminal(&grid(), Screen { colours: Colours::Ansi, ..PLAIN });
    assert!(coloured.contains("\u{1b}[38;2;") && coloured.contains("init_gain 0.5"));
}

#[test]
fn recurrent_nets_are_drawn_through_time() {
    insta::assert_snapshot!(drawn(&recurrent(), 80));
}

#[test]
fn on_a_narrow_screen_names_and_numbers_have_lines_of_their_own() {
    insta::assert_snapshot!(drawn(&recurrent(), 40));
}

#[test]
fn a_letter_stands_where_a_number_is_none() {
    for (mark, letter) in Mark::ALL.into_iter().zip(['0', 'u', 'x', 'i']) {
        let mut gathered = grid();
        let detail = gathered.cells[3].detail.as_mut().unwrap();
        detail.profile.init[1] = marked(mark);
        detail.heat.marks[0] = Some(mark);
        let text = drawn(&gathered, 80);
        assert_eq!(text.matches(&format!("Letters, of any seed: {letter} {}.", mark.name())).count(), 2, "{text}");
        assert!(text.lines().any(|line| line.contains("init_gain 1.0") && line.contains(letter)), "{text}");
        assert!(text.lines().any(|line| line.trim_start().starts_with(&format!("1 {letter}"))), "{text}");
    }
}

#[test]
fn the_speed_of_each_layer_stands_below_the_error() {
    let mut gathered = grid();
    gathered.cells[1].detail.as_mut().unwrap().speeds.bands[0] = marked(Mark::Zero);
    let text = drawn(&gathered, 80);
    let speed = text.split("How fast each layer learns").nth(1).unwrap().split("Gradient norm").next().unwrap();
    let line = |name: &str| flat(speed.lines().find(|line| line.contains(name)).unwrap());
    assert_eq!(line("init_gain 0.5"), "init_gain 0.5 0 0\u{2581}\u{2587} 0.010 -");
    assert!(line("init_gain 1.0").ends_with("0.010 +0.5") && flat(speed).contains("0 zero."), "{speed}");
    assert!(!drawn(&recurrent(), 80).contains("How fast"), "nets of one layer");
}

#[test]
fn words_do_not_drive_the_terminal() {
    let mut gathered = grid();
    gathered.axes[0].name = "\u{1b}[2Jgain".into();
    assert!(!drawn(&gathered, 80).contains('\u{1b}'));
}

/// An axis that tells no cells apart.
fn one_width() -> Vec<GridAxis> {
    vec![axis("model.width", vec![Shown::Int(8)])]
}

/// One cell of so many hidden layers and traced steps.
fn large(hidden: usize, steps: usize) -> Gathered {
    let mut row = cell(&[0], hidden, -0.5, 2);
    let detail = row.detail.as_mut().unwrap();
    detail.profile.layers = (1..=hidden).collect();
    detail.profile.init = vec![band(&[-1.0]); hidden];
    detail.speeds = LayerSpeeds { layers: detail.profile.layers.clone(), bands: detail.profile.init.clone() };
    detail.heat.layers = (1..=hidden + 1).collect();
    detail.heat.steps = (0..steps).collect();
    detail.heat.values = vec![-1.0; (hidden + 1) * steps];
    detail.heat.marks = vec![None; (hidden + 1) * steps];
    gathered(one_width(), vec![row])
}

/// Every layer that a text draws or says it leaves out.
fn told(text: &str, left_out: &str) -> Vec<usize> {
    let ranges = flat(text);
    let ranges = ranges.split(left_out).nth(1).unwrap_or("").split('.').next().unwrap();
    let range = |words: &str| -> Vec<usize> {
        let ends: Vec<usize> = words.split(" to ").map(|n| n.trim().parse().unwrap()).collect();
        (ends[0]..=ends[ends.len() - 1]).collect()
    };
    ranges.split(',').filter(|words| !words.trim().is_empty()).flat_map(range).collect()
}

#[test]
fn no_layer_and_no_step_is_left_out_without_a_word() {
    for (hidden, steps, width) in [(50, 30, 80), (128, 64, 40), (20, 20, 80), (19, 5, 32), (3, 64, 200)] {
        let text = drawn(&large(hidden, steps), width);
        let map = text.split("Gradient norm").nth(1).unwrap();
        let label = |line: &str| line.get(..6).and_then(|label| label.trim().parse::<usize>().ok());
        let mut layers: Vec<usize> = map.lines().filter_map(label).collect();
        assert!(layers.len() < 20 && map.lines().any(|line| line.starts_with("  head ")), "{text}");
        layers.extend(told(map, "Left out for lack of room: layers "));
        layers.sort_unstable();
        assert_eq!(layers, (1..=hidden).collect::<Vec<_>>(), "{text}");
        let columns = map.lines().find(|line| line.starts_with("  head ")).unwrap().chars().count() - 7;
        let said =
            if columns < steps { format!("Columns: {columns} of {steps}") } else { format!("Columns: all {steps}") };
        assert!(flat(map).contains(&said), "{said} in {text}");
    }
    let text = drawn(&large(100, 5), 80);
    let across = text.split("How fast").next().unwrap();
    let blocks = across.matches('\u{2588}').count().max(across.matches('\u{2581}').count()) - 1;
    assert_eq!(told(across, "of nets of 100 layers the layers ").len() + blocks, 100, "{text}");
}

#[test]
fn what_was_thinned_before_is_counted_with_what_the_screen_leaves_out() {
    let mut rows = large(3, 5);
    let thinned = Thinned { layers: [3, 3], steps: [5, 300], lags: [0, 0] };
    rows.cells[0].detail.as_mut().unwrap().thinned = Some(thinned);
    let text = flat(&drawn(&rows, 80));
    assert!(text.contains("Columns: 5 of 300 traced steps, 0, 1, 2, 3 and 4; 295 between them are left out"), "{text}");
}

#[test]
fn a_net_of_one_layer_has_its_heat_map_and_no_profile_in_words() {
    let mut row = cell(&[0], 1, 0.0, 2);
    row.detail.as_mut().unwrap().heat.layers = vec![1, 2];
    let text = flat(&drawn(&gathered(one_width(), vec![row.clone()]), 80));
    assert!(text.contains("Not drawn: 1 cell has one hidden layer, so no way from layer to layer."), "{text}");
    assert!(text.contains(" head ") && text.contains("feed-forward net of 1 hidden layer:"), "{text}");
    row.detail.as_mut().unwrap().heat.steps = vec![0];
    let text = flat(&drawn(&gathered(one_width(), vec![row]), 80));
    assert!(text.ends_with("Not drawn: 1 cell has one traced step, so no way from step to step."), "{text}");
}

#[test]
fn a_grid_of_many_kinds_draws_each_where_it_can_and_says_where_it_cannot() {
    let mut rows = recurrent();
    rows.cells[0].net = NetFacts { kind: ModelKind::Mlp, hidden: 3, length: 1, is_plain: true };
    rows.cells[0].detail.as_mut().unwrap().lags = None;
    let text = flat(&drawn(&rows, 80));
    assert!(text.contains("Not drawn: 1 cell has one hidden layer, so no way from layer to layer."), "{text}");
    assert!(text.contains("Not drawn: 1 cell has feed-forward nets, which have no time steps."), "{text}");
    assert!(text.contains("kind = lstm, lstm of 1 hidden layer:"), "{text}");
}

#[test]
fn cells_without_a_result_are_counted() {
    let mut rows = grid();
    rows.cells[0].detail = None;
    rows.cells[0].counts = RunCounts { missing: 2, ..RunCounts::default() };
    let text = flat(&drawn(&rows, 80));
    assert_eq!(text.matches("Not drawn: 1 cell has no result yet.").count(), 2, "{text}");
}

#[test]
fn where_nothing_is_finite_it_says_so_and_shows_letters() {
    let mut rows = recurrent();
    for cell in &mut rows.cells {
        let detail = cell.detail.as_mut().unwrap();
        let nan = marked(Mark::Nan);
        let all = |bands: &mut Vec<Band>| bands.fill(nan);
        all(&mut detail.profile.init);
        all(&mut detail.lags.as_mut().unwrap().init);
        detail.heat.values.fill(f32::NAN);
        detail.heat.marks.fill(Some(Mark::Nan));
        cell.cell.time_decades = f64::NAN;
    }
    let text = flat(&drawn(&rows, 80));
    for words in ["No error is a finite number.", "No norm is finite.", "rnn NaN xxxx NaN -", "head xxx"] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn no_width_is_too_small() {
    for width in [0, 1, 31, 32, 33, 500] {
        drawn(&grid(), width);
        drawn(&recurrent(), width);
    }
}

#[test]
fn of_no_runs_nothing_is_drawn_and_it_says_so() {
    let text = terminal(&gathered(Vec::new(), Vec::new()), PLAIN);
    assert_eq!(text, "There is nothing to draw yet: no run has a result.\n");
}
