//! The norm of each layer's gradient at each step.

use super::data::{FigureData, count, text};
use super::learning::thinned;
use super::picture::{Figure, mark_entries};
use super::profile;
use crate::report::band::Mark;
use crate::report::choose::{Shard, Slice, kept_with, kept_words, reach};
use crate::report::detail::Heat;
use crate::report::draw::{Axis, AxisKind, Block, Canvas, HeatPanel, Sheet, colour_bar};
use crate::report::gathered::Gathered;
use crate::report::number::{counted, power};
use crate::spec::Shown;

const TITLE: &str = "Gradient norm by layer and step";

/// The most maps of a figure.
const MOST_MAPS: usize = 6;

pub(super) fn heatmap(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let slice =
        Slice::of(gathered, None, |cell| cell.detail.as_ref().is_some_and(|detail| detail.heat.steps.len() > 1))?;
    let maps: Vec<(String, &Heat)> = chosen(&slice);
    let values = || maps.iter().flat_map(|(_, heat)| heat.values.iter().map(|x| f64::from(*x)));
    let colours = Axis::over("norm of dLoss/dW", AxisKind::Log, values());
    let marks = || maps.iter().flat_map(|(_, heat)| heat.marks.iter().flatten().copied());
    let description = describe(&maps);
    let mut sheet = Sheet::new(canvas, TITLE, &description);
    let columns = match maps.len() {
        1 => 1,
        2 | 4 => 2,
        _ => 3,
    };
    let block = Block { columns, height: 190.0, left: 46.0, right: 10.0, top: 24.0, bottom: 40.0 };
    for ((title, heat), rect) in maps.iter().zip(sheet.place(maps.len(), block)) {
        let head = heat.layers.len() - 1;
        let row = |(i, layer): (usize, &usize)| if i == head { "head".into() } else { layer.to_string() };
        let panel = HeatPanel {
            title: title.clone(),
            rows: heat.layers.iter().enumerate().map(row).collect(),
            columns: heat.steps.iter().map(ToString::to_string).collect(),
            field: &|layer, step| {
                let (value, mark) = heat.at(layer, step);
                (f64::from(value), mark)
            },
            colours: &colours,
            x: "step",
            y: "layer",
        };
        panel.draw(&mut sheet.svg, rect);
    }
    let bar = sheet.room(44.0);
    colour_bar(&mut sheet.svg, bar, &colours);
    sheet.legend(&mark_entries(Mark::ALL.into_iter().filter(|mark| marks().any(|other| other == *mark))));
    let note = "A colour is the geometric mean over the seeds; a mark says that some seed has such a gradient there; where \
                there is no colour, no seed has a finite one.";
    let maps_left_out = if maps.len() < slice.shown() {
        let has_critical = slice.panels.iter().all(|(_, shards)| nearest(shards).is_some());
        format!(" The values of the maps are {}.", kept_words(has_critical))
    } else {
        String::new()
    };
    let left_out = maps_left_out + &profile::thinned(&slice, true) + &thinned(&slice);
    let caption = format!("{} {note}{left_out}", slice.caption_of(maps.len(), false));
    let data = table(&maps);
    Some(Figure::of("heatmap", sheet, caption, data))
}

fn table(maps: &[(String, &Heat)]) -> FigureData {
    let mut data = FigureData::new(&["panel", "layer", "step", "log10_grad_norm", "mark"]);
    for (title, heat) in maps {
        for (i, layer) in heat.layers.iter().enumerate() {
            for (j, step) in heat.steps.iter().enumerate() {
                let (value, mark) = heat.at(i, j);
                let mark = text(mark.map_or("", Mark::name));
                data.push([text(title), count(*layer), count(*step), Shown::Float(f64::from(value)), mark]);
            }
        }
    }
    data
}

/// Chooses the maps that are drawn: up to the same number of each panel of the slice.
fn chosen<'a>(slice: &Slice<'a>) -> Vec<(String, &'a Heat)> {
    let each = (MOST_MAPS / slice.panels.len()).max(1);
    let of_panel = |(panel, shards): &(String, Vec<Shard<'a>>)| -> Vec<(String, &'a Heat)> {
        let map = |i: usize| {
            let shard = &shards[i];
            let title = if panel.is_empty() { shard.name.clone() } else { format!("{}, {panel}", shard.name) };
            shard.cell.detail.as_ref().map(|detail| (title, &detail.heat))
        };
        kept_with(shards.len(), each, nearest(shards)).into_iter().filter_map(map).collect()
    };
    slice.panels.iter().flat_map(of_panel).collect()
}

/// The shard that is nearest to theory's border, where theory says anything.
fn nearest(shards: &[Shard<'_>]) -> Option<usize> {
    let reach = |i: usize| reach(shards[i].cell);
    let known = (0..shards.len()).filter(|&i| !reach(i).is_nan());
    known.max_by(|&a, &b| reach(a).total_cmp(&reach(b)))
}

/// Describes each cell by its smallest and its largest gradient.
fn describe(maps: &[(String, &Heat)]) -> String {
    let of_map = |(name, heat): &(String, &Heat)| {
        let finite = || heat.values.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
        let range = if low > high {
            "no finite gradient".into()
        } else {
            format!("{} to {}", power(f64::from(low)), power(f64::from(high)))
        };
        let marked = heat.marks.iter().flatten().count();
        let marked = if marked > 0 { format!(", {marked} fields marked") } else { String::new() };
        let (layers, steps) = (counted(heat.layers.len() - 1, "layer"), counted(heat.steps.len(), "step"));
        format!("{name}: {range} over {layers}, the head and {steps}{marked}")
    };
    format!("{}.", maps.iter().map(of_map).collect::<Vec<_>>().join("; "))
}
