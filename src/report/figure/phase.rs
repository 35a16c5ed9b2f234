//! The phase diagram: which nets learned, over two numbers, with the border that theory draws.

use std::fmt::Write as _;

use super::data::{FigureData, count, text};
use super::picture::Figure;
use crate::report::choose::setting;
use crate::report::draw::{
    Axis, AxisKind, Block, Canvas, Entry, LinePanel, Px, Rect, Sample, Scale, Sheet, Strips, Svg, cividis, hex, width,
};
use crate::report::gathered::{CellRow, Gathered, GridAxis};
use crate::report::number::counted;
use crate::report::plane::{Border, Plane, PlaneFamily};
use crate::spec::Shown;

const FITS: &str = "a String takes all text";

/// The size of tick labels, and the room between two.
const LABEL: f64 = 11.0;
const GAP: f64 = 8.0;

/// Words for an axis, with its unit where there is one.
fn words(axis: &GridAxis) -> String {
    match axis.keys[..] {
        ["model.init_gain"] => "init_gain: factor on the initial weights".into(),
        ["model.bias_std"] => "bias_std: standard deviation of the biases".into(),
        ["model.depth"] => "depth (hidden layers)".into(),
        ["model.width"] => "width (units per layer)".into(),
        ["data.length"] => "length (time steps)".into(),
        ["train.learning_rate"] => "learning rate".into(),
        _ => axis.name.clone(),
    }
}

/// A plane's axes as they are drawn.
struct Drawing<'a> {
    gathered: &'a Gathered,
    plane: &'a Plane,
    scales: [Scale; 2],
    axes: [Axis; 2],
}

pub(super) fn phase(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let plane = gathered.plane.as_ref()?;
    let [x, y] = [plane.x, plane.y].map(|axis| &gathered.axes[axis]);
    let title = format!("Which nets learned, over {} and {}", x.name, y.name);
    let description = describe(gathered, plane);
    let mut sheet = Sheet::new(canvas, &title, &description);
    let panels = plane.families.len();
    let block = Block {
        columns: panels.min(2),
        height: if panels == 1 { 300.0 } else { 210.0 },
        left: 64.0,
        right: 14.0,
        top: 24.0,
        bottom: 42.0,
    };
    let rects = sheet.place(panels, block);
    let scales = [Plane::scale(&gathered.axes, plane.x)?, Plane::scale(&gathered.axes, plane.y)?];
    let axes = [drawn_axis(x, &scales[0], rects[0].w, true), drawn_axis(y, &scales[1], rects[0].h, false)];
    let drawing = Drawing { gathered, plane, scales, axes };
    plane.families.iter().zip(rects).for_each(|(family, rect)| drawing.panel(&mut sheet.svg, family, rect));
    let has_border = plane.families.iter().any(|family| family.border.is_some());
    let has_critical =
        plane.families.iter().flat_map(|family| &family.border).any(|border| !border.critical.is_empty());
    let mut entries = vec![
        Entry::new(Sample::Tile(cividis(1.0)), "every seed learned"),
        Entry::new(Sample::Tile(cividis(0.5)), "half of them"),
        Entry::new(Sample::Tile(cividis(0.0)), "none"),
    ];
    if has_border {
        entries.push(Entry::new(Sample::Dashed, "6 \u{03be}: as deep as theory lets plain nets train"));
    }
    sheet.legend(&entries);
    let caption = caption(plane, has_border, has_critical);
    let data = table(gathered, plane);
    Some(Figure::of("phase", sheet, caption, data))
}

fn caption(plane: &Plane, has_border: bool, has_critical: bool) -> String {
    let shown = match plane.families.len() {
        n if n < plane.of => format!(
            " {n} of {} are drawn: those in which nets that learned and nets that did not are most evenly many; of each, all \
             cells.",
            counted(plane.of, "panel")
        ),
        _ => " All cells are drawn.".into(),
    };
    let border = if has_border {
        " The depth scale \u{03be} = 1 / |ln \u{03c7}| is the number of layers over which the mean square of delta changes by a \
         factor of e in the mean field, \u{03c7} its factor per layer in the limit of many; plain nets were seen to train up to \
         about 6 \u{03be} (Schoenholz et al. 2017)."
    } else {
        ""
    };
    let critical = if has_critical {
        " The upright line is where \u{03c7} = 1: on one side of it errors vanish, on the other they explode."
    } else {
        ""
    };
    format!(
        "A tile is a cell, and its colour the share of its seeds that learned: whose loss at the end is below 0.9 times that of \
         chance. A light grey tile has no run that ended.{shown}{border}{critical}"
    )
}

/// An axis with ticks at values of the grid, as many as have room, both ends first.
fn drawn_axis(axis: &GridAxis, scale: &Scale, length: f64, is_across: bool) -> Axis {
    let numbers = axis.numbers().unwrap_or_default();
    let (low, high) = scale.ends();
    let pixel = |level: usize| (scale.at(numbers[level]) - low) / (high - low) * length;
    let size = |level: usize| if is_across { width(&axis.label(level), LABEL) + GAP } else { LABEL + 3.0 };
    let has_room = |a: usize, b: usize| (pixel(a) - pixel(b)).abs() >= f64::midpoint(size(a), size(b));
    let mut shown: Vec<usize> = Vec::new();
    for level in [0, numbers.len() - 1].into_iter().chain(0..numbers.len()) {
        if shown.iter().all(|&other| has_room(level, other)) {
            shown.push(level);
        }
    }
    let ticks = shown.into_iter().map(|level| (scale.at(numbers[level]), axis.label(level))).collect();
    Axis::between(&words(axis), AxisKind::Linear, (low, high), ticks)
}

impl Drawing<'_> {
    fn panel(&self, svg: &mut Svg, family: &PlaneFamily, rect: Rect) {
        let [x, y] = &self.axes;
        let title = setting(self.gathered, &self.plane.others, &family.levels);
        let strips = Strips::default();
        LinePanel { title, x, y, series: Vec::new(), strips: &strips, level: None }.draw(svg, rect);
        for &cell in &family.cells {
            self.tile(svg, &self.gathered.cells[cell], rect);
        }
        if let Some(border) = &family.border {
            self.border(svg, border, rect);
        }
    }

    fn tile(&self, svg: &mut Svg, cell: &CellRow, rect: Rect) {
        let [(left, right), (low, high)] =
            [(0, self.plane.x), (1, self.plane.y)].map(|(scale, axis)| self.scales[scale].tile(cell.levels[axis]));
        let [x, y] = &self.axes;
        let (left, right) = (rect.x + x.share(left) * rect.w, rect.x + x.share(right) * rect.w);
        let (top, bottom) = (rect.bottom() - y.share(high) * rect.h, rect.bottom() - y.share(low) * rect.h);
        let (learned, done) = (cell.cell.learned, cell.counts.done());
        let share = share(cell);
        let (class, fill) = match share {
            share if share.is_nan() => (" class=\"blank\"", "#d5d8de".to_owned()),
            share => ("", hex(cividis(share))),
        };
        svg.element("g", format_args!("class=\"tile\" data-learned=\"{share}\""), |svg| {
            svg.tip(&format!("{}: {learned} of {} learned", self.name(cell), counted(done, "run")));
            svg.leaf(
                "rect",
                format_args!(
                    "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{class} fill=\"{fill}\" shape-rendering=\"crispEdges\"",
                    Px(left),
                    Px(top),
                    Px(right - left),
                    Px(bottom - top)
                ),
            );
        });
    }

    /// `init_gain 1.4, depth 20`.
    fn name(&self, cell: &CellRow) -> String {
        let value = |axis: usize| {
            let GridAxis { name, .. } = &self.gathered.axes[axis];
            format!("{name} {}", self.gathered.axes[axis].label(cell.levels[axis]))
        };
        format!("{}, {}", value(self.plane.x), value(self.plane.y))
    }

    fn border(&self, svg: &mut Svg, Border { depths, critical }: &Border, rect: Rect) {
        let [x, y] = &self.axes;
        let column = |value: f64| rect.x + x.share(self.scales[0].at(value)) * rect.w;
        let mut path = String::new();
        for &value in critical {
            write!(path, "M{} {}V{}", Px(column(value)), Px(rect.y), Px(rect.bottom())).expect(FITS);
        }
        pen(svg, "critical", &path, "1.2", "");
        // An infinite depth is above every axis, and one below 1 is below it.
        let row = |depth: f64| {
            let at = if depth.is_finite() { self.scales[1].at(depth.max(f64::MIN_POSITIVE)) } else { f64::INFINITY };
            rect.bottom() - y.share(at).clamp(-1.0, 2.0) * rect.h
        };
        let points: Vec<(f64, f64)> = depths.iter().map(|&(value, depth)| (column(value), row(depth))).collect();
        pen(svg, "theory", &clipped(&points, (rect.y, rect.bottom())), "1.6", " stroke-dasharray=\"6 4\"");
    }
}

/// A dark line with a light edge, which is seen on tiles of any colour.
fn pen(svg: &mut Svg, class: &str, path: &str, thick: &str, dashes: &str) {
    if !path.is_empty() {
        svg.leaf(
            "path",
            format_args!("d=\"{path}\" fill=\"none\" stroke=\"#ffffff\" stroke-width=\"4\" stroke-opacity=\"0.85\""),
        );
        svg.leaf(
            "path",
            format_args!(
                "class=\"{class}\" d=\"{path}\" fill=\"none\" stroke=\"#1b1b1f\" stroke-width=\"{thick}\"{dashes}"
            ),
        );
    }
}

/// The parts of a line between two heights.
fn clipped(points: &[(f64, f64)], (top, bottom): (f64, f64)) -> String {
    let mut path = String::new();
    let mut pen: Option<(f64, f64)> = None;
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        // Where the way from the first point to the second enters and leaves.
        let share = |y: f64| (y - y0) / (y1 - y0);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        if y0 == y1 {
            if !(top..=bottom).contains(&y0) {
                continue;
            }
        } else {
            let (a, b) = (share(top), share(bottom));
            (from, to) = (from.max(a.min(b)), to.min(a.max(b)));
        }
        if from >= to {
            continue;
        }
        let at = |share: f64| (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
        if pen != Some(at(from)) {
            let (x, y) = at(from);
            write!(path, "M{} {}", Px(x), Px(y)).expect(FITS);
        }
        let (x, y) = at(to);
        write!(path, "L{} {}", Px(x), Px(y)).expect(FITS);
        pen = Some((x, y));
    }
    path
}

/// The share of the runs that ended that learned; NaN of none.
fn share(cell: &CellRow) -> f64 {
    cell.cell.learned as f64 / cell.counts.done() as f64
}

fn table(gathered: &Gathered, plane: &Plane) -> FigureData {
    let mut data = FigureData::new(&["panel", "what", "x", "y", "learned_share", "learned", "runs"]);
    let numbers = |axis: usize| gathered.axes[axis].numbers().unwrap_or_default();
    let (x, y) = (numbers(plane.x), numbers(plane.y));
    for family in &plane.families {
        let panel = text(&setting(gathered, &plane.others, &family.levels));
        for cell in family.cells.iter().map(|&cell| &gathered.cells[cell]) {
            let place = [x[cell.levels[plane.x]], y[cell.levels[plane.y]], share(cell)].map(Shown::Float);
            let counts = [count(cell.cell.learned), count(cell.counts.done())];
            data.push([panel.clone(), text("cell")].into_iter().chain(place).chain(counts));
        }
        for &(x, depth) in family.border.iter().flat_map(|border| &border.depths) {
            let place = [x, depth, f64::NAN].map(Shown::Float);
            data.push([panel.clone(), text("theory")].into_iter().chain(place).chain([count(0), count(0)]));
        }
        for &x in family.border.iter().flat_map(|border| &border.critical) {
            let place = [x, f64::INFINITY, f64::NAN].map(Shown::Float);
            data.push([panel.clone(), text("critical")].into_iter().chain(place).chain([count(0), count(0)]));
        }
    }
    data
}

/// Describes each panel: of each value across the largest value upwards that every seed learned, and where theory has its
/// critical value.
fn describe(gathered: &Gathered, plane: &Plane) -> String {
    let [x, y] = [plane.x, plane.y].map(|axis| &gathered.axes[axis]);
    let of_family = |family: &PlaneFamily| {
        let cells = || family.cells.iter().map(|&cell| &gathered.cells[cell]);
        let largest = |level: usize| {
            let learned = cells().filter(|cell| cell.levels[plane.x] == level && cell.cell.all_learned());
            let largest = learned.map(|cell| cell.levels[plane.y]).max();
            largest.map_or_else(|| "none".to_owned(), |level| y.label(level))
        };
        let levels = (0..x.values.len()).filter(|level| cells().any(|cell| cell.levels[plane.x] == *level));
        let values: Vec<String> = levels.map(|level| format!("{}: {}", x.label(level), largest(level))).collect();
        let critical: Vec<String> = family
            .border
            .iter()
            .flat_map(|border| &border.critical)
            .map(|x| format!(". Theory has an error keep its size at {x:.3}"))
            .collect();
        let title = setting(gathered, &plane.others, &family.levels);
        let title = if title.is_empty() { String::new() } else { format!("{title}: ") };
        format!("{title}{}{}", values.join("; "), critical.concat())
    };
    let families: Vec<String> = plane.families.iter().map(of_family).collect();
    format!("The largest {} that every seed learned, by {}. {}.", y.name, x.name, families.join(". "))
}
