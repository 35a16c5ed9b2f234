//! Which knob matters: of each axis the change that does the most to the gradient, for result.json and for the terminal.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::analysis::{Estimate, Saving, Verdict};
use crate::spec::Shown;
use crate::tables::{MainEffect, SavingChange};

use crate::cli::terminal::number::thousands;
use crate::cli::terminal::table::table;
use crate::cli::view::reach::shown_together;

/// Axes that are shown, those that do the most.
const MOST_ROWS: usize = 8;

/// Changes that save runs from being lost that are shown, those that save most.
const MOST_SAVINGS: usize = 3;

/// Effects below this are shown as 0.0 decades.
const LEAST_DECADES: f64 = 0.05;

/// `[{"axis": "depth", "from": 5, "to": 50, "n": 120, "n_not_finite": 0, "n_seeds": 3, "init_gradient_decades": {"effect":
/// -5.1, "ci95_low": -5.2, "ci95_high": -5.0, "sd": 2.5}, .., "verdicts": {"diverged": 0.25, ..}, "saves": {"from": 50,
/// "to": 5, "verdict": "diverged", "saved": 30, "lost": 40, "pairs": 120}}, ..]`, in the axes' order; numbers that are not
/// known are null. `verdicts` are the changes of the shares of runs that have them; `saves` is the change of the axis that
/// saves most runs from being lost, null where none saves a tenth.
pub(crate) fn json(effects: &[MainEffect]) -> Value {
    let estimate =
        |e: &Estimate| json!({ "effect": e.effect, "ci95_low": e.ci95_low, "ci95_high": e.ci95_high, "sd": e.sd });
    let row = |main: &MainEffect| {
        json!({
            "axis": main.axis,
            "from": shown_together(main.from.iter()),
            "to": shown_together(main.to.iter()),
            "n": main.effect.pairs,
            "n_not_finite": main.effect.not_finite,
            "n_seeds": main.effect.seeds,
            "init_gradient_decades": estimate(&main.effect.init_decades),
            "last_gradient_decades": estimate(&main.effect.last_decades),
            "learned": estimate(&main.effect.learned),
            "verdicts": shares(main),
            "saves": main.saving.as_ref().map(saving),
        })
    };
    effects.iter().map(row).collect()
}

fn shares(main: &MainEffect) -> Value {
    let share = |verdict: Verdict| (verdict.name().to_owned(), json!(main.effect.share(verdict)));
    Value::Object(Verdict::ALL.map(share).into_iter().collect())
}

fn saving(change: &SavingChange) -> Value {
    let Saving { verdict, saved, lost, pairs, .. } = change.saving;
    json!({
        "from": shown_together(change.from.iter()),
        "to": shown_together(change.to.iter()),
        "verdict": verdict.name(),
        "saved": saved,
        "lost": lost,
        "pairs": pairs,
    })
}

/// A row for each axis, the one that does the most first; nothing where there is none.
pub(crate) fn text(effects: &[MainEffect]) -> String {
    if effects.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<&MainEffect> = effects.iter().collect();
    // What is not a number is the greatest of all to total_cmp, and comes last here.
    let size = |main: &MainEffect| Some(main.effect.init_decades.effect.abs()).filter(|x| !x.is_nan()).unwrap_or(-1.0);
    sorted.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let header = ["axis", "change", "decades", "95 % interval", "sd", "learned", "pairs"].map(String::from).to_vec();
    let rows = sorted.iter().take(MOST_ROWS).map(|main| row(main)).collect();
    let most = sorted.first().map_or(-1.0, |main| size(main));
    let none = if (0.0..LEAST_DECADES).contains(&most) { "none to the decades at initialisation; " } else { "" };
    let mut text = format!(
        "\nwhich knob matters: {none}each line is the change of one axis that moves the decades at initialisation most.\n\
         decades: the mean over pairs of runs that differ in nothing else, with its interval over the seeds; sd: how much \
         it\ndiffers from cell to cell (where sd is large, the other axes decide); learned: the change of the share that \
         learned\n{}",
        table((header, rows))
    );
    if sorted.len() > MOST_ROWS {
        writeln!(text, "{} more axes move them less", sorted.len() - MOST_ROWS).expect("a String takes all text");
    }
    text + &savings(effects)
}

/// The changes that save most runs from being lost, the share of which decides, a line for each.
fn savings(effects: &[MainEffect]) -> String {
    let mut all: Vec<(&MainEffect, &SavingChange)> =
        effects.iter().filter_map(|main| Some((main, main.saving.as_ref()?))).collect();
    all.sort_by(|a, b| b.1.saving.share().total_cmp(&a.1.saving.share()));
    let line = |(main, change): &(&MainEffect, &SavingChange)| {
        let Saving { saved, lost, .. } = change.saving;
        let (axis, from, to) = (&main.axis, value(&change.from), value(&change.to));
        format!("{axis} {from} -> {to} saves {saved} of {lost} runs from {}\n", change.saving.from_what())
    };
    all.iter().take(MOST_SAVINGS).map(line).collect()
}

fn value(values: &[Shown]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
}

fn row(main: &MainEffect) -> Vec<String> {
    let Estimate { effect, ci95_low, ci95_high, sd } = main.effect.init_decades;
    let interval =
        if ci95_low.is_nan() { "-".into() } else { format!("{} .. {}", signed(ci95_low), signed(ci95_high)) };
    let pairs = thousands(main.effect.pairs as u64);
    let pairs = match main.effect.not_finite {
        0 => pairs,
        n => format!("{pairs}, {} not finite", thousands(n as u64)),
    };
    let change = format!("{} -> {}", value(&main.from), value(&main.to));
    let sd = if sd.is_nan() { "-".into() } else { format!("{sd:.2}") };
    vec![main.axis.clone(), change, signed(effect), interval, sd, signed(main.effect.learned.effect), pairs]
}

/// Two decimals with a sign; a zero has that of no direction.
fn signed(x: f64) -> String {
    let rounded = if x.abs() < 0.005 { 0.0 } else { x };
    if x.is_nan() { "-".into() } else { format!("{rounded:+.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Effect, Shift};

    fn main_effect(axis: &str, [from, to]: [Shown; 2], decades: f64, seeds: usize) -> MainEffect {
        let estimate = |effect: f64| {
            let half_width = if seeds > 1 { 0.1 } else { f64::NAN };
            Estimate { effect, ci95_low: effect - half_width, ci95_high: effect + half_width, sd: 0.5 }
        };
        let effect = Effect {
            pairs: 1200,
            not_finite: if decades.is_nan() { 1200 } else { 0 },
            seeds,
            init_decades: estimate(decades),
            last_decades: estimate(decades),
            learned: estimate(-0.25),
            verdicts: [Shift { before: 0, after: 300 }; Verdict::ALL.len()],
        };
        MainEffect { axis: axis.into(), from: vec![from], to: vec![to], effect, saving: None }
    }

    fn effects() -> Vec<MainEffect> {
        let mut effects = vec![
            main_effect("depth", [5, 50].map(Shown::Int), -5.104, 3),
            main_effect("residual", [false, true].map(Shown::Bool), 6.2, 3),
            main_effect("clip_norm", [0.0, 1.0].map(Shown::Float), f64::NAN, 3),
            main_effect("width", [64, 128].map(Shown::Int), -0.001, 1),
        ];
        effects[3].from.push(Shown::Float(0.1));
        effects[3].to.push(Shown::Float(0.2));
        effects[3].axis = "width+learning_rate".into();
        let saving = effects[2].effect.saving(0, 1).expect("a quarter of the runs");
        let (from, to) = (effects[2].to.clone(), effects[2].from.clone());
        effects[2].saving = Some(SavingChange { from, to, saving });
        effects
    }

    #[test]
    fn the_axis_that_does_the_most_comes_first() {
        insta::assert_snapshot!(text(&effects()));
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn more_axes_than_fit_are_counted() {
        let many: Vec<MainEffect> =
            (0..11).map(|i| main_effect(&format!("axis{i}"), [0, 1].map(Shown::Int), f64::from(i), 3)).collect();
        let text = text(&many);
        assert!(text.ends_with("3 more axes move them less\n") && text.contains("axis10") && !text.contains("axis2 "));
    }

    #[test]
    fn no_knob_is_said_to_matter_whose_effect_rounds_to_nothing() {
        let of = |decades: f64| text(&[main_effect("width", [64, 128].map(Shown::Int), decades, 3)]);
        assert!(of(-0.049).contains("which knob matters: none to the decades at initialisation; each line"));
        assert!(of(-0.051).contains("which knob matters: each line"));
    }

    #[test]
    fn result_json_has_null_for_what_is_not_known_and_a_list_for_keys_that_move_together() {
        let json = json(&effects());
        assert_eq!(json[0]["from"], json!(5));
        assert_eq!(json[0]["init_gradient_decades"]["effect"], json!(-5.104));
        assert_eq!(json[2]["init_gradient_decades"]["effect"], Value::Null);
        assert_eq!(json[3]["to"], json!([128, 0.2]));
        assert_eq!((&json[0]["verdicts"]["dead"], &json[0]["saves"]), (&json!(0.25), &Value::Null));
        let saves = json!({ "from": 1.0, "to": 0.0, "verdict": "diverged", "saved": 300, "lost": 300, "pairs": 1200 });
        assert_eq!(json[2]["saves"], saves);
        assert_eq!(json[3]["learned"], json!({ "effect": -0.25, "ci95_low": null, "ci95_high": null, "sd": 0.5 }));
    }
}
