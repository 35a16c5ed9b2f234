//! Lines across the layers, and through time: the error on its way back, and how fast each layer learns.

use super::data::FigureData;
use super::picture::{Figure, mark_entries};
use crate::report::band::Band;
use crate::report::choose::{Shard, Slice};
use crate::report::draw::{Axis, AxisKind, Block, Canvas, Entry, LinePanel, Sample, Series, Sheet, Strips};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::{decades, power};

/// What one cell shows: where its points are, and its line in each panel, in the order of [`Words::times`].
struct Curve<'a> {
    x: Vec<usize>,
    drawn: Vec<Drawn<'a>>,
}

/// The line of a cell in one panel.
struct Drawn<'a> {
    bands: &'a [Band],
    /// Empty where theory says nothing.
    predicted: Vec<f64>,
}

/// How the curves of a figure are called and read.
struct Words {
    name: &'static str,
    title: &'static str,
    /// The column of the table that says where a point is.
    place: &'static str,
    x: &'static str,
    y: &'static str,
    /// When it was like this, in a few words for each panel.
    times: &'static [&'static str],
    /// What the first of the times is at the beginning of a sentence.
    first: &'static str,
    /// How a line is read, in sentences.
    reading: &'static str,
    /// Where the prediction is made to agree with the measurement.
    anchor: &'static str,
    /// The names of the beginning and the end of the error's way back. With `is_backward` they are the last and the
    /// first point of a line.
    ends: [&'static str; 2],
    is_backward: bool,
}

/// When an error is drawn. The last step is drawn as well where there is more than one step.
const INIT_AND_LAST: &[&str] = &["at initialisation", "at the last step"];
const INIT: &[&str] = &["at initialisation"];

fn times_of_error(slice: &Slice<'_>) -> &'static [&'static str] {
    let is_trained = slice.shards().any(|shard| shard.cell.detail.as_ref().is_some_and(|d| d.heat.steps.len() > 1));
    if is_trained { INIT_AND_LAST } else { INIT }
}

/// The two panels of an error.
fn way_back<'a>(init: &'a [Band], last: &'a [Band], predicted: &[f64], anchor: f64) -> Vec<Drawn<'a>> {
    let predicted = predicted.iter().map(|x| x + anchor).collect();
    vec![Drawn { bands: init, predicted }, Drawn { bands: last, predicted: Vec::new() }]
}

fn places(numbers: &[usize]) -> Vec<f64> {
    numbers.iter().map(|&number| number as f64).collect()
}

/// Cells in which something can differ from layer to layer.
fn of_layers(gathered: &Gathered) -> Option<Slice<'_>> {
    Slice::of(gathered, None, |cell| cell.net.hidden > 1 && cell.detail.is_some())
}

/// RMS backpropagated error (delta) against the layer.
pub(super) fn profile(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let slice = of_layers(gathered)?;
    let words = Words {
        name: "profile",
        title: "RMS backpropagated error (delta) across the layers",
        place: "layer",
        x: "layer, from the input",
        y: "RMS of delta",
        times: times_of_error(&slice),
        first: "At initialisation",
        reading: "Lines are geometric means over the seeds.",
        anchor: "layer L",
        ends: ["layer L", "layer 1"],
        is_backward: true,
    };
    Some(draw(canvas, &slice, &words, |cell| {
        let profile = &cell.detail.as_ref()?.profile;
        let drawn = way_back(&profile.init, &profile.last, &profile.predicted, profile.anchor());
        Some(Curve { x: profile.layers.clone(), drawn })
    }))
}

/// Relative update against the layer.
pub(super) fn speed(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let slice = of_layers(gathered)?;
    let words = Words {
        name: "speed",
        title: "How fast each layer learns: its relative update per step",
        place: "layer",
        x: "layer, from the input",
        y: "update norm / weight norm",
        times: &["mean over the traced steps"],
        first: "In the mean over the traced steps",
        reading: "Lines are geometric means over the traced steps and the seeds: at 1e-3, a step changes a layer by a \
                  thousandth of its norm. Zero: an update changed nothing, as the gradient was 0 or the update below the last digit \
                  of the weights. The head is left out.",
        anchor: "layer L",
        ends: ["layer L", "layer 1"],
        is_backward: true,
    };
    Some(draw(canvas, &slice, &words, |cell| {
        let speeds = &cell.detail.as_ref()?.speeds;
        Some(Curve { x: speeds.layers.clone(), drawn: vec![Drawn { bands: &speeds.bands, predicted: Vec::new() }] })
    }))
}

/// RMS of dLoss/dh against the lag.
pub(super) fn lags(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let has_lags = |cell: &CellRow| cell.detail.as_ref().is_some_and(|detail| detail.lags.is_some());
    let slice = Slice::of(gathered, Some("model.kind"), |cell| cell.net.length > 1 && has_lags(cell))?;
    let words = Words {
        name: "lags",
        title: "RMS backpropagated error (dLoss/dh of the top layer) by lag",
        place: "lag",
        x: "lag: time steps back from the last",
        y: "RMS of dLoss/dh",
        times: times_of_error(&slice),
        first: "At initialisation",
        reading: "Lines are geometric means over the seeds.",
        anchor: "lag 0",
        ends: ["lag 0", "the first time step"],
        is_backward: false,
    };
    Some(draw(canvas, &slice, &words, |cell| {
        let lags = cell.detail.as_ref()?.lags.as_ref()?;
        let drawn = way_back(&lags.init, &lags.last, &lags.predicted, lags.anchor());
        Some(Curve { x: lags.lags.clone(), drawn })
    }))
}

fn draw(canvas: Canvas, slice: &Slice<'_>, words: &Words, curve: impl Fn(&CellRow) -> Option<Curve<'_>>) -> Figure {
    let mut data = FigureData::of_lines(words.place, true);
    let mut series = |title: &str, shard: &Shard<'_>, panel: usize| {
        let Curve { x, mut drawn } = curve(shard.cell)?;
        let Drawn { bands, predicted } = drawn.swap_remove(panel);
        data.line((title, &shard.name), &x, bands, &predicted);
        let (x, name) = (places(&x), shard.name.clone());
        Some(Series { style: shard.style, name, x, bands: bands.to_vec(), dashed: predicted })
    };
    let mut panels: Vec<(String, Vec<Series>)> = Vec::new();
    for (value, shards) in &slice.panels {
        for (i, time) in words.times.iter().enumerate() {
            let title = if value.is_empty() { (*time).to_owned() } else { format!("{value}, {time}") };
            let lines = shards.iter().filter_map(|shard| series(&title, shard, i)).collect();
            panels.push((title, lines));
        }
    }
    let all = || panels.iter().flat_map(|(_, series)| series);
    let x = Axis::over(words.x, AxisKind::Counts, all().flat_map(|series| series.x.iter().copied()));
    let values = all().flat_map(|series| {
        let ends = series.bands.iter().flat_map(|band| [band.low, band.high]);
        ends.chain(series.dashed.iter().copied())
    });
    let y = Axis::over(words.y, AxisKind::Log, values);
    let strips = Strips::of(all());
    let description = describe(slice, words, &curve);
    let mut sheet = Sheet::new(canvas, words.title, &description);
    let columns = if panels.len() == 1 { 1 } else { 2 };
    let height = if panels.len() <= 2 { 300.0 } else { 190.0 };
    let block =
        Block { columns, height, left: 64.0, right: 12.0, top: 24.0 + strips.above(), bottom: 42.0 + strips.below() };
    let has_theory = all().any(|series| !series.dashed.is_empty());
    let has_range = all().flat_map(|series| &series.bands).any(|band| band.high > band.low);
    let mut entries: Vec<Entry> =
        slice.names().into_iter().map(|(style, name)| Entry::new(Sample::Line(style), name)).collect();
    if has_theory {
        entries.push(Entry::new(Sample::Dashed, format!("mean-field theory, from {} on", words.anchor)));
    }
    if has_range {
        entries.push(Entry::new(Sample::Band, "least to greatest over the seeds"));
    }
    entries.extend(mark_entries(strips.marks()));
    let rects = sheet.place(panels.len(), block);
    for ((title, series), rect) in panels.into_iter().zip(rects) {
        let panel = LinePanel { title, x: &x, y: &y, series, strips: &strips, level: None };
        panel.draw(&mut sheet.svg, rect);
    }
    sheet.legend(&entries);
    let caption = format!("{} {}{}", slice.caption(), words.reading, thinned(slice, words.is_backward));
    Figure::of(words.name, sheet, caption, data)
}

/// What is left out for drawing, in a sentence; empty where nothing is.
pub(super) fn thinned(slice: &Slice<'_>, is_across_layers: bool) -> String {
    let of_cell = |shard: &Shard<'_>| shard.cell.detail.as_ref()?.thinned;
    let kept = slice.shards().filter_map(of_cell).map(|t| if is_across_layers { t.layers } else { t.lags });
    let Some([kept, all]) = kept.max_by_key(|[_, all]| *all).filter(|[kept, all]| kept < all) else {
        return String::new();
    };
    format!(" {kept} of {all} {} are drawn; the tables have all.", if is_across_layers { "layers" } else { "lags" })
}

/// Describes each cell by where its error begins and how much of it arrives.
fn describe(slice: &Slice<'_>, words: &Words, curve: &impl Fn(&CellRow) -> Option<Curve<'_>>) -> String {
    let of_cell = |panel: &str, shard: &Shard<'_>| {
        let Curve { drawn, .. } = curve(shard.cell)?;
        let bands = drawn.first()?.bands;
        let (first, last) = (bands.first()?, bands.last()?);
        let (begins, ends) = if words.is_backward { (last, first) } else { (first, last) };
        let name = if panel.is_empty() { shard.name.clone() } else { format!("{}, {panel}", shard.name) };
        let arrives = if ends.is_finite() {
            format!("{} ({} decades)", power(ends.mean), decades(ends.mean - begins.mean))
        } else {
            ends.marks.worst().map_or("nothing", |mark| mark.name()).to_owned()
        };
        Some(format!("{name}: {} at {}, {arrives} at {}", power(begins.mean), words.ends[0], words.ends[1]))
    };
    let cells =
        slice.panels.iter().flat_map(|(panel, shards)| shards.iter().filter_map(move |shard| of_cell(panel, shard)));
    format!("{}. {}.", words.first, cells.collect::<Vec<_>>().join("; "))
}
