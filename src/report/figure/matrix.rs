//! The gradient decades of every cell, as a matrix over two axes; small multiples over the others.

use std::collections::{BTreeMap, HashSet};

use super::data::{FigureData, count, text};
use super::picture::Figure;
use crate::analysis::Verdict;
use crate::report::choose::{Common, critical, kept_with, kept_words, named, setting};
use crate::report::detail::kept;
use crate::report::draw::{
    Anchor, BOX, Block, Canvas, Entry, Ink, Px, Rect, Sample, Sheet, Svg, diverging, hex, ink_on, letter_box,
    shortened, thinned, width,
};
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::{counted, decades};
use crate::report::verdict_colour::colour;
use crate::spec::Shown;

/// Columns and rows of a panel that a page has room for, and rows of all panels that stand below each other.
const MOST_COLUMNS: usize = 12;
const MOST_ROWS: usize = 24;
const MOST_BELOW: usize = 60;

/// Cells that are listed where a matrix would be mostly empty.
const MOST_LISTED: usize = 60;

/// The height of a field.
const FIELD: f64 = 21.0;

/// The widest label of a column; what is wider ends in dots.
const WIDEST_LABEL: f64 = 110.0;

/// Decades from which on all have the same colour, at most.
const MOST_DECADES: f64 = 12.0;

pub(super) fn matrix(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    let layout = Layout::of(gathered)?;
    let is_recurrent = gathered.cells.iter().all(|cell| cell.net.length > 1);
    let title = if is_recurrent {
        "Decades of the gradient through time"
    } else if gathered.cells.iter().any(|cell| cell.net.length > 1) {
        "Decades of the gradient from layer L to layer 1, and of recurrent nets through time"
    } else {
        "Decades of the gradient from layer L to layer 1"
    };
    let finite = gathered.cells.iter().map(|cell| cell.cell.decades().abs()).filter(|x| x.is_finite());
    let bound = finite.fold(2.0, f64::max).min(MOST_DECADES);
    let description = describe(gathered);
    let mut sheet = Sheet::new(canvas, title, &description);
    let mut data = FigureData::new(&["cell", "decades", "verdict", "is_unanimous", "learned", "runs"]);
    if layout.is_sparse(gathered) {
        let shown = list(gathered, (&mut sheet, &mut data), bound);
        let caption =
            caption(gathered, "A line is a cell, named by what is not as in most.", shown, (bound, is_recurrent));
        sheet.legend(&verdicts(gathered));
        return Some(Figure::of("matrix", sheet, caption, data));
    }
    let widest = layout.rows.iter().map(|&level| gathered.row_label(layout.row, level).len()).max().unwrap_or(0);
    let left = (widest as f64 * 7.0 + 14.0).clamp(30.0, 150.0);
    let columns = if layout.panels.len() > 1 && layout.columns.len() <= 7 { 2 } else { 1 };
    let height = layout.rows.len() as f64 * FIELD;
    let block = Block {
        columns,
        height,
        left,
        right: 14.0,
        top: if layout.others.is_empty() { 24.0 } else { 42.0 },
        bottom: 14.0,
    };
    let rects = sheet.place(layout.panels.len(), block);
    let mut shown = 0;
    for (levels, rect) in layout.panels.iter().zip(rects) {
        shown += layout.draw(gathered, (&mut sheet.svg, &mut data), rect, (levels, bound));
    }
    let caption = caption(gathered, &layout.axes(gathered), shown, (bound, is_recurrent));
    sheet.legend(&verdicts(gathered));
    Some(Figure::of("matrix", sheet, caption, data))
}

/// What each axis became.
struct Layout {
    /// None of a grid with one axis.
    row: Option<usize>,
    column: usize,
    /// The levels that are shown.
    rows: Vec<usize>,
    columns: Vec<usize>,
    /// The other axes of more than one value, and the levels of each panel.
    others: Vec<usize>,
    panels: Vec<Vec<usize>>,
}

impl Layout {
    /// None of a grid of one cell.
    fn of(gathered: &Gathered) -> Option<Self> {
        let count = |axis: usize| gathered.axes[axis].values.len();
        let varying: Vec<usize> = (0..gathered.axes.len()).filter(|&axis| count(axis) > 1).collect();
        let is_size = |axis: &usize| gathered.axes[*axis].is("model.depth") || gathered.axes[*axis].is("data.length");
        let is_number = |axis: &usize| gathered.axes[*axis].numbers().is_some();
        // Across goes what grows.
        let of = |wanted: &dyn Fn(&usize) -> bool| {
            varying.iter().copied().filter(wanted).max_by_key(|&axis| (count(axis), std::cmp::Reverse(axis)))
        };
        let column = of(&is_size).or_else(|| of(&is_number)).or_else(|| of(&|_| true))?;
        let row = of(&|axis| *axis != column);
        let others: Vec<usize> = varying.iter().copied().filter(|&axis| axis != column && Some(axis) != row).collect();
        let (mut panels, mut seen): (Vec<Vec<usize>>, HashSet<Vec<usize>>) = (Vec::new(), HashSet::new());
        for cell in &gathered.cells {
            let levels: Vec<usize> = others.iter().map(|&axis| cell.levels[axis]).collect();
            if seen.insert(levels.clone()) {
                panels.push(levels);
            }
        }
        let cells: Vec<&CellRow> = gathered.cells.iter().collect();
        let shown = |axis: usize, most: usize| kept_with(count(axis), most, critical(gathered, &cells, axis));
        let rows = row.map_or(vec![0], |row| shown(row, MOST_ROWS));
        let most = 2 * (MOST_BELOW / (rows.len() + 3)).max(1);
        let panels = kept(panels.len(), most).into_iter().map(|i| panels[i].clone()).collect();
        Some(Self { row, column, rows, columns: shown(column, MOST_COLUMNS), others, panels })
    }

    /// Draws a panel; the cells that it shows.
    fn draw(
        &self,
        gathered: &Gathered,
        (svg, data): (&mut Svg, &mut FigureData),
        rect: Rect,
        (levels, bound): (&[usize], f64),
    ) -> usize {
        let axes = &gathered.axes;
        let title = setting(gathered, &self.others, levels);
        svg.text((rect.x, rect.y - 24.0), Anchor::Start, Ink::Full, &shortened(&title, 12.0, rect.w + 8.0));
        let (w, h) = (rect.w / self.columns.len() as f64, rect.h / self.rows.len() as f64);
        let mut fields: BTreeMap<(usize, usize), (usize, &CellRow)> = BTreeMap::new();
        for (i, cell) in gathered.cells.iter().enumerate() {
            if self.others.iter().zip(levels).all(|(&axis, level)| cell.levels[axis] == *level) {
                let place = (self.row.map_or(0, |row| cell.levels[row]), cell.levels[self.column]);
                fields.entry(place).or_insert((i, cell));
            }
        }
        let mut shown = 0;
        for (r, row) in self.rows.iter().enumerate() {
            let y = rect.y + r as f64 * h;
            let label = shortened(&gathered.row_label(self.row, *row), 11.5, 140.0);
            svg.text((rect.x - 6.0, y + h / 2.0 + 4.0), Anchor::End, Ink::Full, &label);
            for (c, column) in self.columns.iter().enumerate() {
                let field = Rect { x: rect.x + c as f64 * w, y, w, h };
                if let Some((i, cell)) = fields.get(&(*row, *column)) {
                    draw_field(gathered, svg, field, (*i, cell), bound);
                    add(data, gathered, cell);
                    shown += 1;
                }
            }
        }
        svg.element("g", format_args!("font-size=\"11\""), |svg| {
            let labels: Vec<String> = self.columns.iter().map(|level| axes[self.column].label(*level)).collect();
            for c in thinned(&labels, w, |word| (width(word, 11.0) + 2.0).min(WIDEST_LABEL)) {
                let x = rect.x + (c as f64 + 0.5) * w;
                svg.text((x, rect.y - 5.0), Anchor::Middle, Ink::Muted, &shortened(&labels[c], 11.0, WIDEST_LABEL));
            }
        });
        shown
    }

    /// Whether most fields would be empty, as of a grid that is made of includes.
    fn is_sparse(&self, gathered: &Gathered) -> bool {
        2 * gathered.cells.len() < self.rows.len() * self.columns.len() * self.panels.len()
    }

    /// What goes across and down.
    fn axes(&self, gathered: &Gathered) -> String {
        let name = |axis: usize| gathered.axes[axis].name.as_str();
        let rows = self.row.map(|row| format!("; down: {}", name(row))).unwrap_or_default();
        format!("Across: {}{rows}.", name(self.column))
    }
}

/// A line for each cell, in two columns; the cells shown.
fn list(gathered: &Gathered, (sheet, data): (&mut Sheet, &mut FigureData), bound: f64) -> usize {
    let shown = gathered.cells.len().min(MOST_LISTED);
    let common = Common::of(gathered);
    let height = shown.div_ceil(2) as f64 * FIELD;
    let block = Block { columns: 2, height, left: 270.0, right: 8.0, top: 4.0, bottom: 8.0 };
    let rects = sheet.place(2, block);
    for (i, cell) in gathered.cells.iter().enumerate().take(shown) {
        add(data, gathered, cell);
        let (column, row) = (i / shown.div_ceil(2), i % shown.div_ceil(2));
        let Rect { x, y, w, h } = rects[column];
        let h = h / shown.div_ceil(2) as f64;
        let field = Rect { x, y: y + row as f64 * h, w, h };
        let name = shortened(&common.name(cell), 11.0, 262.0);
        sheet.svg.element("g", format_args!("font-size=\"11\""), |svg| {
            svg.text((x - 6.0, field.y + h / 2.0 + 4.0), Anchor::End, Ink::Full, &name);
        });
        draw_field(gathered, &mut sheet.svg, field, (i, cell), bound);
    }
    shown
}

/// Adds a cell to the table.
fn add(data: &mut FigureData, gathered: &Gathered, row: &CellRow) {
    let values: Vec<String> = gathered.axes.iter().zip(&row.levels).map(|(axis, &level)| named(axis, level)).collect();
    let cell = &row.cell;
    data.push([
        text(&values.join(", ")),
        Shown::Float(cell.decades()),
        text(cell.verdict.map_or("", Verdict::name)),
        Shown::Bool(cell.is_unanimous()),
        count(cell.learned),
        count(cell.runs),
    ]);
}

/// The verdicts that there are, worst first.
fn verdicts(gathered: &Gathered) -> Vec<Entry> {
    let occurs = |verdict: &Verdict| gathered.cells.iter().any(|cell| cell.cell.verdict == Some(*verdict));
    let entry = |verdict: Verdict| Entry::new(Sample::Letter(verdict.letter(), colour(verdict)), verdict.name());
    Verdict::ALL.into_iter().filter(occurs).map(entry).collect()
}

fn caption(gathered: &Gathered, axes: &str, shown: usize, (bound, is_recurrent): (f64, bool)) -> String {
    let all = gathered.cells.len();
    let cells: Vec<&CellRow> = gathered.cells.iter().collect();
    let has_critical = (0..gathered.axes.len()).any(|axis| critical(gathered, &cells, axis).is_some());
    let left_out = if shown < all {
        format!(
            " {shown} of {} are shown, of an axis of many values those that are {}: summary.csv has the others.",
            counted(all, "cell"),
            kept_words(has_critical)
        )
    } else {
        String::new()
    };
    let what = if is_recurrent {
        "log10 of the RMS of dLoss/dh at the first time step over that at the first answer"
    } else {
        "log10 of the RMS of delta of layer 1 over that of layer L (of recurrent nets through time)"
    };
    format!(
        "{axes} A field: the letter of the verdict (* where seeds differ) and {what}, at initialisation, in the mean over the seeds; \
         blue shrinks, orange grows, from \u{00b1}{bound:.0} on in the same shade.{left_out}"
    )
}

impl Gathered {
    /// The words beside a row of the matrix.
    fn row_label(&self, row: Option<usize>, level: usize) -> String {
        row.map_or_else(String::new, |row| self.axes[row].label(level))
    }
}

fn draw_field(gathered: &Gathered, svg: &mut Svg, field: Rect, (i, cell): (usize, &CellRow), bound: f64) {
    let value = cell.cell.decades();
    let (x, y, w, h) = (Px(field.x + 0.5), Px(field.y + 0.5), Px(field.w - 1.0), Px(field.h - 1.0));
    svg.element("g", format_args!("class=\"cell\" data-cell=\"{i}\" data-decades=\"{value}\""), |svg| {
        svg.tip(&tip(gathered, cell));
        let background = Some(diverging(value / bound)).filter(|_| value.is_finite() && cell.cell.verdict.is_some());
        let (class, fill) = background.map_or((" class=\"blank\"", "#eceef2".into()), |colour| ("", hex(colour)));
        svg.leaf("rect", format_args!("x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{class} fill=\"{fill}\""));
        let FieldParts { letter, middle, words } = FieldParts::of(cell, field);
        if let Some((at, verdict)) = letter {
            letter_box(svg, at, verdict.letter(), colour(verdict));
        }
        let Some(background) = background else {
            svg.element("g", format_args!("font-size=\"11\""), |svg| {
                svg.text(middle, Anchor::Middle, Ink::Full, &words);
            });
            return;
        };
        let attributes = format_args!(
            "x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\" fill=\"{}\"",
            Px(middle.0),
            Px(middle.1),
            ink_on(background)
        );
        svg.words("text", attributes, &words);
    });
}

/// What stands in a field, and where.
struct FieldParts {
    /// The middle of the verdict's box.
    letter: Option<((f64, f64), Verdict)>,
    /// Where the words' line is, in the middle of what the box leaves.
    middle: (f64, f64),
    /// A star where seeds differ, and the decades where there is room for them.
    words: String,
}

impl FieldParts {
    fn of(cell: &CellRow, Rect { x, y, w, h }: Rect) -> Self {
        let (centre, line) = (y + h / 2.0, y + h / 2.0 + 4.0);
        let Some(verdict) = cell.cell.verdict else {
            return Self { letter: None, middle: (x + w / 2.0, line), words: "\u{2013}".into() };
        };
        let star = if cell.cell.is_unanimous() { "" } else { "*" };
        if w < 56.0 {
            let middle = (x + w / 2.0 + BOX / 2.0 + 4.0, line);
            return Self { letter: Some(((x + w / 2.0, centre), verdict)), middle, words: star.into() };
        }
        let left = 3.0 + BOX;
        let middle = (x + f64::midpoint(left, w), line);
        let words = format!("{star} {}", decades(cell.cell.decades()));
        Self { letter: Some(((x + 3.0 + BOX / 2.0, centre), verdict)), middle, words: words.trim().into() }
    }
}

fn tip(gathered: &Gathered, cell: &CellRow) -> String {
    let values: Vec<String> = gathered.axes.iter().zip(&cell.levels).map(|(axis, &level)| named(axis, level)).collect();
    let verdict = cell.cell.verdict.map_or("no run ended", Verdict::name);
    let (decades, learned) = (decades(cell.cell.decades()), cell.cell.learned);
    format!(
        "{}: {verdict}, {decades} decades, {learned} of {} learned",
        values.join(", "),
        counted(cell.cell.runs, "run")
    )
}

/// How many cells have each verdict, and the extremes.
fn describe(gathered: &Gathered) -> String {
    let count = |verdict: Verdict| gathered.cells.iter().filter(|cell| cell.cell.verdict == Some(verdict)).count();
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict.name()))
        .collect();
    let finite = || gathered.cells.iter().filter(|cell| cell.cell.decades().is_finite());
    let by = |a: &&CellRow, b: &&CellRow| a.cell.decades().total_cmp(&b.cell.decades());
    let extremes: Vec<String> = [("least", finite().min_by(by)), ("most", finite().max_by(by))]
        .into_iter()
        .filter_map(|(what, cell)| cell.map(|cell| format!("{what}: {}", tip(gathered, cell))))
        .collect();
    format!("Of {}: {}. {}.", counted(gathered.cells.len(), "cell"), counts.join(", "), extremes.join("; "))
}
