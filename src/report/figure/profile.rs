//! The error on its way back: across the layers, and through time.

use super::{Figure, mark_entries};
use crate::report::band::Band;
use crate::report::choose::{Shard, Slice};
use crate::report::draw::{Axis, Block, Entry, Kind, LinePanel, Sample, Series, Sheet, Strips};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::{decades, power};

/// What one cell shows: where its points are, the bands at initialisation and at the last step, and the prediction where
/// it is drawn.
struct Curve<'a> {
    x: Vec<f64>,
    init: &'a [Band],
    last: &'a [Band],
    predicted: Vec<f64>,
}

/// How the curves of a figure are called and read.
struct Words {
    name: &'static str,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    /// Where the prediction is made to agree with the measurement.
    anchor: &'static str,
    /// Of the error's way back the beginning and the end, and whether they are the last and the first point.
    ends: [&'static str; 2],
    is_backward: bool,
}

/// RMS backpropagated error (delta) against the layer.
pub(super) fn profile(gathered: &Gathered) -> Option<Figure> {
    let slice = Slice::of(gathered, None, |cell| cell.net.hidden > 1 && cell.detail.is_some())?;
    let words = Words {
        name: "profile",
        title: "RMS backpropagated error (delta) across the layers",
        x: "layer, from the input",
        y: "RMS of delta",
        anchor: "layer L",
        ends: ["layer L", "layer 1"],
        is_backward: true,
    };
    Some(draw(&slice, &words, |cell| {
        let profile = &cell.detail.as_ref()?.profile;
        Some(Curve {
            x: profile.layers.iter().map(|&layer| layer as f64).collect(),
            init: &profile.init,
            last: &profile.last,
            predicted: profile.predicted.iter().map(|x| x + profile.anchor()).collect(),
        })
    }))
}

/// RMS of dLoss/dh against the lag.
pub(super) fn lags(gathered: &Gathered) -> Option<Figure> {
    let has_lags = |cell: &CellRow| cell.detail.as_ref().is_some_and(|detail| detail.lags.is_some());
    let slice = Slice::of(gathered, Some("model.kind"), |cell| cell.net.length > 1 && has_lags(cell))?;
    let words = Words {
        name: "lags",
        title: "RMS backpropagated error (dLoss/dh of the top layer) by lag",
        x: "lag: time steps back from the last",
        y: "RMS of dLoss/dh",
        anchor: "lag 0",
        ends: ["lag 0", "the first time step"],
        is_backward: false,
    };
    Some(draw(&slice, &words, |cell| {
        let lags = cell.detail.as_ref()?.lags.as_ref()?;
        Some(Curve {
            x: lags.lags.iter().map(|&lag| lag as f64).collect(),
            init: &lags.init,
            last: &lags.last,
            predicted: lags.predicted.iter().map(|x| x + lags.anchor()).collect(),
        })
    }))
}

fn draw(slice: &Slice<'_>, words: &Words, curve: impl Fn(&CellRow) -> Option<Curve<'_>>) -> Figure {
    let trained = slice.shards().any(|shard| shard.cell.detail.as_ref().is_some_and(|d| d.heat.steps.len() > 1));
    let series = |shard: &Shard<'_>, is_last: bool| {
        let Curve { x, init, last, predicted } = curve(shard.cell)?;
        let (bands, dashed) = if is_last { (last, Vec::new()) } else { (init, predicted) };
        Some(Series { style: shard.style, name: shard.name.clone(), x, bands: bands.to_vec(), dashed })
    };
    let times: &[(bool, &str)] = if trained {
        &[(false, "at initialisation"), (true, "at the last step")]
    } else {
        &[(false, "at initialisation")]
    };
    let mut panels: Vec<(String, Vec<Series>)> = Vec::new();
    for (value, shards) in &slice.panels {
        for (is_last, time) in times {
            let title = if value.is_empty() { (*time).to_owned() } else { format!("{value}, {time}") };
            panels.push((title, shards.iter().filter_map(|shard| series(shard, *is_last)).collect()));
        }
    }
    let all = || panels.iter().flat_map(|(_, series)| series);
    let x = Axis::over(words.x, Kind::Counts, all().flat_map(|series| series.x.iter().copied()));
    let values = all().flat_map(|series| {
        let ends = series.bands.iter().flat_map(|band| [band.low, band.high]);
        ends.chain(series.dashed.iter().copied())
    });
    let y = Axis::over(words.y, Kind::Log, values);
    let strips = Strips::of(all());
    let description = describe(slice, words, &curve);
    let mut sheet = Sheet::new(words.title, &description);
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
    let caption =
        format!("{} Lines are geometric means over the seeds.{}", slice.caption(), thinned(slice, words.is_backward));
    sheet.caption(&caption);
    Figure {
        name: words.name,
        title: words.title.into(),
        caption,
        description,
        svg: sheet.finish(&format!("vgrun-{}", words.name)),
    }
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

/// Of each cell where its error begins and how much of it arrives.
fn describe(slice: &Slice<'_>, words: &Words, curve: &impl Fn(&CellRow) -> Option<Curve<'_>>) -> String {
    let of_cell = |panel: &str, shard: &Shard<'_>| {
        let Curve { init, .. } = curve(shard.cell)?;
        let (first, last) = (init.first()?, init.last()?);
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
    format!("At initialisation. {}.", cells.collect::<Vec<_>>().join("; "))
}
