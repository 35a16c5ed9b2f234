//! Profile and heat map in characters, for `vgrun report --terminal`.
//!
//! A profile is a line of blocks, from layer 1 to L, whose heights are logarithms on one scale for all lines; a heat map
//! is a field of blocks whose colours, or without colours whose densities, are. A letter stands where a number is none.

use std::fmt::Write as _;

use super::band::{Band, Mark};
use super::choose::{Shard, Slice};
use super::detail::{Heat, kept};
use super::draw::{Axis, Kind, cividis};
use super::gathered::{CellRow, Gathered};
use super::number::{decades, power};

const FITS: &str = "a String takes all text";

/// Whether text may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// By escape sequences.
    Ansi,
    /// None.
    None,
}

/// What fits a line beside names and numbers, and a screen.
const MOST_BLOCKS: usize = 50;
const MOST_ROWS: usize = 20;

/// Heat maps that are drawn.
const MOST_MAPS: usize = 2;

const HEIGHTS: [char; 8] =
    ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

const DENSITIES: [char; 4] = ['\u{2591}', '\u{2592}', '\u{2593}', '\u{2588}'];

/// The profile and the heat map of the cells that the figures show; empty where nothing can be drawn.
pub fn terminal(gathered: &Gathered, colours: Colours) -> String {
    [profile(gathered, colours), heatmap(gathered, colours)].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn profile(gathered: &Gathered, colours: Colours) -> Option<String> {
    let slice = Slice::of(gathered, None, |cell| cell.net.hidden > 1 && cell.detail.is_some())?;
    let bands = |cell: &CellRow| cell.detail.as_ref().map(|detail| detail.profile.init.clone()).unwrap_or_default();
    let all: Vec<Band> = slice.shards().flat_map(|shard| bands(shard.cell)).collect();
    let scale = Axis::over("", Kind::Log, all.iter().map(|band| band.mean));
    let name_width = slice.shards().map(|shard| shard.name.chars().count().min(30)).max().unwrap_or(0);
    let mut text = format!(
        "RMS backpropagated error (delta) at initialisation, from layer 1 to layer L; {} is 1e{:.0}, {} is 1e{:.0}\n",
        HEIGHTS[0], scale.low, HEIGHTS[7], scale.high
    );
    for (panel, shards) in &slice.panels {
        if !panel.is_empty() {
            writeln!(text, "{}", plain(panel)).expect(FITS);
        }
        for shard in shards {
            let bands = bands(shard.cell);
            let blocks: String =
                kept(bands.len(), MOST_BLOCKS).into_iter().map(|i| height(&bands[i], &scale, colours)).collect();
            let ends = ends(&bands);
            let name: String = plain(&shard.name).chars().take(30).collect();
            writeln!(text, "  {name:name_width$} {:>8} {blocks} {:<8} {:>6} decades", ends.0, ends.1, ends.2)
                .expect(FITS);
        }
    }
    text += &letters(all.iter().flat_map(|band| band.marks.present()));
    writeln!(text, "{}", plain(&slice.caption_of(slice.shown(), false))).expect(FITS);
    Some(text)
}

/// The first and the last number of a profile, and the decades between them.
fn ends(bands: &[Band]) -> (String, String, String) {
    let word = |band: Option<&Band>| match band {
        Some(band) if band.is_finite() => power(band.mean),
        Some(band) => band.marks.worst().map_or("-", short).to_owned(),
        None => "-".into(),
    };
    let (first, last) = (bands.first(), bands.last());
    let between = first.zip(last).filter(|(a, b)| a.is_finite() && b.is_finite());
    (word(first), word(last), between.map_or("-".into(), |(a, b)| decades(a.mean - b.mean)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the places of the table")]
fn height(band: &Band, scale: &Axis, colours: Colours) -> String {
    if !band.is_finite() {
        return band.marks.worst().map_or(' ', letter).to_string();
    }
    let share = scale.share(band.mean).clamp(0.0, 1.0);
    painted(HEIGHTS[(share * 7.999) as usize], share, colours)
}

fn heatmap(gathered: &Gathered, colours: Colours) -> Option<String> {
    let slice = Slice::of(gathered, None, |cell| cell.detail.as_ref().is_some_and(|d| d.heat.steps.len() > 1))?;
    let (_, shards) = slice.panels.first()?;
    let chosen: Vec<&Shard<'_>> = kept(shards.len(), MOST_MAPS).into_iter().map(|i| &shards[i]).collect();
    let heats: Vec<&Heat> = chosen.iter().filter_map(|shard| shard.cell.detail.as_ref()).map(|d| &d.heat).collect();
    let scale = Axis::over("", Kind::Log, heats.iter().flat_map(|heat| heat.values.iter().map(|x| f64::from(*x))));
    let mut text = format!(
        "Gradient norm by layer (down to the first) and step (to the right), from 1e{:.0} to 1e{:.0}\n",
        scale.low, scale.high
    );
    for (shard, heat) in chosen.iter().zip(&heats) {
        writeln!(text, "{}", plain(&shard.name)).expect(FITS);
        let columns = kept(heat.steps.len(), MOST_BLOCKS);
        for row in kept(heat.layers.len(), MOST_ROWS).into_iter().rev() {
            let label = if row + 1 == heat.layers.len() { "head".into() } else { heat.layers[row].to_string() };
            let fields: String = columns.iter().map(|&column| field(heat.at(row, column), &scale, colours)).collect();
            writeln!(text, "{label:>6} {fields}").expect(FITS);
        }
        let (first, last) = (heat.steps[0], heat.steps[heat.steps.len() - 1]);
        writeln!(text, "       step {first} to {last}").expect(FITS);
    }
    text += &letters(heats.iter().flat_map(|heat| heat.marks.iter().flatten().copied()));
    writeln!(text, "{}", plain(&slice.caption_of(chosen.len(), false))).expect(FITS);
    Some(text)
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

/// A character in the colour of a share of the way from little to much.
fn painted(character: char, share: f64, colours: Colours) -> String {
    match colours {
        Colours::None => character.to_string(),
        Colours::Ansi => {
            let [r, g, b] = cividis(share);
            format!("\u{1b}[38;2;{r};{g};{b}m{character}\u{1b}[0m")
        }
    }
}

fn letter(mark: Mark) -> char {
    match mark {
        Mark::Zero => '0',
        Mark::Underflow => 'u',
        Mark::Nan => 'x',
        Mark::Inf => 'i',
    }
}

fn short(mark: Mark) -> &'static str {
    match mark {
        Mark::Zero => "0",
        Mark::Underflow => "underfl.",
        Mark::Nan => "NaN",
        Mark::Inf => "inf",
    }
}

/// What the letters mean that there are; empty where there are none.
fn letters(marks: impl Iterator<Item = Mark>) -> String {
    let marks: Vec<Mark> = marks.collect();
    let present = Mark::ALL.into_iter().filter(|mark| marks.contains(mark));
    let words: Vec<String> = present.map(|mark| format!("{} {}", letter(mark), mark.name())).collect();
    if words.is_empty() { String::new() } else { format!("{}\n", words.join(", ")) }
}

/// Words without what a terminal would obey.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
