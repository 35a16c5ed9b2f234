//! Which cells a figure of single cells shows: a slice of the grid, of which one axis becomes colours and one panels.
//!
//! What does most to the gradients is varied; all else is held at the deepest net, with as few flags set as there are
//! cells, where the gradients of the cells differ most. Depth itself is varied only where nothing else is.

use super::detail::kept;
use super::draw::MOST_SERIES;
use super::gathered::{CellRow, Gathered, GridAxis, SIDES};
use super::number::counted;
use crate::spec::Shown;

/// The most levels of the axis that becomes panels.
const MOST_PANELS: usize = 3;

/// Positions 0..`all` as [`kept`] chooses them, with `critical` among them: it takes the place of its neighbour, if that is
/// no end.
pub(super) fn kept_with(all: usize, most: usize, critical: Option<usize>) -> Vec<usize> {
    let mut kept = kept(all, most);
    if let Some(critical) = critical.filter(|at| !kept.contains(at)) {
        let last = kept.len() - 1;
        if let Some(nearest) = (1..last).min_by_key(|&i| kept[i].abs_diff(critical)) {
            kept[nearest] = critical;
        }
    }
    kept
}

/// How [`kept_with`] chose, in words.
pub(super) fn kept_words(has_critical: bool) -> &'static str {
    if has_critical {
        "evenly spread with both ends, and the one nearest to theory's border"
    } else {
        "evenly spread with both ends"
    }
}

/// How far theory has an error reach in a cell's nets, in layers or time steps: the farther, the nearer they are to the
/// border between vanishing and exploding. NaN where it says nothing.
pub(super) fn reach(cell: &CellRow) -> f64 {
    let layers = cell.theory.depth_scale;
    if layers.is_nan() { 1.0 / cell.theory.decades_per_step.abs() } else { layers }
}

/// The value of an axis of numbers that is nearest to theory's border, among those of `cells`. None where theory says
/// nothing, or where several are as near.
pub(super) fn critical(gathered: &Gathered, cells: &[&CellRow], axis: usize) -> Option<usize> {
    gathered.axes[axis].numbers()?;
    let known: Vec<&CellRow> = cells.iter().copied().filter(|cell| !reach(cell).is_nan()).collect();
    let farthest = known.iter().map(|cell| reach(cell)).fold(f64::NEG_INFINITY, f64::max);
    let nearest: Vec<&CellRow> = known.into_iter().filter(|cell| reach(cell) == farthest).collect();
    let levels = levels(&nearest, axis);
    if let [level] = levels[..] { Some(level) } else { None }
}

/// Cells that are shown together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slice<'a> {
    gathered: &'a Gathered,
    /// The axis whose values are colours.
    colour: Option<usize>,
    /// The axis whose values are panels.
    panel: Option<usize>,
    /// Each panel's value in words (empty if it is the only one) and its cells, each with its style and name.
    pub(super) panels: Vec<(String, Vec<Shard<'a>>)>,
    /// The other axes of more than one value, and the value that all cells shown have.
    fixed: Vec<(usize, usize)>,
    /// Cells that could have been shown.
    of: usize,
    /// What of the colours' axis is left out.
    left_out: Option<LeftOut>,
}

/// Some values of an axis among more.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LeftOut {
    kept: usize,
    of: usize,
    /// The value nearest to theory's border, if there is one.
    border: Option<usize>,
}

/// A cell of a slice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shard<'a> {
    pub(super) style: usize,
    pub(super) name: String,
    pub(super) cell: &'a CellRow,
}

impl<'a> Slice<'a> {
    /// Chooses among the cells that `fits` lets through; `first` is the key of the axis that becomes colours, if there
    /// is one. None where no cell fits.
    pub(super) fn of(gathered: &'a Gathered, first: Option<&str>, fits: impl Fn(&CellRow) -> bool) -> Option<Self> {
        let cells: Vec<&CellRow> = gathered.cells.iter().filter(|cell| fits(cell)).collect();
        if cells.is_empty() {
            return None;
        }
        let levels = |axis: usize| levels(&cells, axis);
        let varying: Vec<usize> = (0..gathered.axes.len()).filter(|&axis| levels(axis).len() > 1).collect();
        let (colour, panel) = varied(gathered, &varying, first, |axis| levels(axis).len());
        let rest: Vec<usize> =
            varying.iter().copied().filter(|&axis| Some(axis) != colour && Some(axis) != panel).collect();
        let chosen = best_group(gathered, &cells, &rest)?;
        let fixed: Vec<(usize, usize)> = rest.iter().map(|&axis| (axis, chosen[0].levels[axis])).collect();
        let of_axis = |axis: Option<usize>, most: usize| -> Vec<Option<usize>> {
            let Some(axis) = axis else { return vec![None] };
            let present = self::levels(&chosen, axis);
            let critical = critical(gathered, &chosen, axis).and_then(|level| present.iter().position(|l| *l == level));
            kept_with(present.len(), most, critical).into_iter().map(|i| Some(present[i])).collect()
        };
        let colours = of_axis(colour, MOST_SERIES);
        let all_colours = colour.map_or(1, |axis| self::levels(&chosen, axis).len());
        let has =
            |cell: &CellRow, axis: Option<usize>, level: Option<usize>| axis.map(|axis| cell.levels[axis]) == level;
        let panels = of_axis(panel, MOST_PANELS).into_iter().map(|level| {
            let title = panel.zip(level).map(|(axis, level)| named(&gathered.axes[axis], level)).unwrap_or_default();
            let shards = colours.iter().enumerate().filter_map(|(style, &value)| {
                let cell = chosen.iter().find(|cell| has(cell, panel, level) && has(cell, colour, value))?;
                let name = colour.zip(value).map(|(axis, level)| words(&gathered.axes[axis], level));
                Some(Shard { style, name: name.unwrap_or_else(|| gathered.name.clone()), cell })
            });
            (title, shards.collect::<Vec<_>>())
        });
        let mut panels: Vec<(String, Vec<Shard<'_>>)> = panels.filter(|(_, shards)| !shards.is_empty()).collect();
        let left_out = colour.filter(|_| colours.len() < all_colours).map(|axis| LeftOut {
            kept: colours.len(),
            of: all_colours,
            border: critical(gathered, &chosen, axis),
        });
        let mut slice = Self { gathered, colour, panel, panels: Vec::new(), fixed, of: cells.len(), left_out };
        if let ([(title, shards)], Some(axis)) = (&mut panels[..], panel) {
            // One panel varies nothing.
            slice.fixed.push((axis, shards[0].cell.levels[axis]));
            slice.panel = None;
            title.clear();
        }
        Some(Self { panels, ..slice })
    }

    /// How many cells are shown.
    pub(super) fn shown(&self) -> usize {
        self.panels.iter().map(|(_, shards)| shards.len()).sum()
    }

    /// All cells that are shown, panel by panel.
    pub(super) fn shards(&self) -> impl Iterator<Item = &Shard<'a>> {
        self.panels.iter().flat_map(|(_, shards)| shards)
    }

    /// Returns the style and name of each colour.
    pub(super) fn names(&self) -> Vec<(usize, String)> {
        let mut names: Vec<(usize, String)> = self.shards().map(|shard| (shard.style, shard.name.clone())).collect();
        names.sort();
        names.dedup();
        names
    }

    /// `Shown: 10 of 160 cells, with depth = 50 and init = xavier_normal; colours: activation; panels: residual.`
    pub(super) fn caption(&self) -> String {
        self.caption_of(self.shown(), true)
    }

    /// Returns the caption of a figure that shows `shown` of these cells, with or without colours.
    pub(super) fn caption_of(&self, shown: usize, has_colours: bool) -> String {
        let axes = &self.gathered.axes;
        let cells =
            if self.of == 1 { "the only cell".into() } else { format!("{shown} of {}", counted(self.of, "cell")) };
        let fixed: Vec<String> = self.fixed.iter().map(|&(axis, level)| named(&axes[axis], level)).collect();
        let fixed = if fixed.is_empty() { String::new() } else { format!(", with {}", fixed.join(", ")) };
        let name = |axis: usize| axes[axis].name.as_str();
        let colours = self.colour.filter(|_| has_colours).map(|axis| {
            let Some(LeftOut { kept, of, border }) = self.left_out else { return format!("; colours: {}", name(axis)) };
            let border =
                border.map(|level| format!(", and the one nearest to theory's border, {}", axes[axis].label(level)));
            let border = border.unwrap_or_default();
            format!("; colours: {kept} of {of} values of {}, evenly spread with both ends{border}", name(axis))
        });
        let panels = self.panel.map(|axis| {
            let count =
                |(value, shards): &(String, Vec<Shard<'_>>)| format!("{value}: {}", counted(shards.len(), "cell"));
            let counts: Vec<String> = self.panels.iter().map(count).collect();
            let is_alike = self.panels.iter().all(|(_, shards)| shards.len() == self.panels[0].1.len());
            let counts = if is_alike { String::new() } else { format!(" ({})", counts.join("; ")) };
            format!("; panels: {}{counts}", name(axis))
        });
        let kept = if self.gathered.detailed < self.gathered.cells.len() {
            format!(" Curves are kept of the first {}.", counted(self.gathered.detailed, "cell"))
        } else {
            String::new()
        };
        format!("Shown: {cells}{fixed}{}{}.{kept}", colours.unwrap_or_default(), panels.unwrap_or_default())
    }
}

/// `residual = true`.
pub(super) fn named(axis: &GridAxis, level: usize) -> String {
    format!("{} = {}", axis.name, axis.label(level))
}

/// A value by itself where it is a name, and with its axis where it is not: `relu`, `depth 20`.
pub(super) fn words(axis: &GridAxis, level: usize) -> String {
    let is_name = axis.values[level].iter().any(|value| matches!(value, Shown::Text(_)));
    if is_name { axis.label(level) } else { format!("{} {}", axis.name, axis.label(level)) }
}

/// The values of some axes: `he_normal, residual`: names, numbers with their axes, and flags that are set.
pub(super) fn setting(gathered: &Gathered, axes: &[usize], levels: &[usize]) -> String {
    let of_axis = |(&axis, &level): (&usize, &usize)| match &gathered.axes[axis].values[level][..] {
        [Shown::Bool(false)] => None,
        [Shown::Bool(true)] => Some(gathered.axes[axis].name.clone()),
        _ => Some(words(&gathered.axes[axis], level)),
    };
    let parts: Vec<String> = axes.iter().zip(levels).filter_map(of_axis).collect();
    if parts.is_empty() && !levels.is_empty() { "plain".into() } else { parts.join(", ") }
}

/// The value of each axis that most cells have: a cell is named by what differs from it.
pub(super) struct Common<'a> {
    axes: &'a [GridAxis],
    levels: Vec<usize>,
}

impl<'a> Common<'a> {
    pub(super) fn of(gathered: &'a Gathered) -> Self {
        let most = |axis: usize| {
            let mut counts = vec![0_usize; gathered.axes[axis].values.len()];
            gathered.cells.iter().for_each(|cell| counts[cell.levels[axis]] += 1);
            // max_by_key keeps the last of equals; backwards, that is the first.
            (0..counts.len()).rev().max_by_key(|&level| counts[level]).unwrap_or(0)
        };
        Self { axes: &gathered.axes, levels: (0..gathered.axes.len()).map(most).collect() }
    }

    /// `relu, batch_size 8, batch_norm`: the first name, and of the rest what is not as in most cells.
    pub(super) fn name(&self, cell: &CellRow) -> String {
        let mut parts = Vec::new();
        for ((axis, &level), &common) in self.axes.iter().zip(&cell.levels).zip(&self.levels) {
            match &axis.values[level][..] {
                [Shown::Text(name)] if parts.is_empty() || level != common => parts.push(name.clone()),
                [Shown::Bool(true)] if level != common => parts.push(axis.name.clone()),
                [Shown::Bool(false)] if level != common => parts.push(format!("no {}", axis.name)),
                _ if level != common => parts.push(words(axis, level)),
                _ => {}
            }
        }
        if parts.is_empty() { "as most cells".into() } else { parts.join(", ") }
    }
}

/// The levels of an axis that some cell has, ascending.
fn levels(cells: &[&CellRow], axis: usize) -> Vec<usize> {
    let mut levels: Vec<usize> = cells.iter().map(|cell| cell.levels[axis]).collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}

/// The axes that become colours and panels: those that do most, colours preferably of three values or more. Two experiments
/// beside each other are panels.
fn varied(
    gathered: &Gathered,
    varying: &[usize],
    first: Option<&str>,
    count: impl Fn(usize) -> usize,
) -> (Option<usize>, Option<usize>) {
    let is_size = |axis: usize| gathered.axes[axis].is("model.depth") || gathered.axes[axis].is("data.length");
    let size = |axis: usize| {
        gathered.effects.iter().find(|effect| effect.axis == axis).map_or(-1.0, |effect| effect.effect.size())
    };
    let sides = varying.iter().copied().find(|&axis| gathered.axes[axis].is(SIDES));
    let mut ranked: Vec<usize> = varying.iter().copied().filter(|&axis| Some(axis) != sides).collect();
    // Stable: of equals the axis that comes first in the config.
    ranked.sort_by(|&a, &b| is_size(a).cmp(&is_size(b)).then(size(b).total_cmp(&size(a))));
    let wanted = |axis: &usize| first.is_some_and(|key| gathered.axes[*axis].keys.contains(&key));
    let many = |axis: &usize| count(*axis) > 2 && !is_size(*axis);
    let colour = ranked.iter().copied().find(wanted).or_else(|| ranked.iter().copied().find(many));
    let colour = colour.or_else(|| ranked.first().copied());
    let few = |axis: &usize| Some(*axis) != colour && !is_size(*axis) && count(*axis) <= MOST_PANELS;
    (colour, sides.or_else(|| ranked.iter().copied().find(few)))
}

/// The cells that agree in the axes `rest`, of the best such group.
fn best_group<'a>(gathered: &Gathered, cells: &[&'a CellRow], rest: &[usize]) -> Option<Vec<&'a CellRow>> {
    let mut groups: std::collections::BTreeMap<Vec<usize>, Vec<&CellRow>> = std::collections::BTreeMap::new();
    for cell in cells {
        groups.entry(rest.iter().map(|&axis| cell.levels[axis]).collect()).or_default().push(cell);
    }
    let depth = |cells: &[&CellRow]| cells.iter().map(|cell| cell.net.hidden * cell.net.length).max().unwrap_or(0);
    let flags = |levels: &[usize]| {
        let is_set = |(axis, level): (&usize, &usize)| gathered.axes[*axis].values[*level] == [Shown::Bool(true)];
        rest.iter().zip(levels).filter(|pair| is_set((pair.0, pair.1))).count()
    };
    let spread = |cells: &[&CellRow]| {
        let decades = || cells.iter().map(|cell| cell.cell.decades()).filter(|x| x.is_finite());
        decades().fold(f64::NEG_INFINITY, f64::max) - decades().fold(f64::INFINITY, f64::min)
    };
    let better = |(a_levels, a): &(Vec<usize>, Vec<&CellRow>), (b_levels, b): &(Vec<usize>, Vec<&CellRow>)| {
        let by_size = a.len().cmp(&b.len()).then(depth(a).cmp(&depth(b)));
        let by_flags = by_size.then(flags(b_levels).cmp(&flags(a_levels)));
        // Of equals the one whose values come first in the config.
        by_flags.then(spread(a).total_cmp(&spread(b))).then(b_levels.cmp(a_levels))
    };
    groups.into_iter().max_by(better).map(|(_, cells)| cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::{axis, cell, gathered};

    #[test]
    fn the_value_nearest_to_the_border_is_never_left_out() {
        let gains: Vec<Shown> = (0..25).map(|i| Shown::Float(0.5 + 0.1 * f64::from(i))).collect();
        let cells: Vec<CellRow> = (0..25)
            .map(|level| {
                let mut row = cell(&[level], 3, -1.0, 2);
                row.theory.depth_scale = 1.0 / (level as f64 - 9.2).abs();
                row
            })
            .collect();
        let rows = gathered(vec![axis("model.init_gain", gains)], cells);
        let slice = Slice::of(&rows, None, |_| true).expect("cells");
        let shown: Vec<usize> = slice.shards().map(|shard| shard.cell.levels[0]).collect();
        assert_eq!(shown, [0, 4, 9, 12, 16, 20, 24], "without theory 8 would stand in the place of 9");
        let caption = slice.caption();
        let words =
            "7 of 25 values of init_gain, evenly spread with both ends, and the one nearest to theory's border, 1.4";
        assert!(caption.contains(words), "{caption}");
    }

    #[test]
    fn where_several_values_are_as_near_none_is_the_critical_one() {
        let mut rows: Vec<CellRow> = (0..3).map(|level| cell(&[level], 3, -1.0, 2)).collect();
        rows.iter_mut().for_each(|row| row.theory.depth_scale = f64::INFINITY);
        let gains = [0.5, 1.0, 2.0].map(Shown::Float).to_vec();
        let gathered = gathered(vec![axis("model.init_gain", gains)], rows.clone());
        assert_eq!(critical(&gathered, &rows.iter().collect::<Vec<_>>(), 0), None);
        assert_eq!(kept_with(25, 7, None), kept(25, 7));
    }
}
