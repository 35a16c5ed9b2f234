//! What each axis of a grid does: the main effect of every change of its value, over everything else.
//!
//! Runs are compared in pairs that agree in all axes but one, their seed included: runs of one seed share their data,
//! their order and the normal draws behind their weights, so that their difference shows the axis and little of the
//! luck. A value's partner that was excluded, is missing or failed leaves its pair out; nothing is put in its place.
//!
//! * **effect**: the mean over all pairs of metric(to) - metric(from).
//! * **interval**: another sweep would have the same values on the other axes, which were chosen, and other seeds. So
//!   pairs are no independent sample, and a hundred cells with one seed know no more of chance than one. The
//!   differences are averaged seed by seed, and Student's t is taken over these averages: NaN for one seed.
//! * **sd**: the standard deviation of the difference from cell to cell, each averaged over its seeds: how much the
//!   effect depends on the other axes. Where it is large, the mean says little by itself. NaN for one cell.
//!
//! Decades are those that [`super::CellSummary::decades`] takes: through time for recurrent nets, across layers for
//! others. A pair in which any of them is not finite (a dead or diverged net) is counted, and left out of the effects
//! on decades. Whether a run learned, and its verdict, are known of all runs that ended. For each verdict, the runs
//! that have it are counted before and after the change, for what saves a net from dying changes no number of decades.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::levels::Levels;
use super::packed_rows::{Mask, PackedRows};
use super::{Summary, Verdict};
use crate::spec::Shown;
use crate::stats::{RunningMean, RunningSpread, Statistics};

/// The runs of a grid, in the form from which their effects are computed. A run takes 24 bytes where the numbers of its
/// levels and its seed take less than 64 bits, as in any grid of a million runs. Each value of an axis takes 50 to 100
/// bytes more, and each seed some 40.
#[derive(Debug)]
pub struct Effects {
    axes: Vec<Vec<usize>>,
    seed: Option<usize>,
    levels: Vec<Levels>,
    /// The number of each level in its axis's list, axis by axis; the largest number for levels in no list.
    listed: Vec<Vec<u64>>,
    seeds: Seeds,
    /// A run's level on every axis, its seed's number, whether it learned, as 0 and 1, and its verdict's place in
    /// [`Verdict::ALL`].
    runs: PackedRows,
    /// The decades of each run.
    decades: Vec<Decades>,
}

/// The decades of a run at initialisation and at the end.
#[derive(Debug, Clone, Copy)]
struct Decades {
    init: f64,
    last: f64,
}

/// The different seeds, numbered as they come.
#[derive(Debug, Default)]
struct Seeds {
    numbers: HashMap<u64, u32>,
    seeds: Vec<u64>,
}

/// One axis of the runs, ready to be compared.
#[derive(Debug)]
pub struct AxisEffects<'a> {
    all: &'a Effects,
    axis: usize,
    /// The numbers of all other axes in a run, which are its cell.
    others: Mask,
    /// Its levels in listed order.
    levels: Vec<u32>,
    /// The runs of the first level in the order of everything else, then those of the next level.
    runs: Vec<u32>,
    /// Where the runs of each level begin, and where the last ones end.
    starts: Vec<u32>,
}

/// What a change of one axis from one value to another does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Pairs of runs that ended and agree in all else.
    pub pairs: usize,
    /// How many of the pairs have decades that are not finite.
    pub not_finite: usize,
    /// Different seeds among the pairs.
    pub seeds: usize,
    /// The effect on the decades at initialisation.
    pub init_decades: Estimate,
    /// The effect on the decades at the end.
    pub last_decades: Estimate,
    /// The effect on whether runs learned, as 0 and 1.
    pub learned: Estimate,
    /// How many of the pairs have each verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [Shift; Verdict::ALL.len()],
}

/// How many runs have a verdict before and after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shift {
    /// How many runs with the first value have the verdict.
    pub before: usize,
    /// How many of their partners have it.
    pub after: usize,
}

/// Runs that a change of an axis saves from being lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saving {
    /// What it saves them from: [`Verdict::Diverged`] or [`Verdict::Dead`].
    pub verdict: Verdict,
    /// The number of the value that loses them.
    pub from: usize,
    /// The number of the value that does not.
    pub to: usize,
    /// How many more runs have the verdict with the first value than with the second.
    pub saved: usize,
    /// How many have it with the first value.
    pub lost: usize,
    /// Pairs of runs that were compared.
    pub pairs: usize,
}

/// An effect on one metric; see the module's docs. NaN where there is nothing to compute it from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean difference.
    pub effect: f64,
    /// Lower end of its 95 % confidence interval.
    pub ci95_low: f64,
    /// Upper end of the same interval.
    pub ci95_high: f64,
    /// Standard deviation of the difference over the cells.
    pub sd: f64,
}

impl Effects {
    /// Starts without runs. `axes` are the positions of each axis's keys among a run's values; `seed` is the position
    /// of the seed.
    pub fn new(axes: Vec<Vec<usize>>, seed: Option<usize>) -> Self {
        let levels = axes.iter().map(|axis| Levels::of_keys(axis.len())).collect();
        let listed = vec![Vec::new(); axes.len()];
        let runs = PackedRows::of_numbers(axes.len() + 3);
        Self { axes, seed, levels, listed, seeds: Seeds::default(), runs, decades: Vec::new() }
    }

    /// Makes room for so many runs at once: what grows in steps leaves holes behind it.
    pub fn reserve(&mut self, runs: usize) {
        if !self.axes.is_empty() {
            self.runs.reserve(runs);
            self.decades.reserve_exact(runs);
        }
    }

    /// Adds a run of the grid: its values, the number of each value in its axis's list where the list has it, and the
    /// summary of a run that ended. A run that did not end only makes its values known.
    pub fn add(&mut self, values: &[Shown], listed: &[Option<u64>], summary: Option<&Summary>) {
        if self.axes.is_empty() {
            return;
        }
        let mut numbers = Vec::with_capacity(self.axes.len() + 3);
        for (k, axis) in self.axes.iter().enumerate() {
            let level = self.levels[k].number(axis.iter().map(|&i| &values[i]));
            let (known, listed) = (&mut self.listed[k], listed[k].unwrap_or(u64::MAX));
            match known.get_mut(level as usize) {
                Some(known) => *known = listed.min(*known),
                None => known.push(listed),
            }
            numbers.push(level);
        }
        let Some(summary) = summary else { return };
        let seed = self.seeds.number(seed(self.seed.map(|at| &values[at])));
        let verdict = Verdict::ALL.iter().position(|verdict| *verdict == summary.verdict);
        let verdict = u32::try_from(verdict.expect("ALL has every verdict")).expect("verdicts are few");
        numbers.extend([seed, u32::from(summary.learned), verdict]);
        self.runs.push(&numbers);
        self.decades.push(Decades::of(summary));
    }

    /// Returns one of the axes, ready to be compared.
    pub fn axis(&self, axis: usize) -> AxisEffects<'_> {
        let mut levels: Vec<u32> = (0..).take(self.levels[axis].len()).collect();
        // Stable: what is in no list comes last, in order of appearance.
        levels.sort_by_key(|&level| self.listed[axis][level as usize]);
        let mut places = vec![0_u32; levels.len()];
        for (place, &level) in (0..).zip(&levels) {
            places[level as usize] = place;
        }
        let place = |run: u32| places[self.runs.get(run as usize, axis) as usize] as usize;
        let count = u32::try_from(self.runs.len()).expect("a plan numbers its runs in 32 bits");
        // First where those of a level end, and with every run that is put in its place, from the last, one less.
        let mut starts = vec![0_u32; levels.len() + 1];
        (0..count).for_each(|run| starts[place(run)] += 1);
        (0..levels.len()).for_each(|place| starts[place + 1] += starts[place]);
        let mut runs = vec![0; self.runs.len()];
        for run in (0..count).rev() {
            let start = &mut starts[place(run)];
            *start -= 1;
            runs[*start as usize] = run;
        }
        let others = self.runs.mask((0..self.axes.len()).filter(|other| *other != axis));
        let all = AxisEffects { all: self, axis, others, levels, runs: Vec::new(), starts };
        for place in all.starts.windows(2) {
            // In plan order before, and mostly in this one with it.
            runs[place[0] as usize..place[1] as usize].sort_unstable_by(|&a, &b| all.compare(a, b).then(a.cmp(&b)));
        }
        AxisEffects { runs, ..all }
    }

    fn seed(&self, run: u32) -> u64 {
        self.seeds.seeds[self.runs.get(run as usize, self.axes.len()) as usize]
    }

    /// Returns 1 for a run that learned, else 0.
    fn learned(&self, run: u32) -> f64 {
        self.runs.get(run as usize, self.axes.len() + 1).into()
    }

    /// Returns the place of the verdict in [`Verdict::ALL`].
    fn verdict(&self, run: u32) -> usize {
        self.runs.get(run as usize, self.axes.len() + 2) as usize
    }
}

/// A change saves many runs if it does so in this share of its pairs.
const MANY: f64 = 0.1;

impl Effect {
    /// Returns how much the change does to the gradients before training, in decades; below 0 where that is not known.
    pub fn size(&self) -> f64 {
        let size = self.init_decades.effect.abs();
        if size.is_nan() { -1.0 } else { size }
    }

    /// Whether it does more than another change: to the gradients before training, and where that is equal, to how many
    /// learn.
    pub fn does_more_than(&self, other: &Self) -> bool {
        let learned = |effect: &Self| effect.learned.effect.abs();
        self.size().total_cmp(&other.size()).then(learned(self).total_cmp(&learned(other))).is_gt()
    }

    /// Returns the change of the share of runs that have a verdict; NaN where there are no pairs.
    pub fn share(&self, verdict: Verdict) -> f64 {
        let Shift { before, after } = self.shift(verdict);
        (after as f64 - before as f64) / self.pairs as f64
    }

    /// Returns how many of the pairs have a verdict.
    pub fn shift(&self, verdict: Verdict) -> Shift {
        let position = Verdict::ALL.iter().position(|known| *known == verdict).expect("ALL has every verdict");
        self.verdicts[position]
    }

    /// Returns what this change from value number `from` to value number `to`, or the one back, saves most runs from,
    /// if these are many: at least two, in a tenth of the pairs.
    pub fn saving(&self, from: usize, to: usize) -> Option<Saving> {
        let of = |verdict| {
            let Shift { before, after } = self.shift(verdict);
            let (from, to) = if before > after { (from, to) } else { (to, from) };
            let (saved, lost) = (before.abs_diff(after), before.max(after));
            Saving { verdict, from, to, saved, lost, pairs: self.pairs }
        };
        let largest = [Verdict::Dead, Verdict::Diverged].map(of).into_iter().max_by_key(|saving| saving.saved)?;
        (largest.saved > 1 && largest.share() >= MANY).then_some(largest)
    }
}

impl Saving {
    /// Returns the one that saves the larger share of its runs; this one where they are equal.
    #[must_use]
    pub fn or_larger(self, other: Self) -> Self {
        if other.share() > self.share() { other } else { self }
    }

    /// Returns what it saves runs from, as a word.
    pub fn from_what(&self) -> &'static str {
        if self.verdict == Verdict::Diverged { "diverging" } else { "dying" }
    }

    /// Returns the runs saved over the pairs that were compared.
    pub fn share(&self) -> f64 {
        self.saved as f64 / self.pairs as f64
    }
}

impl Seeds {
    fn number(&mut self, seed: u64) -> u32 {
        let next = u32::try_from(self.seeds.len()).expect("a plan numbers its runs in 32 bits");
        let number = *self.numbers.entry(seed).or_insert(next);
        if number == next {
            self.seeds.push(seed);
        }
        number
    }
}

impl Decades {
    fn of(summary: &Summary) -> Self {
        let through_time = !summary.init_time_decades.is_nan();
        if through_time {
            Self { init: summary.init_time_decades, last: summary.last_time_decades }
        } else {
            Self { init: summary.init_gradient_decades, last: summary.last_gradient_decades }
        }
    }

    fn is_finite(self) -> bool {
        self.init.is_finite() && self.last.is_finite()
    }
}

fn seed(shown: Option<&Shown>) -> u64 {
    match shown {
        Some(Shown::Int(seed)) => *seed,
        // Without an axis of seeds, all runs have one.
        None | Some(Shown::Bool(_) | Shown::Float(_) | Shown::Text(_)) => 0,
    }
}

impl AxisEffects<'_> {
    /// Returns how many values the axis has.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether it has none, as no run was added.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Its value number `i` in listed order, by key.
    pub fn values(&self, i: usize) -> &[Shown] {
        self.all.levels[self.axis].values(self.levels[i])
    }

    /// Returns the effect of the change from value number `from` to value number `to`.
    pub fn effect(&self, from: usize, to: usize) -> Effect {
        let (mut init, mut last, mut learned) =
            (Differences::default(), Differences::default(), Differences::default());
        let (mut pairs, mut not_finite) = (0, 0);
        let mut verdicts = [Shift::default(); Verdict::ALL.len()];
        let mut cell = None;
        for (a, b) in self.partners(from, to) {
            if cell.replace(a).is_some_and(|before| self.compare_cells(before, a).is_ne()) {
                for differences in [&mut init, &mut last, &mut learned] {
                    differences.end_cell();
                }
            }
            let seed = self.all.seed(a);
            pairs += 1;
            verdicts[self.all.verdict(a)].before += 1;
            verdicts[self.all.verdict(b)].after += 1;
            learned.add(seed, self.all.learned(b) - self.all.learned(a));
            let [a, b] = [a, b].map(|run| self.all.decades[run as usize]);
            if a.is_finite() && b.is_finite() {
                init.add(seed, b.init - a.init);
                last.add(seed, b.last - a.last);
            } else {
                not_finite += 1;
            }
        }
        let seeds = learned.seeds.len();
        let [init_decades, last_decades, learned] = [init, last, learned].map(Differences::estimate);
        Effect { pairs, not_finite, seeds, init_decades, last_decades, learned, verdicts }
    }

    /// Returns the pairs of runs with these values that agree in all else, cell by cell.
    fn partners(&self, from: usize, to: usize) -> impl Iterator<Item = (u32, u32)> {
        let mut others = self.runs_of(to).iter().copied().peekable();
        self.runs_of(from).iter().filter_map(move |&run| {
            while others.next_if(|other| self.compare(*other, run).is_lt()).is_some() {}
            others.next_if(|other| self.compare(*other, run).is_eq()).map(|other| (run, other))
        })
    }

    fn runs_of(&self, value: usize) -> &[u32] {
        &self.runs[self.starts[value] as usize..self.starts[value + 1] as usize]
    }

    /// Orders two runs by what a run must share with its partner: its cell, which is the levels of all other axes, and
    /// its seed.
    fn compare(&self, a: u32, b: u32) -> Ordering {
        self.compare_cells(a, b).then_with(|| self.all.seed(a).cmp(&self.all.seed(b)))
    }

    fn compare_cells(&self, a: u32, b: u32) -> Ordering {
        self.all.runs.compare(a as usize, b as usize, &self.others)
    }
}

/// The differences of one metric, which come cell by cell, in sums of a fixed order.
#[derive(Debug, Default)]
struct Differences {
    all: RunningMean,
    seeds: BTreeMap<u64, RunningMean>,
    cell: RunningMean,
    cells: RunningSpread,
}

impl Differences {
    fn add(&mut self, seed: u64, difference: f64) {
        self.all.add(difference);
        self.cell.add(difference);
        self.seeds.entry(seed).or_default().add(difference);
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        if !cell.is_empty() {
            self.cells.add(cell.mean());
        }
    }

    fn estimate(mut self) -> Estimate {
        self.end_cell();
        let seeds = Statistics::of(self.seeds.values().map(RunningMean::mean));
        let (effect, half_width) = (self.all.mean(), (seeds.ci95_high - seeds.ci95_low) / 2.0);
        Estimate { effect, ci95_low: effect - half_width, ci95_high: effect + half_width, sd: self.cells.sd() }
    }
}

#[cfg(test)]
mod tests;
