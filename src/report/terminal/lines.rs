//! Profiles as lines of blocks, whose heights are logarithms on one scale for all lines of a section: the error across
//! the layers and through time, and how fast each layer learns.

use std::fmt::Write as _;

use super::screen::{Colours, Screen};
use super::words::{left_out, letter, letters, not_drawn, painted, plain, shortened, wrapped};
use crate::report::band::{Band, Mark};
use crate::report::choose::{Shard, Slice};
use crate::report::detail::kept;
use crate::report::draw::{Axis, AxisKind};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::{decades, power};
use crate::spec::RunMetric;

const FITS: &str = "a String takes all text";

const HEIGHTS: [char; 8] =
    ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

/// The most characters that a name has beside its blocks.
const MOST_OF_A_NAME: usize = 30;

/// The fewest blocks that a line has beside its name and numbers. On narrower screens these have lines of their own.
const LEAST_BLOCKS: usize = 16;

/// What one line is drawn from.
struct Line {
    /// Layers or time steps, as they are counted from 1; ascending.
    places: Vec<usize>,
    /// How many there are of them, with those that are not in `places`.
    all: usize,
    /// The numbers there.
    bands: Vec<Band>,
    /// The change on the way back, in words.
    change: String,
}

impl Line {
    /// Makes the line of a net of `all` layers from these layers and their bands.
    fn across(layers: &[usize], all: usize, bands: &[Band]) -> Self {
        let ends = bands.first().zip(bands.last()).filter(|(a, b)| a.is_finite() && b.is_finite());
        let change = ends.map_or("-".into(), |(first, last)| decades(first.mean - last.mean));
        Self { places: layers.to_vec(), all, bands: bands.to_vec(), change }
    }
}

/// How the lines of a section are called and read.
struct Words {
    title: &'static str,
    /// What stands behind each line.
    numbers: &'static str,
    /// What is drawn: `error`.
    what: &'static str,
    /// What a line is of: `nets`, `sequences`.
    nets: &'static str,
    /// What its places are: `layers`, `time steps`.
    places: &'static str,
}

/// RMS backpropagated error (delta) across the layers; none of an experiment without cells.
pub(super) fn across_layers(gathered: &Gathered, screen: Screen) -> Option<String> {
    let words = Words {
        title: "RMS backpropagated error (delta) across the layers, at initialisation, from layer 1 (left) to layer L, the \
                last hidden one (right).",
        numbers: "Numbers: the error of layer 1, that of layer L, and the decades (powers of ten) from layer L back to \
                  layer 1 (- where one of them is no number); negative: it vanishes.",
        what: "error",
        nets: "nets",
        places: "layers",
    };
    let line = |cell: &CellRow| {
        let profile = &cell.detail.as_ref()?.profile;
        Some(Line::across(&profile.layers, cell.net.hidden, &profile.init))
    };
    let missing = not_drawn(gathered, one_layer);
    section(screen, &words, of_layers(gathered).as_ref(), line, &missing)
}

/// How fast each layer learns; none where no net can be drawn across its layers, which [`across_layers`] has said.
pub(super) fn speed(gathered: &Gathered, screen: Screen) -> Option<String> {
    let words = Words {
        title: "How fast each layer learns: the norm of a step's update over that of the weights, as a geometric mean over \
                the traced steps, from layer 1 (left) to layer L, the last hidden one (right).",
        numbers: "Numbers: the speed of layer 1, that of layer L, and the decades (powers of ten) from layer L to layer 1 \
                  (- where one of them is no number); negative: layer 1 learns more slowly. 0: some update changed nothing.",
        what: "speed",
        nets: "nets",
        places: "layers",
    };
    let line = |cell: &CellRow| {
        let speeds = &cell.detail.as_ref()?.speeds;
        Some(Line::across(&speeds.layers, cell.net.hidden, &speeds.bands))
    };
    let slice = of_layers(gathered)?;
    section(screen, &words, Some(&slice), line, "")
}

/// The cells whose nets have several layers and are drawn.
fn of_layers(gathered: &Gathered) -> Option<Slice<'_>> {
    Slice::of(gathered, None, |cell| one_layer(cell).is_none() && cell.detail.is_some())
}

/// Why nothing is drawn across the layers of a net, where nothing can be.
fn one_layer(cell: &CellRow) -> Option<&'static str> {
    (cell.net.hidden < 2).then_some("one hidden layer, so no way from layer to layer")
}

/// RMS of dLoss/dh of the top layer through time; none where no net is recurrent.
pub(super) fn through_time(gathered: &Gathered, screen: Screen) -> Option<String> {
    if !gathered.cells.iter().any(|cell| cell.net.kind.is_recurrent()) {
        return None;
    }
    let words = Words {
        title: "RMS backpropagated error (dLoss/dh of the top layer) through time, at initialisation, from the first time \
                step (left) to the last (right).",
        numbers: "Numbers: the error at the first time step, that at the last, and the decades (powers of ten) from the \
                  first answer back to the first time step, in all and per time step (- where they are no numbers); negative: it \
                  vanishes.",
        what: "error",
        nets: "sequences",
        places: "time steps",
    };
    let without = |cell: &CellRow| match (cell.net.kind.is_recurrent(), cell.net.length) {
        (false, _) => Some("feed-forward nets, which have no time steps"),
        (true, 0 | 1) => Some("one time step, so no way through time"),
        (true, _) => None,
    };
    let line = |cell: &CellRow| {
        let lags = cell.detail.as_ref()?.lags.as_ref()?;
        let slope = cell.headline(RunMetric::InitDecadesPerStep);
        let slope = if slope.n == 0 { String::new() } else { format!(", {} per time step", rate(slope.mean)) };
        let all = cell.cell.time_decades;
        let change = if all.is_nan() { "-".into() } else { decades(all) + &slope };
        let places = lags.lags.iter().rev().map(|lag| cell.net.length - lag).collect();
        Some(Line { places, all: cell.net.length, bands: lags.init.iter().rev().copied().collect(), change })
    };
    let has_lags = |cell: &CellRow| cell.detail.as_ref().is_some_and(|detail| detail.lags.is_some());
    let slice = Slice::of(gathered, Some("model.kind"), |cell| without(cell).is_none() && has_lags(cell));
    section(screen, &words, slice.as_ref(), line, &not_drawn(gathered, without))
}

/// A slope with its sign, a true minus, and three decimals.
fn rate(x: f64) -> String {
    format!("{x:+.3}").replace('-', "\u{2212}")
}

/// Draws a section. `missing` says which cells are not drawn, and why.
fn section(
    screen: Screen,
    words: &Words,
    slice: Option<&Slice<'_>>,
    line: impl Fn(&CellRow) -> Option<Line>,
    missing: &str,
) -> Option<String> {
    let Some(slice) = slice else {
        return (!missing.is_empty()).then(|| wrapped(words.title, screen) + &wrapped(missing, screen));
    };
    let panels: Vec<(&str, Vec<(&Shard<'_>, Line)>)> = slice
        .panels
        .iter()
        .map(|(panel, shards)| {
            (panel.as_str(), shards.iter().filter_map(|shard| Some((shard, line(shard.cell)?))).collect())
        })
        .collect();
    let lines = || panels.iter().flat_map(|(_, lines)| lines);
    let bands = || lines().flat_map(|(_, line)| &line.bands);
    let scale = Axis::over("", AxisKind::Log, bands().map(|band| band.mean));
    let layout = Layout::of(screen, lines());
    let mut text = wrapped(words.title, screen);
    text += &wrapped(&heights(words.what, &scale, bands()), screen);
    text += &wrapped(words.numbers, screen);
    for (panel, lines) in &panels {
        if !panel.is_empty() {
            text += &wrapped(panel, screen);
        }
        for (shard, line) in lines {
            text += &layout.line(&shard.name, line, &scale, screen.colours);
        }
    }
    text += &wrapped(&letters(bands().flat_map(|band| band.marks.present())), screen);
    text += &wrapped(&layout.left_out(words, lines()), screen);
    text += &wrapped(&slice.caption_of(slice.shown(), false), screen);
    text += &wrapped(missing, screen);
    Some(text)
}

/// What the heights of blocks mean.
fn heights<'a>(what: &str, scale: &Axis, mut bands: impl Iterator<Item = &'a Band>) -> String {
    if !bands.any(Band::is_finite) {
        return format!("No {what} is a finite number.");
    }
    let step = (scale.high - scale.low) / HEIGHTS.len() as f64;
    format!(
        "Heights: {} from 1e{:.0}, {} up to 1e{:.0}; one height is {step:.2} decades.",
        HEIGHTS[0], scale.low, HEIGHTS[7], scale.high
    )
}

/// Where the parts of a line stand.
struct Layout {
    /// The width of the names beside the blocks; none where names and numbers have lines of their own.
    name_width: Option<usize>,
    /// Blocks that a line has room for.
    blocks: usize,
    /// Characters of a line.
    room: usize,
}

impl Layout {
    fn of<'a>(screen: Screen, lines: impl Iterator<Item = &'a (&'a Shard<'a>, Line)>) -> Self {
        let (mut name_width, mut change_width) = (0, 0);
        for (shard, line) in lines {
            name_width = name_width.max(plain(&shard.name).chars().count().min(MOST_OF_A_NAME));
            change_width = change_width.max(line.change.chars().count());
        }
        let room = screen.room();
        // Two blanks, the name, the first number, the blocks, the last number, and the change.
        let taken = 2 + name_width + 1 + 8 + 1 + 1 + 8 + 1 + change_width;
        match room.checked_sub(taken).filter(|blocks| *blocks >= LEAST_BLOCKS) {
            Some(blocks) => Self { name_width: Some(name_width), blocks, room },
            None => Self { name_width: None, blocks: room - 2, room },
        }
    }

    /// The positions of a line that are drawn.
    fn shown(&self, line: &Line) -> Vec<usize> {
        kept(line.bands.len(), self.blocks)
    }

    fn line(&self, name: &str, line: &Line, scale: &Axis, colours: Colours) -> String {
        let blocks: String = self.shown(line).into_iter().map(|i| height(&line.bands[i], scale, colours)).collect();
        let [first, last] = [line.bands.first(), line.bands.last()].map(number);
        let change = &line.change;
        let mut text = String::new();
        if let Some(width) = self.name_width {
            let name = shortened(name, width);
            writeln!(text, "  {name:width$} {first:>8} {blocks} {last:<8} {change}").expect(FITS);
        } else {
            writeln!(text, "{}", shortened(name, self.room)).expect(FITS);
            writeln!(text, "  {blocks}\n  {first} .. {last}").expect(FITS);
            writeln!(text, "  {change}").expect(FITS);
        }
        text
    }

    /// The layers or time steps that no line has room for, in a sentence; empty where all are drawn.
    fn left_out<'a>(&self, words: &Words, lines: impl Iterator<Item = &'a (&'a Shard<'a>, Line)>) -> String {
        let Words { nets, places, .. } = words;
        let mut parts: Vec<String> = Vec::new();
        for (_, line) in lines {
            let shown: Vec<usize> = self.shown(line).into_iter().map(|i| line.places[i]).collect();
            let left_out = left_out(&shown, line.all);
            let part = format!("of {nets} of {} {places} the {places} {left_out}", line.all);
            if !left_out.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        if parts.is_empty() { String::new() } else { format!("Left out for lack of room: {}.", parts.join("; ")) }
    }
}

/// A number at an end of a line.
fn number(band: Option<&Band>) -> String {
    match band {
        Some(band) if band.is_finite() => power(band.mean),
        Some(band) => band.marks.worst().map_or("-", short).to_owned(),
        None => "-".into(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the places of the table")]
fn height(band: &Band, scale: &Axis, colours: Colours) -> String {
    if !band.is_finite() {
        return band.marks.worst().map_or(' ', letter).to_string();
    }
    let share = scale.share(band.mean).clamp(0.0, 1.0);
    painted(HEIGHTS[(share * 7.999) as usize], share, colours)
}

fn short(mark: Mark) -> &'static str {
    match mark {
        Mark::Zero => "0",
        Mark::Underflow => "underfl.",
        Mark::Nan => "NaN",
        Mark::Inf => "inf",
    }
}
