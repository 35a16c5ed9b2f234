//! Which knob matters: of each axis the change that does the most to the gradient, for result.json and for the terminal.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::analysis::Estimate;
use crate::spec::Shown;
use crate::store::MainEffect;

use super::number::thousands;
use super::reach::shown_together;
use super::results::table;

/// Axes that are shown, those that do the most.
const MOST_ROWS: usize = 8;

/// `[{"axis": "depth", "from": 5, "to": 50, "n": 120, "n_not_finite": 0, "n_seeds": 3, "init_gradient_decades": {"effect":
/// -5.1, "ci95_low": -5.2, "ci95_high": -5.0, "sd": 2.5}, ..}, ..]`, in the axes' order; numbers that are not known are null.
pub(super) fn json(effects: &[MainEffect]) -> Value {
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
        })
    };
    effects.iter().map(row).collect()
}

/// A row for each axis, the one that does the most first; nothing where there is none.
pub(super) fn text(effects: &[MainEffect]) -> String {
    if effects.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<&MainEffect> = effects.iter().collect();
    // What is not a number is the greatest of all to total_cmp, and comes last here.
    let size = |main: &MainEffect| Some(main.effect.init_decades.effect.abs()).filter(|x| !x.is_nan()).unwrap_or(-1.0);
    sorted.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let header = ["axis", "change", "decades", "95 % interval", "sd", "learned", "pairs"].map(String::from).to_vec();
    let rows = sorted.iter().take(MOST_ROWS).map(|main| row(main)).collect();
    let mut text = format!(
        "\nwhich knob matters: of each axis the change that does the most to the decades at initialisation: mean over pairs of \
         runs\nthat differ in nothing else, interval over the seeds, sd over the cells (where it is large, the other axes \
         decide); and\nwhat the change does to the share that learned\n{}",
        table((header, rows))
    );
    if sorted.len() > MOST_ROWS {
        writeln!(text, "and {} more, which do less", sorted.len() - MOST_ROWS).expect("a String takes all text");
    }
    text
}

fn row(main: &MainEffect) -> Vec<String> {
    let value = |values: &[Shown]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
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
    use crate::analysis::Effect;

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
        };
        MainEffect { axis: axis.into(), from: vec![from], to: vec![to], effect }
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
        assert!(text.ends_with("and 3 more, which do less\n") && text.contains("axis10") && !text.contains("axis2 "));
    }

    #[test]
    fn result_json_has_null_for_what_is_not_known_and_a_list_for_keys_that_move_together() {
        let json = json(&effects());
        assert_eq!(json[0]["from"], json!(5));
        assert_eq!(json[0]["init_gradient_decades"]["effect"], json!(-5.104));
        assert_eq!(json[2]["init_gradient_decades"]["effect"], Value::Null);
        assert_eq!(json[3]["to"], json!([128, 0.2]));
        assert_eq!(json[3]["learned"], json!({ "effect": -0.25, "ci95_low": null, "ci95_high": null, "sd": 0.5 }));
    }
}
