//! The phase diagram: which nets learned, over the gain of the init or the spread of the biases, and depth.

use super::picture::Figure;
use crate::kernels::log10;
use crate::report::choose::setting;
use crate::report::draw::{Axis, AxisKind, Block, Entry, LinePanel, Px, Sample, Sheet, Strips, Svg, dot};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::counted;

/// Panels that a page has room for.
const MOST_PANELS: usize = 6;

/// The radius of a point, where they do not crowd.
const DOT: f64 = 5.5;

pub(super) fn phase(gathered: &Gathered) -> Option<Figure> {
    let axis = |key: &str| gathered.axes.iter().position(|axis| axis.is(key) && axis.values.len() > 1);
    let depth = axis("model.depth")?;
    let (knob, words) = axis("model.init_gain")
        .map(|axis| (axis, "gain of the init"))
        .or_else(|| Some((axis("model.bias_std")?, "standard deviation of the biases")))?;
    let (gains, depths) = (gathered.axes[knob].numbers()?, gathered.axes[depth].numbers()?);
    let others: Vec<usize> =
        (0..gathered.axes.len()).filter(|&a| a != knob && a != depth && gathered.axes[a].values.len() > 1).collect();
    let mut panels: Vec<(Vec<usize>, Vec<&CellRow>)> = Vec::new();
    for cell in gathered.cells.iter().filter(|cell| cell.cell.runs > 0) {
        let levels: Vec<usize> = others.iter().map(|&axis| cell.levels[axis]).collect();
        match panels.iter_mut().find(|(known, _)| *known == levels) {
            Some((_, cells)) => cells.push(cell),
            None => panels.push((levels, vec![cell])),
        }
    }
    // One point on either axis is no diagram.
    let spans = |cells: &[&CellRow], axis: usize| cells.iter().any(|cell| cell.levels[axis] != cells[0].levels[axis]);
    panels.retain(|(_, cells)| spans(cells, knob) && spans(cells, depth));
    let all: usize = panels.iter().map(|(_, cells)| cells.len()).sum();
    // Those in which most learned or most did not say the least; of equals the first come first.
    let learned = |cells: &[&CellRow]| cells.iter().filter(|cell| 2 * cell.cell.learned > cell.cell.runs).count();
    panels.sort_by_key(|(_, cells)| std::cmp::Reverse(learned(cells).min(cells.len() - learned(cells))));
    panels.truncate(MOST_PANELS);
    let shown: usize = panels.iter().map(|(_, cells)| cells.len()).sum();
    if panels.is_empty() {
        return None;
    }
    let title = format!("Learned or not, over the {words} and depth");
    let x = Axis::over(words, AxisKind::Linear, gains.iter().copied()).widened();
    let ticks = depths.iter().map(|depth| (log10(*depth), depth.to_string())).collect();
    let y = Axis::over("depth (hidden layers)", AxisKind::Log, std::iter::empty()).with_ticks(ticks);
    let place = |cell: &CellRow| (gains[cell.levels[knob]], log10(depths[cell.levels[depth]]));
    let description = describe(&panels, &|cell| (gains[cell.levels[knob]], depths[cell.levels[depth]]));
    let mut sheet = Sheet::new(&title, &description);
    let block = Block {
        columns: panels.len().min(2),
        height: if panels.len() == 1 { 300.0 } else { 210.0 },
        left: 64.0,
        right: 14.0,
        top: 24.0,
        bottom: 42.0,
    };
    let strips = Strips::default();
    let mut has_line = false;
    for ((levels, cells), rect) in panels.iter().zip(sheet.place(panels.len(), block)) {
        let panel = LinePanel {
            title: setting(gathered, &others, levels),
            x: &x,
            y: &y,
            series: Vec::new(),
            strips: &strips,
            level: None,
        };
        panel.draw(&mut sheet.svg, rect);
        let at =
            |(u, v): (f64, f64)| (rect.x + x.share(u) * rect.w, rect.bottom() - y.share(v).clamp(0.0, 1.0) * rect.h);
        has_line |= draw_depth_scale(&mut sheet.svg, cells, knob, &gains, &at);
        let pitch = rect.w / gains.len().max(1) as f64;
        let r = DOT.min(0.36 * pitch).max(1.5);
        cells.iter().for_each(|cell| draw_point(&mut sheet.svg, cell, at(place(cell)), r));
    }
    let mut entries = vec![
        Entry::new(Sample::Dot { filled: true }, "every seed learned"),
        Entry::new(Sample::Dot { filled: false }, "none did; between, the disc's area is the share"),
    ];
    if has_line {
        entries.push(Entry::new(Sample::Dashed, "6 \u{03be}: as deep as theory lets plain nets train"));
    }
    sheet.legend(&entries);
    let left_out = if shown < all { format!(" {shown} of {} are shown.", counted(all, "cell")) } else { String::new() };
    let formula = if has_line {
        " The depth scale \u{03be} = 1 / |ln \u{03c7}| is the number of layers over which the mean square of delta changes by a \
         factor of e in the mean field, \u{03c7} its factor per layer in the limit of many; plain nets were seen to train up to about \
         6 \u{03be} (Schoenholz et al. 2017). The line joins its values at those of the grid; where it reaches the upper edge, it goes on beyond."
    } else {
        ""
    };
    let caption = format!(
        "A point is a cell over its seeds. Learned: the loss at the end is below 0.9 times that of chance.{formula}{left_out}"
    );
    sheet.caption(&caption);
    Some(Figure { name: "phase", title, caption, description, svg: sheet.finish("vgrun-phase") })
}

/// The line of 6 depth scales, where theory knows it of two values at least.
fn draw_depth_scale(
    svg: &mut Svg,
    cells: &[&CellRow],
    knob: usize,
    gains: &[f64],
    at: &impl Fn((f64, f64)) -> (f64, f64),
) -> bool {
    let of_level = |level: usize| {
        let cell = cells.iter().find(|cell| cell.levels[knob] == level && !cell.theory.trainable_depth.is_nan())?;
        let depth = cell.theory.trainable_depth;
        // An infinite depth is above every axis.
        Some((gains[level], if depth.is_finite() { log10(depth.max(f64::MIN_POSITIVE)) } else { 400.0 }))
    };
    let points: Vec<(f64, f64)> = (0..gains.len()).filter_map(of_level).collect();
    if points.len() < 2 {
        return false;
    }
    let path: Vec<String> = points
        .iter()
        .enumerate()
        .map(|(i, point)| {
            let (x, y) = at(*point);
            format!("{}{} {}", if i == 0 { "M" } else { "L" }, Px(x), Px(y))
        })
        .collect();
    svg.leaf(
        "path",
        format_args!(
            "class=\"pen theory\" d=\"{}\" fill=\"none\" stroke=\"#1b1b1f\" stroke-width=\"1.4\" stroke-dasharray=\"6 4\"",
            path.concat()
        ),
    );
    true
}

/// A ring, and in it a disc whose area is the share of the seeds that learned.
fn draw_point(svg: &mut Svg, cell: &CellRow, place: (f64, f64), r: f64) {
    let (learned, runs) = (cell.cell.learned, cell.cell.runs);
    let share = learned as f64 / runs as f64;
    svg.element("g", format_args!("class=\"point\" data-learned=\"{share}\""), |svg| {
        svg.tip(&format!("{learned} of {} learned", counted(runs, "run")));
        let ring = dot(0, place, r);
        svg.leaf(
            "path",
            format_args!("class=\"pen paper\" d=\"{ring}\" fill=\"#ffffff\" stroke=\"#1b1b1f\" stroke-width=\"1.3\""),
        );
        if learned > 0 {
            let disc = dot(0, place, r * share.sqrt());
            svg.leaf("path", format_args!("class=\"ink\" d=\"{disc}\" fill=\"#1b1b1f\""));
        }
    });
}

/// Describes each value of the knob by the deepest net that every seed learned.
fn describe(panels: &[(Vec<usize>, Vec<&CellRow>)], place: &dyn Fn(&CellRow) -> (f64, f64)) -> String {
    let cells = || panels.iter().flat_map(|(_, cells)| cells.iter().copied());
    let mut gains: Vec<f64> = cells().map(|cell| place(cell).0).collect();
    gains.sort_by(f64::total_cmp);
    gains.dedup();
    let deepest = |gain: f64| {
        let learned = cells().filter(|cell| place(cell).0 == gain && cell.cell.all_learned());
        learned.map(|cell| place(cell).1).fold(f64::NAN, f64::max)
    };
    let words = |gain: &f64| {
        let depth = deepest(*gain);
        let depth = if depth.is_nan() { "none".into() } else { depth.to_string() };
        format!("{gain}: {depth}")
    };
    format!(
        "The deepest net that every seed learned, by value: {}.",
        gains.iter().map(words).collect::<Vec<_>>().join("; ")
    )
}
