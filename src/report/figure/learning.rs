//! Loss and accuracy over the steps.

use super::data::FigureData;
use super::picture::{Figure, mark_entries};
use crate::kernels::log10;
use crate::report::band::Band;
use crate::report::choose::{Shard, Slice};
use crate::report::detail::Curves;
use crate::report::draw::{Axis, AxisKind, Block, Canvas, Entry, LinePanel, Sample, Series, Sheet, Strips};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::apart;

const TITLE: &str = "Loss and accuracy on the batch";

/// The ratio of the greatest to the least loss above which a logarithmic axis shows more.
const WIDE: f64 = 30.0;

/// The share of the greatest loss that the losses must span so that their axis begins at 0.
const NEAR: f64 = 0.05;

/// A panel and its vertical axis.
struct Plot {
    title: String,
    series: Vec<Series>,
    y: Axis,
    level: Option<(f64, &'static str)>,
}

pub(super) fn learning(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let is_trained = |cell: &CellRow| cell.detail.as_ref().is_some_and(|detail| detail.curves.steps.len() > 1);
    let slice = Slice::of(gathered, Some("model.kind"), is_trained)?;
    let time = Time::of(slice.shards().filter_map(|shard| shard.cell.detail.as_ref()).map(|detail| &detail.curves));
    let has_accuracy =
        slice.shards().filter_map(|shard| shard.cell.detail.as_ref()).any(|d| !d.curves.accuracy.is_empty());
    let mut plots = Vec::new();
    for (value, shards) in &slice.panels {
        plots.push(loss(value, shards, time));
        if has_accuracy {
            plots.push(accuracy(value, shards, time));
        }
    }
    let all = || plots.iter().flat_map(|plot| &plot.series);
    let x = time.axis(all().flat_map(|series| series.x.iter().copied()));
    let strips = Strips::of(all());
    let description = describe(&slice);
    let mut sheet = Sheet::new(canvas, TITLE, &description);
    let columns = if plots.len() == 1 { 1 } else { 2 };
    let height = if plots.len() <= 2 { 240.0 } else { 160.0 };
    let block =
        Block { columns, height, left: 64.0, right: 12.0, top: 24.0 + strips.above(), bottom: 42.0 + strips.below() };
    let has_range = all().flat_map(|series| &series.bands).any(|band| band.high > band.low);
    let mut entries: Vec<Entry> =
        slice.names().into_iter().map(|(style, name)| Entry::new(Sample::Line(style), name)).collect();
    if has_range {
        entries.push(Entry::new(Sample::Band, "least to greatest over the seeds"));
    }
    entries.extend(mark_entries(strips.marks()));
    let rects = sheet.place(plots.len(), block);
    for (Plot { title, series, y, level }, rect) in plots.into_iter().zip(rects) {
        LinePanel { title, x: &x, y: &y, series, strips: &strips, level }.draw(&mut sheet.svg, rect);
    }
    sheet.legend(&entries);
    let caption =
        format!("{} Lines are means over the seeds, at the traced steps.{}", slice.caption(), thinned(&slice));
    Some(Figure::of("learning", sheet, caption, table(&slice)))
}

fn table(slice: &Slice<'_>) -> FigureData {
    let mut data = FigureData::of_lines("step", false);
    for (value, shards) in &slice.panels {
        for (shard, detail) in shards.iter().filter_map(|shard| Some((shard, shard.cell.detail.as_ref()?))) {
            let Curves { steps, loss, accuracy } = &detail.curves;
            data.line((&titled("loss", value), &shard.name), steps, loss, &[]);
            data.line((&titled("accuracy", value), &shard.name), steps, accuracy, &[]);
        }
    }
    data
}

/// The loss of some cells, on an axis of their own: other cells' may span many decades.
fn loss(value: &str, shards: &[Shard<'_>], time: Time) -> Plot {
    let of_cell = |shard: &Shard<'_>| shard.cell.detail.as_ref().map(|detail| detail.curves.loss.clone());
    let losses: Vec<Band> = shards.iter().filter_map(of_cell).flatten().collect();
    let kind = kind_of(losses.iter());
    let on_axis = |x: f64| if kind == AxisKind::Log { log10(x) } else { x };
    let band = |band: Band| Band { mean: on_axis(band.mean), low: on_axis(band.low), high: on_axis(band.high), ..band };
    let series = |shard: &Shard<'_>| Some(time.series(shard, of_cell(shard)?.into_iter().map(band).collect()));
    let series: Vec<Series> = shards.iter().filter_map(series).collect();
    let chance = shards.iter().map(|shard| shard.cell.cell.loss_of_chance).find(|x| x.is_finite()).map(on_axis);
    let ends = series.iter().flat_map(|series| &series.bands).flat_map(|band| [band.low, band.high]);
    // Losses that stay near chance would be one line in an axis from 0 on.
    let finite = || ends.clone().filter(|x| x.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let floor = (kind == AxisKind::Linear && high - low > NEAR * high).then_some(0.0);
    let y = Axis::over("loss", kind, finite().chain(floor).chain(chance));
    Plot { title: titled("loss", value), y, level: chance.map(|chance| (chance, "loss of chance")), series }
}

fn accuracy(value: &str, shards: &[Shard<'_>], time: Time) -> Plot {
    let series = |shard: &Shard<'_>| Some(time.series(shard, shard.cell.detail.as_ref()?.curves.accuracy.clone()));
    let series = shards.iter().filter_map(series).filter(|series| !series.bands.is_empty()).collect();
    let y = Axis::over("accuracy", AxisKind::Linear, [0.0, 1.0].into_iter());
    Plot { title: titled("accuracy", value), y, level: None, series }
}

fn titled(what: &str, value: &str) -> String {
    if value.is_empty() { what.into() } else { format!("{what}, {value}") }
}

/// How steps are laid out: evenly, or by their logarithm where they were traced at ever larger distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Even,
    Logarithmic,
}

impl Time {
    fn of<'a>(curves: impl Iterator<Item = &'a Curves>) -> Self {
        let grows = |curves: &Curves| {
            let gaps: Vec<usize> = curves.steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let middle = gaps.len() / 2;
            gaps.len() > 5 && gaps[middle] >= 5 * gaps[0] && gaps.iter().max() >= Some(&(4 * gaps[middle]))
        };
        if curves.into_iter().any(grows) { Self::Logarithmic } else { Self::Even }
    }

    fn axis(self, values: impl Iterator<Item = f64>) -> Axis {
        match self {
            Self::Even => Axis::over("step", AxisKind::Counts, values),
            Self::Logarithmic => Axis::over("step + 1", AxisKind::Log, values),
        }
    }

    fn series(self, shard: &Shard<'_>, bands: Vec<Band>) -> Series {
        let steps = shard.cell.detail.as_ref().map(|detail| &detail.curves.steps[..]).unwrap_or_default();
        let place = |step: &usize| match self {
            Self::Even => *step as f64,
            Self::Logarithmic => log10(*step as f64 + 1.0),
        };
        let x = steps.iter().map(place).collect();
        Series { style: shard.style, name: shard.name.clone(), x, bands, dashed: Vec::new() }
    }
}

/// What is left out for drawing, in a sentence; empty where nothing is.
pub(super) fn thinned(slice: &Slice<'_>) -> String {
    let of_cell = |shard: &Shard<'_>| Some(shard.cell.detail.as_ref()?.thinned?.steps);
    let kept = slice.shards().filter_map(of_cell).max_by_key(|[_, all]| *all).filter(|[kept, all]| kept < all);
    kept.map(|[kept, all]| format!(" {kept} of {all} traced steps are drawn; the tables have all.")).unwrap_or_default()
}

/// Chooses a logarithmic axis where losses span much and all are positive.
fn kind_of<'a>(losses: impl Iterator<Item = &'a Band>) -> AxisKind {
    let range = |(low, high): (f64, f64), band: &Band| (low.min(band.low), high.max(band.high));
    let (low, high) = losses.filter(|band| band.is_finite()).fold((f64::INFINITY, 0.0), range);
    if low > 0.0 && low < high && high / low > WIDE { AxisKind::Log } else { AxisKind::Linear }
}

/// Describes each cell by its loss at the first and at the last step.
fn describe(slice: &Slice<'_>) -> String {
    let of_cell = |panel: &str, shard: &Shard<'_>| {
        let curves = &shard.cell.detail.as_ref()?.curves;
        let (first, last) = (curves.loss.first()?, curves.loss.last()?);
        let name = if panel.is_empty() { shard.name.clone() } else { format!("{}, {panel}", shard.name) };
        let [first, last] = match (first.is_finite(), last.is_finite()) {
            (true, true) => apart(first.mean, last.mean).map(|text| format!("loss {text}")),
            (_, _) => [first, last].map(|band| {
                if band.is_finite() { format!("loss {:.3}", band.mean) } else { "no finite loss".to_owned() }
            }),
        };
        Some(format!("{name}: {first} at first, {last} at the last step"))
    };
    let cells =
        slice.panels.iter().flat_map(|(panel, shards)| shards.iter().filter_map(move |shard| of_cell(panel, shard)));
    format!("{}.", cells.collect::<Vec<_>>().join("; "))
}
