//! Loss and accuracy over the steps.

use super::{Figure, mark_entries};
use crate::kernels::log10;
use crate::report::band::Band;
use crate::report::choose::{Shard, Slice};
use crate::report::draw::{Axis, Block, Entry, Kind, LinePanel, Sample, Series, Sheet, Strips};
use crate::report::gathered::Gathered;

const TITLE: &str = "Loss and accuracy on the batch";

/// From this ratio of the greatest to the least loss on, a logarithmic axis shows more.
const WIDE: f64 = 30.0;

pub(super) fn learning(gathered: &Gathered) -> Option<Figure> {
    let trained = |steps: usize| steps > 1;
    let slice = Slice::of(gathered, Some("model.kind"), |cell| {
        cell.detail.as_ref().is_some_and(|d| trained(d.curves.steps.len()))
    })?;
    let has_accuracy =
        slice.shards().any(|shard| shard.cell.detail.as_ref().is_some_and(|d| !d.curves.accuracy.is_empty()));
    let losses = || slice.shards().filter_map(|shard| shard.cell.detail.as_ref()).flat_map(|d| &d.curves.loss);
    let kind = kind_of(losses());
    let series = |shard: &Shard<'_>, is_accuracy: bool| {
        let curves = &shard.cell.detail.as_ref()?.curves;
        let bands = if is_accuracy {
            curves.accuracy.clone()
        } else {
            curves.loss.iter().map(|band| on(kind, *band)).collect()
        };
        let x = curves.steps.iter().map(|&step| step as f64).collect();
        Some(Series { style: shard.style, name: shard.name.clone(), x, bands, dashed: Vec::new() })
    };
    let what: &[(bool, &str)] = if has_accuracy { &[(false, "loss"), (true, "accuracy")] } else { &[(false, "loss")] };
    let mut panels: Vec<(bool, String, Vec<Series>)> = Vec::new();
    for (value, shards) in &slice.panels {
        for (is_accuracy, name) in what {
            let title = if value.is_empty() { (*name).to_owned() } else { format!("{name}, {value}") };
            panels.push((*is_accuracy, title, shards.iter().filter_map(|shard| series(shard, *is_accuracy)).collect()));
        }
    }
    let all = || panels.iter().flat_map(|(_, _, series)| series);
    let x = Axis::over("step", Kind::Counts, all().flat_map(|series| series.x.iter().copied()));
    let of_loss = panels.iter().filter(|(is_accuracy, _, _)| !is_accuracy).flat_map(|(_, _, series)| series);
    let ends = of_loss.flat_map(|series| &series.bands).flat_map(|band| [band.low, band.high]);
    let chance = slice.shards().map(|shard| shard.cell.cell.loss_of_chance).find(|x| x.is_finite());
    let level = chance.map(|chance| if kind == Kind::Log { log10(chance) } else { chance });
    let floor = if kind == Kind::Log { None } else { Some(0.0) };
    let loss = Axis::over("loss", kind, ends.chain(floor).chain(level));
    let accuracy = Axis::over("accuracy", Kind::Linear, [0.0, 1.0].into_iter());
    let strips = Strips::of(all());
    let description = describe(&slice);
    let mut sheet = Sheet::new(TITLE, &description);
    let columns = if panels.len() == 1 { 1 } else { 2 };
    let height = if panels.len() <= 2 { 240.0 } else { 160.0 };
    let block =
        Block { columns, height, left: 64.0, right: 12.0, top: 24.0 + strips.above(), bottom: 42.0 + strips.below() };
    let has_range = all().flat_map(|series| &series.bands).any(|band| band.high > band.low);
    let mut entries: Vec<Entry> =
        slice.names().into_iter().map(|(style, name)| Entry::new(Sample::Line(style), name)).collect();
    if has_range {
        entries.push(Entry::new(Sample::Band, "least to greatest over the seeds"));
    }
    entries.extend(mark_entries(strips.marks()));
    let rects = sheet.place(panels.len(), block);
    for ((is_accuracy, title, series), rect) in panels.into_iter().zip(rects) {
        let level = level.filter(|_| !is_accuracy).map(|level| (level, "loss of chance"));
        let y = if is_accuracy { &accuracy } else { &loss };
        LinePanel { title, x: &x, y, series, strips: &strips, level }.draw(&mut sheet.svg, rect);
    }
    sheet.legend(&entries);
    let caption =
        format!("{} Lines are means over the seeds, at the traced steps.{}", slice.caption(), thinned(&slice));
    sheet.caption(&caption);
    Some(Figure { name: "learning", title: TITLE.into(), caption, description, svg: sheet.finish("vgrun-learning") })
}

/// What is left out for drawing, in a sentence; empty where nothing is.
pub(super) fn thinned(slice: &Slice<'_>) -> String {
    let of_cell = |shard: &Shard<'_>| Some(shard.cell.detail.as_ref()?.thinned?.steps);
    let kept = slice.shards().filter_map(of_cell).max_by_key(|[_, all]| *all).filter(|[kept, all]| kept < all);
    kept.map(|[kept, all]| format!(" {kept} of {all} traced steps are drawn; the tables have all.")).unwrap_or_default()
}

/// Logarithmic where losses span much and all are positive.
fn kind_of<'a>(losses: impl Iterator<Item = &'a Band>) -> Kind {
    let range = |(low, high): (f64, f64), band: &Band| (low.min(band.low), high.max(band.high));
    let (low, high) = losses.filter(|band| band.is_finite()).fold((f64::INFINITY, 0.0), range);
    if low > 0.0 && low < high && high / low > WIDE { Kind::Log } else { Kind::Linear }
}

fn on(kind: Kind, band: Band) -> Band {
    match kind {
        Kind::Linear | Kind::Counts => band,
        Kind::Log => Band { mean: log10(band.mean), low: log10(band.low), high: log10(band.high), ..band },
    }
}

/// Of each cell from which loss to which.
fn describe(slice: &Slice<'_>) -> String {
    let of_cell = |panel: &str, shard: &Shard<'_>| {
        let curves = &shard.cell.detail.as_ref()?.curves;
        let (first, last) = (curves.loss.first()?, curves.loss.last()?);
        let name = if panel.is_empty() { shard.name.clone() } else { format!("{}, {panel}", shard.name) };
        let ends = if last.is_finite() { format!("{:.3}", last.mean) } else { "no finite loss".into() };
        Some(format!("{name}: loss {:.3} at first, {ends} at the last step", first.mean))
    };
    let cells =
        slice.panels.iter().flat_map(|(panel, shards)| shards.iter().filter_map(move |shard| of_cell(panel, shard)));
    format!("{}.", cells.collect::<Vec<_>>().join("; "))
}
