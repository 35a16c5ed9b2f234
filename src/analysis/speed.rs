//! How fast the hidden layers of a cell's nets learn, in a sentence where it matters.
//!
//! A layer's speed is its relative update: the norm of what a step changed over the norm of the weights, as a geometric
//! mean over the traced steps.
//!
//! | finding | when | why there |
//! |---|---|---|
//! | stuck | the lowest layers are where they began in every run, or had an update that changed nothing | the gradient is not 0, and the precision cannot add so little to so much |
//! | uneven | the speeds of layers 1 and L are a factor of 30 (1.5 decades) apart | of the nets of configs/depth.toml that learn, hardly any is so uneven; of those that vanish, all but relu's are |
//! | alike | all layers agree within half a decade, below 1e-4 per step, and no run learned | a thousand such steps change a weight by at most a tenth: nothing vanishes relative to anything, and everything is too slow |
//!
//! The first that holds is told. The head is left out. So are runs that diverged: their last updates are as large as
//! their weights, or no numbers.

use super::{LayerSummary, Summary, Verdict};
use crate::kernels::exp10;
use crate::stats::mean;

/// Decades between the speeds of layers 1 and L from which on they are uneven.
const UNEVEN_FROM: f64 = 1.5;

/// Decades within which all layers learn alike.
const ALIKE_WITHIN: f64 = 0.5;

/// log10 of the speed below which a net as a whole is slow.
const SLOW_BELOW: f64 = -4.0;

/// What there is to say of how fast the layers of a cell's nets learn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpeedFinding {
    /// The lowest layers did not move, although a gradient reached some of them.
    Stuck {
        /// Layers 1 up to this one never moved; 0 where all moved.
        never: usize,
        /// Layers 1 up to this one never moved, or had updates that changed nothing; at least `never`.
        hardly: usize,
        /// How many of these, from the lowest on, had no gradient in some run.
        without_gradient: usize,
        /// Hidden layers L.
        layers: usize,
    },
    /// Layer 1 learns much more slowly than layer L, or much faster.
    Uneven {
        /// log10 of layer 1's relative update over that of layer L.
        decades: f64,
        /// Hidden layers L.
        layers: usize,
    },
    /// All layers learn alike, and too slowly.
    Alike {
        /// log10 of their relative update.
        log10: f64,
    },
}

impl SpeedFinding {
    /// Writes the finding as a sentence, without a capital letter and a full stop.
    pub fn sentence(&self) -> String {
        match *self {
            Self::Stuck { never, hardly, without_gradient, layers } => {
                stuck(never, hardly, layers) + reason(without_gradient > 0, layers == 1)
            }
            Self::Uneven { decades, layers } => {
                let how = if decades < 0.0 { "more slowly" } else { "faster" };
                format!("layer 1 learns {} times {how} than layer {layers}", times(decades.abs()))
            }
            Self::Alike { log10 } => format!("all layers learn alike, at {} of their norm per step", share(log10)),
        }
    }

    /// Returns how clearly a cell shows this, among cells that show it.
    pub fn size(&self) -> f64 {
        match *self {
            Self::Stuck { never, hardly, .. } => (never + hardly) as f64,
            Self::Uneven { decades, .. } => decades.abs(),
            Self::Alike { log10 } => -log10,
        }
    }

    /// Whether both say the same of different nets.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Stuck { .. }, Self::Stuck { .. }) | (Self::Alike { .. }, Self::Alike { .. }) => true,
            (Self::Uneven { decades: a, .. }, Self::Uneven { decades: b, .. }) => (*a < 0.0) == (*b < 0.0),
            (Self::Stuck { .. } | Self::Uneven { .. } | Self::Alike { .. }, _) => false,
        }
    }
}

/// Says which layers did not move.
fn stuck(never: usize, hardly: usize, layers: usize) -> String {
    let some = |from: usize, to: usize| if from == to { format!("layer {to}") } else { format!("layers {from}-{to}") };
    let lowest =
        |to: usize| if layers == 1 { "the hidden layer".into() } else { format!("{} of {layers}", some(1, to)) };
    match (never, hardly) {
        (0, hardly) => format!("{} moved in some steps only", lowest(hardly)),
        (never, hardly) if never == hardly => format!("{} never moved", lowest(never)),
        (never, hardly) => format!("{} never moved, and {} in some steps only", lowest(never), some(never + 1, hardly)),
    }
}

fn reason(is_without_gradient: bool, is_one: bool) -> &'static str {
    match (is_without_gradient, is_one) {
        (false, false) => ": their updates were below the last digit of their weights",
        (false, true) => ": its updates were below the last digit of its weights",
        (true, false) => ": their gradients were 0, or their updates below the last digit of their weights",
        (true, true) => ": its gradients were 0, or its updates below the last digit of its weights",
    }
}

/// Writes 10 to the power of x as a factor that is read at a glance: `45`, `4e4`.
fn times(x: f64) -> String {
    if x < 3.0 { format!("{:.0}", exp10(x)) } else { share(x) }
}

/// Writes 10 to the power of x in one digit: `6e-6`; x may lie far outside what a float can hold.
fn share(x: f64) -> String {
    let exponent = x.floor();
    match exp10(x - exponent).round() {
        10.0 => format!("1e{:.0}", exponent + 1.0),
        digit => format!("{digit:.0}e{exponent:.0}"),
    }
}

/// A cell's speeds, whose runs come one by one. It takes the same memory for any number of runs and layers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpeedBuilder {
    runs: usize,
    learned: usize,
    layers: usize,
    never: usize,
    hardly: usize,
    without_gradient: usize,
    /// Sums over the runs.
    first_over_last: f64,
    mean: f64,
    /// The largest of any run.
    spread: f64,
}

impl SpeedBuilder {
    /// Adds a run.
    pub fn add(&mut self, summary: &Summary) {
        self.learned += usize::from(summary.learned);
        let Some((_, hidden)) = summary.layers.split_last().filter(|(_, hidden)| !hidden.is_empty()) else { return };
        if summary.verdict == Verdict::Diverged {
            return;
        }
        let lowest = |is: fn(&LayerSummary) -> bool| hidden.iter().take_while(|layer| is(layer)).count();
        let (never, hardly) = (lowest(never_moved), lowest(hardly_moved));
        // What holds in every run.
        let least = |known: usize, here: usize| if self.runs == 0 { here } else { known.min(here) };
        (self.never, self.hardly) = (least(self.never, never), least(self.hardly, hardly));
        self.without_gradient = self.without_gradient.max(lowest(|layer| !has_gradient(layer)));
        self.layers = hidden.len();
        self.runs += 1;
        let speeds = || hidden.iter().map(|layer| layer.log10_relative_update_mean);
        let (low, high) = speeds().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (x.min(a), x.max(b)));
        self.spread = self.spread.max(high - low);
        self.mean += mean(speeds());
        self.first_over_last +=
            hidden[0].log10_relative_update_mean - hidden[hidden.len() - 1].log10_relative_update_mean;
    }

    /// Returns what there is to say of the runs so far.
    pub fn finding(&self) -> Option<SpeedFinding> {
        let Self { layers, never, hardly, without_gradient, .. } = *self;
        if hardly > 0 {
            // Where no gradient comes at all, nothing is to be said of updates.
            let without_gradient = without_gradient.min(hardly);
            return (hardly > without_gradient).then_some(SpeedFinding::Stuck {
                never,
                hardly,
                without_gradient,
                layers,
            });
        }
        if self.runs == 0 || layers < 2 {
            return None;
        }
        let [decades, log10] = [self.first_over_last, self.mean].map(|sum| sum / self.runs as f64);
        if decades.is_finite() && decades.abs() >= UNEVEN_FROM {
            return Some(SpeedFinding::Uneven { decades, layers });
        }
        let is_alike = self.spread <= ALIKE_WITHIN && log10.is_finite() && log10 < SLOW_BELOW;
        (is_alike && self.learned == 0).then_some(SpeedFinding::Alike { log10 })
    }
}

/// Whether a layer's weights are what they were at the beginning.
fn never_moved(layer: &LayerSummary) -> bool {
    layer.moved == 0.0
}

/// Whether a layer never moved, or had a gradient at every traced step and at some of them an update that changed
/// nothing.
fn hardly_moved(layer: &LayerSummary) -> bool {
    let was_lost = layer.log10_relative_update_mean == f64::NEG_INFINITY && layer.log10_grad_norm_mean.is_finite();
    never_moved(layer) || was_lost
}

/// Whether a layer had a gradient at some traced step.
fn has_gradient(layer: &LayerSummary) -> bool {
    [layer.log10_grad_norm_init, layer.log10_grad_norm_mean, layer.log10_grad_norm_last].iter().any(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Why;

    const NONE: f64 = f64::NEG_INFINITY;

    /// A layer of this log10 relative update, which moved unless the update is 0, with a gradient.
    fn layer(speed: f64) -> LayerSummary {
        LayerSummary {
            log10_delta_rms_init: 0.0,
            log10_delta_rms_mean: 0.0,
            log10_delta_rms_last: 0.0,
            log10_grad_norm_init: -9.0,
            log10_grad_norm_mean: -9.0,
            log10_grad_norm_last: -9.0,
            log10_relative_update_mean: speed,
            moved: if speed == NONE { 0.0 } else { 0.1 },
        }
    }

    /// A layer without any gradient.
    fn silent() -> LayerSummary {
        LayerSummary {
            log10_grad_norm_init: NONE,
            log10_grad_norm_mean: NONE,
            log10_grad_norm_last: NONE,
            ..layer(NONE)
        }
    }

    /// A run of these hidden layers, and a head that is slower than any.
    fn run(verdict: Verdict, learned: bool, hidden: &[LayerSummary]) -> Summary {
        Summary {
            verdict,
            why: Why::NONE,
            learned,
            init_decades_per_layer: 0.0,
            last_decades_per_layer: 0.0,
            init_gradient_decades: 0.0,
            last_gradient_decades: 0.0,
            init_decades_per_step: f64::NAN,
            last_decades_per_step: f64::NAN,
            init_time_decades: f64::NAN,
            last_time_decades: f64::NAN,
            first_moved: 0.0,
            first_over_last_moved: 0.0,
            layers: [hidden, &[layer(-30.0)]].concat(),
        }
    }

    fn said(runs: &[Summary]) -> String {
        let mut builder = SpeedBuilder::default();
        runs.iter().for_each(|run| builder.add(run));
        builder.finding().map(|finding| finding.sentence()).unwrap_or_default()
    }

    /// Returns what is said of one run with these log10 speeds.
    fn of(speeds: &[f64], learned: bool) -> String {
        let hidden: Vec<LayerSummary> = speeds.iter().map(|speed| layer(*speed)).collect();
        said(&[run(Verdict::Healthy, learned, &hidden)])
    }

    #[test]
    fn layers_that_never_moved_are_those_that_did_in_no_run() {
        let hidden = |stuck: usize| -> Vec<LayerSummary> {
            (0..20).map(|l| layer(if l < stuck { NONE } else { -3.0 })).collect()
        };
        let runs = [7, 6].map(|stuck| run(Verdict::Vanishing, false, &hidden(stuck)));
        let reason = "their updates were below the last digit of their weights";
        assert_eq!(said(&runs), format!("layers 1-6 of 20 never moved: {reason}"));
        let one = [run(Verdict::Vanishing, false, &hidden(1))];
        assert_eq!(said(&one), format!("layer 1 of 20 never moved: {reason}"));
        assert_eq!(said(&[run(Verdict::Vanishing, false, &hidden(0))]), "");
        let only = [run(Verdict::Vanishing, false, &[layer(NONE)])];
        assert_eq!(said(&only), "the hidden layer never moved: its updates were below the last digit of its weights");
    }

    #[test]
    fn layers_some_of_whose_updates_changed_nothing_are_told_from_those_that_never_moved() {
        let at_times = LayerSummary { moved: 1e-9, ..layer(NONE) };
        let hidden = [layer(NONE), at_times, at_times, layer(-6.0)];
        let reason = "their updates were below the last digit of their weights";
        assert_eq!(
            said(&[run(Verdict::Vanishing, false, &hidden)]),
            format!("layer 1 of 4 never moved, and layers 2-3 in some steps only: {reason}")
        );
        assert_eq!(
            said(&[run(Verdict::Vanishing, false, &hidden[1..])]),
            format!("layers 1-2 of 3 moved in some steps only: {reason}")
        );
        // A step without gradient is no lost update.
        let at_rest = LayerSummary { log10_grad_norm_mean: NONE, ..at_times };
        assert_eq!(said(&[run(Verdict::Healthy, true, &[at_rest, layer(-3.0)])]), "");
    }

    #[test]
    fn where_no_gradient_comes_nothing_is_said_of_updates() {
        assert_eq!(said(&[run(Verdict::Dead, false, &[silent(), silent(), layer(-3.0)])]), "");
        assert_eq!(
            said(&[run(Verdict::Vanishing, false, &[silent(), layer(NONE), layer(-3.0)])]),
            "layers 1-2 of 3 never moved: their gradients were 0, or their updates below the last digit of their weights"
        );
    }

    #[test]
    fn a_first_layer_that_is_thirty_times_slower_or_faster_is_told() {
        assert_eq!(of(&[-7.6, -5.0, -3.0], false), "layer 1 learns 4e4 times more slowly than layer 3");
        assert_eq!(of(&[-4.51, -3.0], true), "layer 1 learns 32 times more slowly than layer 2");
        assert_eq!(of(&[-4.49, -3.0], true), "");
        assert_eq!(of(&[-2.0, -3.0, -4.95], true), "layer 1 learns 891 times faster than layer 3");
        assert_eq!(of(&[-400.0, -3.0], false), "layer 1 learns 1e397 times more slowly than layer 2");
    }

    #[test]
    fn layers_that_learn_alike_are_told_where_they_are_slow_and_the_net_did_not_learn() {
        assert_eq!(of(&[-5.1, -5.3, -5.25], false), "all layers learn alike, at 6e-6 of their norm per step");
        assert_eq!(of(&[-5.1, -5.3, -5.25], true), "", "it learned");
        assert_eq!(of(&[-3.9, -4.0], false), "", "not slow");
        assert_eq!(of(&[-5.0, -5.6], false), "", "not alike");
        assert_eq!(of(&[-5.03], false), "", "one layer is like nothing");
        let alike = run(Verdict::Healthy, false, &[layer(-5.0), layer(-5.0)]);
        let one_of_two = [alike.clone(), run(Verdict::Healthy, true, &[layer(-5.0), layer(-5.0)])];
        assert_eq!(said(&one_of_two), "", "a run learned");
        assert_eq!(said(&[alike]), "all layers learn alike, at 1e-5 of their norm per step");
    }

    #[test]
    fn runs_that_diverged_and_cells_without_runs_say_nothing() {
        assert_eq!(said(&[]), "");
        assert_eq!(said(&[run(Verdict::Diverged, false, &[layer(-9.0), layer(1.0)])]), "");
        assert_eq!(of(&[f64::NAN, -3.0], false), "", "weights of 0 have no relative update");
    }

    #[test]
    fn the_clearest_of_a_kind_has_most_layers_or_most_decades() {
        let stuck = |never, hardly| SpeedFinding::Stuck { never, hardly, without_gradient: 0, layers: 50 };
        let uneven = |decades| SpeedFinding::Uneven { decades, layers: 9 };
        assert!(stuck(6, 8).size() > stuck(6, 7).size() && uneven(-5.0).size() > uneven(-2.0).size());
        assert!(uneven(-5.0).is_like(&uneven(-2.0)) && !uneven(-5.0).is_like(&uneven(2.0)));
        assert!(!stuck(1, 1).is_like(&uneven(-5.0)) && stuck(1, 1).is_like(&stuck(0, 3)));
    }
}
