//! A cause in one plain sentence: who takes how much, who gives back.

use super::{Cause, Evidence, PerLayer, Verdict, Why};
use crate::nn::{ModelSpec, NormKind};

impl Why {
    /// What of the net the cause is, where there are several of its kind; empty otherwise.
    pub fn subject(&self, model: &ModelSpec) -> &'static str {
        match self.cause {
            Cause::Activation | Cause::Saturation if model.kind.has_activation() => model.activation.name(),
            Cause::Norm => match model.norm() {
                NormKind::None => "",
                NormKind::Batch => "batch norm",
                NormKind::Layer => "layer norm",
            },
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
            | Cause::Overflow => "",
        }
    }

    /// What is to be said of a net of that verdict; empty where there is nothing.
    pub fn sentence(&self, verdict: Verdict, model: &ModelSpec) -> String {
        let when = if self.step == 0 { String::new() } else { format!("at step {}, ", self.step) };
        let name = |layer: usize| {
            if layer > model.hidden_layers() { "the head".to_owned() } else { format!("layer {layer}") }
        };
        let what = match self.evidence {
            Evidence::None if self.cause == Cause::Overflow => {
                return format!("the loss or a gradient of step {} is not finite", self.step);
            }
            Evidence::None => return String::new(),
            Evidence::Gains { mean, underflows_at } => {
                let below = match underflows_at {
                    Some(1) => "; the error of layer 1 underflows".into(),
                    Some(layer) => format!("; it underflows from {} down", name(layer)),
                    None => String::new(),
                };
                gains(self.cause, mean, model) + &below
            }
            Evidence::Branches { per_layer, share } => branches(per_layer, share),
            Evidence::Time { per_step, decades, steps, gate } => time(per_step, decades, steps, gate),
            Evidence::Stack(per_layer) => {
                format!("across its layers the error {} {} decades per layer", changes(per_layer), digits(per_layer))
            }
            Evidence::Underflow(layer) => format!("the precision cannot hold the error from {} down", name(layer)),
            Evidence::Units { layer, share } => units(self.cause, &name(layer), share, model),
            Evidence::Weights(layer) => {
                format!("all weights of {} are 0, so nothing passes back through it", name(layer))
            }
            Evidence::Update { layer, ratio, diverged_at } => {
                let share = percent(ratio);
                return format!(
                    "steps are too large: that of step {} changed the weights of {} by {share} of their norm, and the loss of \
                     step {diverged_at} was not finite",
                    self.step,
                    name(layer)
                );
            }
        };
        let after = match verdict {
            Verdict::Diverged => "; then the loss was not finite",
            Verdict::Dead
            | Verdict::Saturated
            | Verdict::Exploding
            | Verdict::Vanishing
            | Verdict::Recovered
            | Verdict::Healthy => "",
        };
        format!("{when}{what}{after}")
    }
}

/// A part of the way back, as a sentence's subject.
struct Part {
    cause: Cause,
    name: String,
    gain: f64,
}

impl Part {
    /// The subject with its verb, of which `third` is the form after he, she, it.
    fn does(&self, third: &str) -> String {
        let plural = self.cause == Cause::Weights;
        let verb = if plural { third.strip_suffix('s').unwrap_or(third) } else { third };
        format!("{} {verb}", self.name)
    }
}

/// Who changes the error most, and what the other does.
fn gains(cause: Cause, mean: PerLayer, model: &ModelSpec) -> String {
    let scales = match model.norm() {
        NormKind::None => "the weights",
        NormKind::Batch => "batch norm with the weights",
        NormKind::Layer => "layer norm with the weights",
    };
    let activation = format!("{}'s derivative", model.activation.name());
    let [(of_activation, gain), (of_scales, gain_of_scales)] = mean.parts();
    let a = Part { cause: of_activation, name: activation, gain };
    let b = Part { cause: of_scales, name: scales.into(), gain: gain_of_scales };
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

fn time(per_step: f64, decades: f64, steps: usize, gate: Option<(&'static str, f64)>) -> String {
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

/// Without its sign.
fn digits(decades: f64) -> String {
    format!("{:.*}", decimals(decades), decades.abs())
}

/// Decimals that tell something of a number of this size, and not more.
fn decimals(decades: f64) -> usize {
    if decades.abs() < 0.0995 { 3 } else { 2 }
}

/// 99.6 % is not 100 %.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 99.0 && percent < 100.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}
