//! Heat maps as fields of blocks whose colours, or without colours whose densities, are logarithms on one scale for all
//! maps. A letter stands where a number is none.

use std::fmt::Write as _;

use super::screen::{Colours, Screen};
use super::words::{left_out, letter, letters, listed, not_drawn, painted, plain, wrapped};
use crate::report::band::Mark;
use crate::report::choose::{Shard, Slice, named};
use crate::report::detail::{Detail, Heat, kept};
use crate::report::draw::{Axis, AxisKind};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::{counted, decades};

const FITS: &str = "a String takes all text";

/// Heat maps that are drawn.
const MOST_MAPS: usize = 2;

/// The rows of a map that a screen has room for.
const MOST_ROWS: usize = 20;

/// What stands before the fields of a row: the layer's name, and a blank.
const LABEL: usize = 7;

const DENSITIES: [char; 4] = ['\u{2591}', '\u{2592}', '\u{2593}', '\u{2588}'];

const TITLE: &str = "Gradient norm (Frobenius norm of dLoss/dW) by layer, from the head down to layer 1, and traced step, \
                     to the right.";

/// The norm of each layer's gradient at the traced steps; none of an experiment without cells.
pub(super) fn maps(gathered: &Gathered, screen: Screen) -> Option<String> {
    let has_one_step = |detail: &Detail| detail.heat.steps.len() < 2;
    let without = |cell: &CellRow| {
        cell.detail.as_ref().is_some_and(has_one_step).then_some("one traced step, so no way from step to step")
    };
    let can_be_drawn = |cell: &CellRow| cell.detail.as_ref().is_some_and(|detail| !has_one_step(detail));
    let missing = not_drawn(gathered, without);
    let Some(slice) = Slice::of(gathered, None, can_be_drawn) else {
        return (!missing.is_empty()).then(|| wrapped(TITLE, screen) + &wrapped(&missing, screen));
    };
    let (_, shards) = slice.panels.first()?;
    let chosen: Vec<&Shard<'_>> = kept(shards.len(), MOST_MAPS).into_iter().map(|i| &shards[i]).collect();
    let maps: Vec<(&CellRow, &Detail)> =
        chosen.iter().filter_map(|shard| Some((shard.cell, shard.cell.detail.as_ref()?))).collect();
    let heats = || maps.iter().map(|(_, detail)| &detail.heat);
    let values = || heats().flat_map(|heat| heat.values.iter().map(|x| f64::from(*x)));
    let scale = Axis::over("", AxisKind::Log, values());
    let mut text = wrapped(TITLE, screen);
    text += &if values().any(f64::is_finite) { shades(&scale, screen) } else { wrapped("No norm is finite.", screen) };
    for (cell, detail) in &maps {
        text += &wrapped(&name(gathered, cell), screen);
        text += &map(cell, detail, &scale, screen);
    }
    text += &wrapped(&letters(heats().flat_map(|heat| heat.marks.iter().flatten().copied())), screen);
    let is_blank = |heat: &Heat| heat.values.iter().zip(&heat.marks).any(|(x, mark)| !x.is_finite() && mark.is_none());
    if heats().any(is_blank) {
        text += &wrapped("Blank: no run came to that step.", screen);
    }
    let all = gathered.cells.iter().filter(|cell| can_be_drawn(cell)).count();
    if maps.len() < all {
        let words = format!(
            "Drawn: {} of {}; the page that `vgrun report` writes shows the others, one at a time.",
            maps.len(),
            counted(all, "cell")
        );
        text += &wrapped(&words, screen);
    }
    text += &wrapped(&missing, screen);
    Some(text)
}

/// The cell, by its values on all axes that have several.
fn name(gathered: &Gathered, cell: &CellRow) -> String {
    let axes = gathered.axes.iter().zip(&cell.levels).filter(|(axis, _)| axis.values.len() > 1);
    let values: Vec<String> = axes.map(|(axis, &level)| named(axis, level)).collect();
    let net = if cell.net.kind.is_recurrent() { cell.net.kind.name() } else { "feed-forward net" };
    let layers = counted(cell.net.hidden, "hidden layer");
    if values.is_empty() {
        format!("{}, {net} of {layers}:", gathered.name)
    } else {
        format!("{}, {net} of {layers}:", values.join(", "))
    }
}

/// What the shades mean.
fn shades(scale: &Axis, screen: Screen) -> String {
    let about = "Shades: log10 of the norm, in decades (powers of ten), in the mean over the seeds:";
    let at = |share: f64| decades(scale.low + share * (scale.high - scale.low));
    match screen.colours {
        Colours::None => {
            let parts = DENSITIES.iter().enumerate().map(|(i, shade)| {
                let [from, to] = [i, i + 1].map(|i| at(i as f64 / DENSITIES.len() as f64));
                format!("{shade} {from} to {to}")
            });
            wrapped(&format!("{about} {}.", parts.collect::<Vec<_>>().join(", ")), screen)
        }
        Colours::Ansi => {
            const STEPS: u8 = 16;
            let bar = (0..STEPS).map(|i| painted('\u{2588}', f64::from(i) / f64::from(STEPS - 1), Colours::Ansi));
            wrapped(about, screen) + &format!("{} {} {}\n", at(0.0), bar.collect::<String>(), at(1.0))
        }
    }
}

/// The fields of a cell, and below them which steps and layers they are.
fn map(cell: &CellRow, detail: &Detail, scale: &Axis, screen: Screen) -> String {
    let heat = &detail.heat;
    let columns = kept(heat.steps.len(), screen.room() - LABEL);
    let rows = kept(heat.layers.len(), MOST_ROWS);
    let mut text = String::new();
    for &row in rows.iter().rev() {
        let fields: String = columns.iter().map(|&column| field(heat.at(row, column), scale, screen.colours)).collect();
        let label = if row + 1 == heat.layers.len() { "head".into() } else { heat.layers[row].to_string() };
        writeln!(text, "{:>6} {fields}", plain(&label)).expect(FITS);
    }
    let steps: Vec<usize> = columns.iter().map(|&column| heat.steps[column]).collect();
    text += &wrapped(&of_steps(&steps, heat.steps.len() + thinned_steps(detail)), screen);
    let shown: Vec<usize> = rows.iter().map(|&row| heat.layers[row]).collect();
    let left_out = left_out(&shown, cell.net.hidden);
    if !left_out.is_empty() {
        text += &wrapped(&format!("Left out for lack of room: layers {left_out}."), screen);
    }
    text
}

/// Traced steps that were left out before anything was drawn.
fn thinned_steps(detail: &Detail) -> usize {
    detail.thinned.map_or(0, |thinned| thinned.steps[1] - thinned.steps[0])
}

/// Which of `all` traced steps the columns are.
fn of_steps(steps: &[usize], all: usize) -> String {
    let (first, last) = (steps[0], steps[steps.len() - 1]);
    match steps {
        _ if steps.len() < all => {
            let left_out = all - steps.len();
            format!(
                "Columns: {} of {all} traced steps, {}; {left_out} between them are left out for lack of room.",
                steps.len(),
                listed(steps)
            )
        }
        [_, _] | [_, _, _] | [_, _, _, _] => format!("Columns: all {all} traced steps, {}.", listed(steps)),
        _ => format!("Columns: all {all} traced steps, from {first} to {last}."),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the places of the table")]
fn field((value, mark): (f32, Option<Mark>), scale: &Axis, colours: Colours) -> String {
    if let Some(mark) = mark {
        return letter(mark).to_string();
    }
    if !value.is_finite() {
        return " ".into();
    }
    let share = scale.share(f64::from(value)).clamp(0.0, 1.0);
    match colours {
        Colours::Ansi => painted('\u{2588}', share, colours),
        Colours::None => DENSITIES[(share * 3.999) as usize].to_string(),
    }
}
