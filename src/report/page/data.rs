//! What the page's script draws: rows, facts and curves as JSON, thinned until they fit in a page.

use serde::Serialize;

use super::groups::{Group, Grouping};
use super::table::{PageColumn, Row, columns};
use super::words;
use crate::report::band::{Band, Marks};
use crate::report::detail::{Detail, Heat, kept};
use crate::report::draw::{cividis, hex};
use crate::report::gathered::Gathered;

/// The most bytes that curves may take: a page must open at once, also from a mail.
const MOST_BYTES: usize = 1_800_000;

/// How much of the curves is kept, the most first: layers (or lags) and steps. With 0 steps there is no heat map.
const LEVELS: [(usize, usize); 6] = [(128, 64), (64, 32), (32, 22), (16, 11), (16, 0), (8, 0)];

/// Steps of the colour scale of heat maps.
const COLOURS: usize = 64;

/// The script's data.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    axes: Vec<Axis>,
    cells: Vec<CellData>,
    /// The row of each cell of the grid, for figures that know cells alone.
    row_of: Vec<usize>,
    /// The row that is chosen at first.
    first: usize,
    /// Rows that the table shows at a time.
    page: usize,
    /// The colours of heat maps, from low to high.
    colours: Vec<String>,
    without_detail: &'static str,
    #[serde(skip)]
    level: (usize, usize),
    #[serde(skip)]
    is_thinned: bool,
}

#[derive(Debug, Serialize)]
struct Axis {
    name: String,
    values: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CellData {
    at: Vec<usize>,
    verdict: &'static str,
    row: Vec<String>,
    sort: Vec<f64>,
    facts: Vec<(&'static str, String)>,
    cures: Vec<String>,
    /// What to do with the grid, where nothing in it cures the cell.
    add: Option<String>,
    detail: Option<Curves>,
}

#[derive(Debug, Serialize)]
struct Curves {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<Speed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lag: Option<Profile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heat: Option<HeatMap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<Losses>,
}

/// Bands as columns; what is not finite is null.
#[derive(Debug, Serialize)]
struct Line {
    mean: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    low: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    high: Vec<f64>,
}

/// A curve over the layers, or over the lags.
#[derive(Debug, Serialize)]
struct Profile {
    at: Vec<usize>,
    init: Line,
    last: Line,
    theory: Vec<f64>,
    marks: Vec<String>,
}

/// How fast each layer learns.
#[derive(Debug, Serialize)]
struct Speed {
    at: Vec<usize>,
    mean: Line,
    marks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct HeatMap {
    layers: Vec<usize>,
    steps: Vec<usize>,
    /// Layer by layer, and of each step by step.
    values: Vec<Vec<f64>>,
    /// Layer's position, step's position, and what is special there.
    marks: Vec<(usize, usize, &'static str)>,
}

#[derive(Debug, Serialize)]
struct Losses {
    steps: Vec<usize>,
    loss: Line,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<Line>,
}

impl Data {
    /// Makes the data of a page with these rows, of which `page` are shown at a time.
    pub(super) fn of(gathered: &Gathered, grouping: &Grouping, rows: &[Row<'_>], page: usize) -> Self {
        let axes = grouping.axes.iter().map(|&axis| Axis {
            name: gathered.axes[axis].name.clone(),
            values: (0..gathered.axes[axis].values.len()).map(|level| gathered.axes[axis].label(level)).collect(),
        });
        let columns = columns(gathered);
        let cells =
            rows.iter().zip(&grouping.groups).map(|(row, group)| cell(gathered, grouping, &columns, (row, group)));
        let mut data = Self {
            axes: axes.collect(),
            cells: cells.collect(),
            row_of: grouping.row_of(gathered.cells.len()),
            first: worst(rows),
            page,
            colours: (0..COLOURS).map(|i| hex(cividis(i as f64 / (COLOURS - 1) as f64))).collect(),
            without_detail: "No run of this cell has a result, or there are more cells than this page has room for: \
                             trace.csv has what was recorded.",
            level: LEVELS[0],
            is_thinned: false,
        };
        for (i, level) in LEVELS.into_iter().enumerate() {
            data.level = level;
            data.is_thinned = i > 0;
            if data.draw(gathered, grouping, level) {
                return data;
            }
        }
        data
    }

    /// Puts the curves in, with so much of them; whether they fit. Those that do not are left out, the last ones first.
    fn draw(&mut self, gathered: &Gathered, grouping: &Grouping, level: (usize, usize)) -> bool {
        self.cells.iter_mut().for_each(|cell| cell.detail = None);
        let mut room = MOST_BYTES;
        for (cell, group) in self.cells.iter_mut().zip(&grouping.groups) {
            let Some(detail) = &gathered.cells[group.shown].detail else { continue };
            let curves = curves(detail, level);
            let bytes = serde_json::to_string(&curves).expect("numbers always serialize").len();
            match room.checked_sub(bytes) {
                Some(left) => room = left,
                None => return false,
            }
            cell.detail = Some(curves);
        }
        true
    }

    /// What was thinned, in a sentence.
    pub(super) fn note(&self) -> Option<String> {
        if !self.is_thinned {
            return None;
        }
        let (layers, steps) = self.level;
        let left = self.cells.iter().filter(|cell| cell.detail.is_none()).count();
        let steps = if steps == 0 { "no heat map".into() } else { format!("at most {steps} steps") };
        let cells = if left == 0 { String::new() } else { format!(", and no curves of {left} rows") };
        Some(format!(
            "To keep this page small, curves of single cells have at most {layers} layers or time steps, and \
             {steps}{cells}; the tables have all."
        ))
    }

    /// Writes the data as text for an element `script`. No `<` stays in it: the element would end at the first
    /// `</script`, whatever that is part of.
    pub(super) fn script(&self) -> String {
        serde_json::to_string(self).expect("text and numbers always serialize").replace('<', "\\u003c")
    }
}

/// The row that a reader wants to see first: the one whose gradients vanish or explode most; the first of a healthy grid.
fn worst(rows: &[Row<'_>]) -> usize {
    let size = |row: &Row<'_>| if row.is_sick() { row.size() } else { -1.0 };
    let mut worst = 0;
    for i in 1..rows.len() {
        if size(&rows[i]) > size(&rows[worst]) {
            worst = i;
        }
    }
    worst
}

fn cell(
    gathered: &Gathered,
    grouping: &Grouping,
    columns: &[&PageColumn],
    (row, group): (&Row<'_>, &Group),
) -> CellData {
    let shown = &gathered.cells[group.shown];
    CellData {
        at: group.levels.clone(),
        verdict: row.class(),
        row: row.texts(columns),
        sort: row.keys(columns),
        facts: words::facts(gathered, group, &grouping.folded),
        add: shown.line.as_ref().map(words::added),
        cures: shown.cures.iter().map(|cure| words::cure(gathered, shown, cure)).collect(),
        detail: None,
    }
}

fn curves(detail: &Detail, (most_places, most_steps): (usize, usize)) -> Curves {
    let profile = &detail.profile;
    let at = kept(profile.layers.len(), most_places);
    // Of one layer there is no profile.
    let across = (profile.layers.len() > 1).then(|| Profile {
        at: chosen(&profile.layers, &at),
        init: line(&profile.init, &at),
        last: line(&profile.last, &at),
        theory: theory(&profile.predicted, profile.anchor(), &at),
        marks: marks(&[(&profile.init, AT_FIRST), (&profile.last, AT_LAST)], &at),
    });
    let speeds = &detail.speeds;
    let speed = (speeds.layers.len() > 1).then(|| Speed {
        at: chosen(&speeds.layers, &at),
        mean: line(&speeds.bands, &at),
        marks: marks(&[(&speeds.bands, "in some step")], &at),
    });
    let lag = detail.lags.as_ref().map(|lags| {
        let at = kept(lags.lags.len(), most_places);
        Profile {
            at: chosen(&lags.lags, &at),
            init: line(&lags.init, &at),
            last: line(&lags.last, &at),
            theory: theory(&lags.predicted, lags.anchor(), &at),
            marks: marks(&[(&lags.init, AT_FIRST), (&lags.last, AT_LAST)], &at),
        }
    });
    let steps = kept(detail.heat.steps.len(), most_steps.max(2));
    Curves {
        profile: across,
        speed,
        lag,
        heat: (most_steps > 0).then(|| heat(&detail.heat, &kept(detail.heat.layers.len(), most_places), &steps)),
        loss: Some(Losses {
            steps: chosen(&detail.curves.steps, &steps),
            loss: line(&detail.curves.loss, &steps),
            accuracy: (!detail.curves.accuracy.is_empty()).then(|| line(&detail.curves.accuracy, &steps)),
        })
        .filter(|losses| losses.steps.len() > 1),
    }
}

fn heat(heat: &Heat, layers: &[usize], steps: &[usize]) -> HeatMap {
    let mut marks = Vec::new();
    let values = layers.iter().enumerate().map(|(l, &layer)| {
        let row = steps.iter().enumerate().map(|(s, &step)| {
            let (value, mark) = heat.at(layer, step);
            marks.extend(mark.map(|mark| (l, s, mark.name())));
            rounded(f64::from(value), 100.0)
        });
        row.collect()
    });
    let values = values.collect();
    HeatMap { layers: chosen(&heat.layers, layers), steps: chosen(&heat.steps, steps), values, marks }
}

fn chosen(all: &[usize], at: &[usize]) -> Vec<usize> {
    at.iter().map(|&i| all[i]).collect()
}

fn line(bands: &[Band], at: &[usize]) -> Line {
    let of = |value: fn(&Band) -> f64| at.iter().map(|&i| rounded(value(&bands[i]), 1000.0)).collect();
    // Of one seed the band is the line.
    let is_wide = at.iter().any(|&i| bands[i].low < bands[i].high);
    let or_none = |values: Vec<f64>| if is_wide { values } else { Vec::new() };
    Line { mean: of(|band| band.mean), low: or_none(of(|band| band.low)), high: or_none(of(|band| band.high)) }
}

fn theory(predicted: &[f64], anchor: f64, at: &[usize]) -> Vec<f64> {
    if predicted.is_empty() {
        return Vec::new();
    }
    at.iter().map(|&i| rounded(predicted[i] + anchor, 1000.0)).collect()
}

const AT_FIRST: &str = "at initialisation";
const AT_LAST: &str = "at the last step";

/// Returns what is special about each place of these curves, in words; each curve comes with the words for when it was
/// so. The text is empty where nothing is special.
fn marks(curves: &[(&[Band], &str)], at: &[usize]) -> Vec<String> {
    let words = |marks: &Marks, when: &str| {
        let each = marks.present().map(|mark| format!("{} {}", marks.count(mark), mark.name()));
        let each: Vec<String> = each.collect();
        if each.is_empty() { None } else { Some(format!("{} {when}", each.join(", "))) }
    };
    let of = |i: usize| curves.iter().filter_map(move |(bands, when)| words(&bands[i].marks, when));
    at.iter().map(|&i| of(i).collect::<Vec<_>>().join("; ")).collect()
}

/// Rounds away digits that nobody can see. NaN and infinities become null.
fn rounded(x: f64, unit: f64) -> f64 {
    (x * unit).round() / unit
}
