//! A cause in one plain sentence: which part changes the error by how much, and which gives something back.

use super::{Broken, BrokenPlace, Cause, Evidence, NotLearned, PerLayer, Verdict, Why};
use crate::kernels::{exp10, log10};
use crate::nn::ModelSpec;

impl Why {
    /// Returns the part of the net that has the cause, where there are several of its kind; empty otherwise.
    pub fn subject(&self, model: &ModelSpec) -> &'static str {
        match self.cause {
            Cause::Activation | Cause::Saturation if model.kind.has_activation() => model.activation.name(),
            Cause::Norm => model.norm().words().unwrap_or_default(),
            Cause::Recurrence | Cause::Stack => model.kind.name(),
            Cause::None
            | Cause::Activation
            | Cause::Saturation
            | Cause::Weights
            | Cause::Branches
            | Cause::Underflow
            | Cause::DeadUnits
            | Cause::ZeroWeights
            | Cause::LearningRate
            | Cause::Overflow
            | Cause::SmallSteps
            | Cause::FewSteps
            | Cause::SmallGradients
            | Cause::LargeSteps
            | Cause::RandomLabels
            | Cause::Unexplained => "",
        }
    }

    /// Returns what there is to say of a net of that verdict; empty where there is nothing.
    pub fn sentence(&self, verdict: Verdict, model: &ModelSpec) -> String {
        let name = |layer: usize| {
            if layer > model.hidden_layers() { "the head".to_owned() } else { format!("layer {layer}") }
        };
        let broken = self.broken.map(|broken| broken.clause(&name));
        let what = match self.evidence {
            Evidence::None if self.cause == Cause::Overflow => {
                return broken.unwrap_or_else(|| "a loss is not finite, and no traced step shows why".into());
            }
            Evidence::None => return String::new(),
            Evidence::Gains { mean, underflows_at } => {
                let below = match underflows_at {
                    Some(1) => "; at layer 1 it is below what the precision holds".into(),
                    Some(layer) => format!("; from {} down it is below what the precision holds", name(layer)),
                    None => String::new(),
                };
                gains(self.cause, mean, model) + &below
            }
            Evidence::Branches { per_layer, share } => branches(per_layer, share),
            Evidence::Time { decades, steps, gate } => time(decades, steps, gate),
            Evidence::Stack(per_layer) => {
                format!("across its layers the error {} {} decades per layer", changes(per_layer), digits(per_layer))
            }
            Evidence::Underflow(layer) => format!("the precision cannot hold the error from {} down", name(layer)),
            Evidence::Units { layer, share } => units(self.cause, &name(layer), share, model),
            Evidence::Weights(layer) => {
                format!("all weights of {} are 0, so nothing passes back through it", name(layer))
            }
            Evidence::Update { layer, ratio } => {
                let (step, share) = (self.step, percent(ratio));
                format!(
                    "steps are too large: that of step {step} changed the weights of {} by {share} of their norm",
                    name(layer)
                )
            }
            Evidence::SmallerRate(rate) => {
                format!("steps are too large: at learning_rate = {rate:?} the same run does not diverge")
            }
            Evidence::NotLearned(shows) => return shows.sentence(),
        };
        let is_of_a_step = !matches!(self.evidence, Evidence::Update { .. } | Evidence::SmallerRate(_));
        let when = if is_of_a_step && self.step > 0 { format!("at step {}, ", self.step) } else { String::new() };
        let after = match verdict {
            Verdict::Diverged => {
                let perhaps = if self.rate_is_untried && self.cause != Cause::LearningRate {
                    "; perhaps the rate: add a tenth of learning_rate to the grid"
                } else {
                    ""
                };
                format!("; {}{perhaps}", broken.unwrap_or_else(|| "then the loss was not finite".into()))
            }
            Verdict::Saturated if self.came_before => "; since then layers are saturated".into(),
            Verdict::Vanishing if self.came_before => "; since then the error vanishes on its way back".into(),
            Verdict::Dead
            | Verdict::Saturated
            | Verdict::Exploding
            | Verdict::Vanishing
            | Verdict::Recovered
            | Verdict::Healthy => String::new(),
        };
        format!("{when}{what}{after}")
    }
}

impl Broken {
    /// Says in a clause what stopped being a number, and where.
    fn clause(&self, name: &impl Fn(usize) -> String) -> String {
        let step = self.step;
        match self.place {
            BrokenPlace::Gradient { layer, per_layer } => {
                let grows = if per_layer.is_finite() && per_layer > 0.0 {
                    format!(": x{} per layer", factor(per_layer))
                } else {
                    String::new()
                };
                format!("gradients overflow at step {step} in {}{grows}", name(layer))
            }
            BrokenPlace::Activations { layer } => format!("the output of {} overflows at step {step}", name(layer)),
            BrokenPlace::Weights { layer } => {
                format!("the weights of {} are not finite from step {step} on", name(layer))
            }
            BrokenPlace::Loss => format!("the loss overflows at step {step}"),
            BrokenPlace::Untraced => format!("the loss of step {step} was not finite"),
        }
    }
}

/// Writes a power of ten as a factor, with two digits.
fn factor(decades: f64) -> String {
    let x = exp10(decades);
    if x < 10.0 { format!("{x:.1}") } else { format!("{x:.0}") }
}

impl NotLearned {
    fn sentence(self) -> String {
        match self {
            Self::RandomLabels => {
                "its labels have nothing to do with its inputs: there is nothing to learn but the examples themselves"
                    .into()
            }
            Self::LargeSteps { moved, relative_update, losses: (least, most) } => {
                let size = if relative_update > 0.1 {
                    format!("a step changes {} of a layer's norm on average", percent(relative_update))
                } else {
                    format!("a layer moved by {} of its norm", percent(moved))
                };
                let (least, most) = (digits(least), digits(most));
                format!(
                    "steps are too large: {size}, and the loss goes up and down between {least} and {most}; divide \
                     learning_rate by 10"
                )
            }
            Self::FewSteps { learned_at: None } => {
                "too few steps: the loss falls, and has just come to 0.9 of chance; train for longer".into()
            }
            Self::FewSteps { learned_at: Some(learned_at) } => format!(
                "too few steps: the loss falls, and at this rate it is below 0.9 of chance from step {} on; train for longer",
                whole(learned_at)
            ),
            Self::SmallGradients { signal, relative_update } => format!(
                "all gradients are equally small, so an update changes a layer by at most {} of its norm: the signal at the last \
                 layer is {} of that at layer 1; take an init with a larger gain",
                tiny(relative_update),
                percent(signal)
            ),
            Self::SmallSteps { factor, .. } if !factor.is_finite() => {
                "steps are too small: no weight changed, for every update was below its last digit".into()
            }
            Self::SmallSteps { moved, factor } => format!(
                "steps are too small: in the whole run no layer moved by more than {} of its norm; multiply learning_rate by \
                 {factor:.0}",
                tiny(moved)
            ),
            Self::Unexplained => "its gradients are healthy, and nothing here explains why it does not learn".into(),
        }
    }
}

/// A part of the way back, as a sentence's subject.
struct PartOfNet {
    cause: Cause,
    name: String,
    gain: f64,
}

impl PartOfNet {
    /// Returns the subject with its verb, of which `third` is the form after he, she, it.
    fn does(&self, third: &str) -> String {
        let plural = self.cause == Cause::Weights;
        let verb = if plural { third.strip_suffix('s').unwrap_or(third) } else { third };
        format!("{} {verb}", self.name)
    }
}

/// Says which part changes the error most, and what the other part does.
fn gains(cause: Cause, mean: PerLayer, model: &ModelSpec) -> String {
    let scales = model.norm().words().map_or("the weights".into(), |norm| format!("{norm} with the weights"));
    let activation = format!("{}'s derivative", model.activation.name());
    let [(of_activation, gain), (of_scales, gain_of_scales)] = mean.parts();
    let a = PartOfNet { cause: of_activation, name: activation, gain };
    let b = PartOfNet { cause: of_scales, name: scales, gain: gain_of_scales };
    let (main, other) = if a.cause == cause { (a, b) } else { (b, a) };
    let (shrinks, decimals) = (main.gain < 0.0, decimals(main.gain));
    let number = |gain: f64| format!("{:.decimals$}", gain.abs());
    let (changes, gives) = if shrinks { ("costs", "gives") } else { ("adds", "takes") };
    let back = match number(other.gain) {
        number if number.bytes().all(|digit| matches!(digit, b'0' | b'.')) => {
            format!("{} nothing back", other.does(gives))
        }
        number if (other.gain < 0.0) == shrinks => format!("{} another {number}", other.does(changes)),
        number => format!("{} back {number}", other.does(gives)),
    };
    format!("{} {} decades per layer; {back}", main.does(changes), number(main.gain))
}

fn branches(per_layer: f64, share: f64) -> String {
    let (decades, share) = (digits(per_layer), percent(share));
    if per_layer > 0.0 {
        format!("the residual branches add {decades} decades per layer: each brings {share} of its layer's error")
    } else {
        format!("the residual branches cancel the stream's error by {decades} decades per layer")
    }
}

fn time(decades: f64, steps: usize, gate: Option<(&'static str, f64)>) -> String {
    let per_step = decades / steps as f64;
    let mut text = if per_step.is_finite() {
        format!(
            "through time the error {} {} decades per time step, {:+.1} over {steps}",
            changes(per_step),
            digits(per_step),
            decades
        )
    } else {
        format!("through time the error vanishes entirely within {steps} time steps")
    };
    let gate = gate.map(|(name, mean)| format!("; the {name} gate keeps {mean:.2} of the state per time step"));
    text += &gate.unwrap_or_default();
    text
}

fn units(cause: Cause, layer: &str, share: f64, model: &ModelSpec) -> String {
    let share = percent(share);
    if cause == Cause::Saturation {
        let of = if model.kind.has_activation() { model.activation.name() } else { "gates" };
        format!("{layer} is saturated: {share} of its {of} have less than a twentieth of the largest derivative")
    } else {
        format!("{layer} is dead: {share} of its units have a derivative of 0")
    }
}

fn changes(decades: f64) -> &'static str {
    if decades < 0.0 { "loses" } else { "gains" }
}

/// Writes decades without their sign.
fn digits(decades: f64) -> String {
    format!("{:.*}", decimals(decades), decades.abs())
}

/// Returns how many decimals tell something of a number of this size.
fn decimals(decades: f64) -> usize {
    if decades.abs() < 0.0995 { 3 } else { 2 }
}

/// Writes a share in percent; 99.6 % is not rounded to 100 %.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 99.0 && percent < 100.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// Writes a small share, as `0.013 %` or `6e-6`.
fn tiny(share: f64) -> String {
    if share < 1e-4 { format!("{share:.0e}") } else { format!("{} %", digits_of(100.0 * share)) }
}

/// Writes a number with two digits that count.
fn digits_of(x: f64) -> String {
    let decimals = if x >= 9.95 {
        0
    } else if x >= 0.995 {
        1
    } else {
        2
    };
    format!("{x:.decimals$}")
}

/// Writes a step, rounded up to two digits that count.
fn whole(step: f64) -> String {
    let unit = exp10((log10(step.max(1.0)).floor() - 1.0).max(0.0)).round();
    format!("{:.0}", (step / unit).ceil() * unit)
}
