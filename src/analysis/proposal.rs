//! What is worth trying for a cell that no cell of the grid cures: values of single keys, by what the cell is due to.
//!
//! These are the remedies of the literature, not measurements: whether one helps is known once it was trained. Nothing
//! here looks at the grid, so that some of them may have been tried, or may not stand beside the run's other keys.
//!
//! | cause | proposals, the first of them first |
//! |---|---|
//! | activation, underflow | of relu and its like He's init; batch norm, residual connections, relu, layer norm |
//! | weights | a gain of 1; He's init where errors vanish, Xavier's where they explode; a norm, residual connections |
//! | norm | residual connections, or no norm |
//! | branches | branches that are scaled, a norm, or none |
//! | recurrence | gates; of gated cells a bias that lets them remember; clipped updates where errors explode |
//! | stack | residual connections, layer norm |
//! | dead units, zero weights | leaky relu, a smaller rate, a norm, He's init |
//! | saturation | a gain of 1, a norm, relu, a smaller rate, clipped updates |
//! | learning rate, large steps | a tenth of it, clipped updates |
//! | overflow | a norm, a tenth of the rate, clipped updates |
//! | small steps, small gradients | a rate with which the weights would move, He's init, a larger gain |
//! | few steps | ten times as many |
//! | none, unexplained, random labels | ten times the rate, Adam, more steps |

use toml::Value;

use super::{Cause, CellSummary, Verdict};
use crate::nn::{Activation, Init, ModelKind, ModelSpec, NormKind, OptimizerKind, ResidualScaling};
use crate::spec::RunSpec;

/// A key with a value to try: `model.batch_norm` and `true`.
pub type Proposal = (&'static str, Value);

/// What to try for a cell whose runs have this spec, the most likely to help first.
pub fn proposals(cell: &CellSummary, spec: &RunSpec) -> Vec<Proposal> {
    let mut all = by_cause(cell, spec);
    if cell.verdict == Some(Verdict::Diverged) && cell.cause != Cause::LearningRate {
        all.insert(0, rate(spec, 0.1));
    }
    all.extend([batch_norm(), layer_norm(), residual()]);
    let is_without_gates = spec.model.kind.gates().is_empty();
    all.extend(spec.model.kind.others_that_remember().first().copied().filter(|_| is_without_gates).map(kind));
    all.extend([adam(), rate(spec, 0.1), steps(spec)]);
    // Where a config says the norm by its name, a flag beside it is refused.
    let both = |proposal: Proposal| [by_name(&proposal), Some(proposal)];
    all.into_iter().flat_map(|proposal| both(proposal).into_iter().rev().flatten()).collect()
}

/// Says by the norm's name what a proposal says by its flag; none for other proposals.
fn by_name((key, value): &Proposal) -> Option<Proposal> {
    let flagged = [("model.batch_norm", NormKind::Batch), ("model.layer_norm", NormKind::Layer)];
    let (_, norm) = flagged.into_iter().find(|(flag, _)| flag == key)?;
    let norm = if value.as_bool() == Some(true) { norm } else { NormKind::None };
    Some(("model.norm", norm.name().into()))
}

fn by_cause(cell: &CellSummary, spec: &RunSpec) -> Vec<Proposal> {
    let model = &spec.model;
    let explodes = matches!(cell.verdict, Some(Verdict::Exploding | Verdict::Diverged));
    match cell.cause {
        Cause::None | Cause::Unexplained | Cause::RandomLabels => vec![rate(spec, 10.0), adam(), steps(spec)],
        Cause::SmallSteps => {
            let factor = cell.rate_factor.unwrap_or(100.0);
            // Ten times the steps are not enough where a hundred times the rate is needed.
            let longer = (factor <= 10.0).then(|| steps(spec));
            [rate(spec, factor)].into_iter().chain(longer).chain([adam()]).collect()
        }
        Cause::SmallGradients => {
            let gain = ("model.init_gain", Value::Float(2.0 * model.init_gain));
            he(model).into_iter().chain([gain, batch_norm(), rate(spec, 100.0)]).collect()
        }
        Cause::FewSteps => vec![steps(spec), rate(spec, 3.0), adam()],
        Cause::LargeSteps => vec![rate(spec, 0.1), clipped()],
        Cause::Activation | Cause::Underflow => {
            let he = if is_rectifier(model.activation) && !explodes { he(model) } else { None };
            let others = [batch_norm(), residual(), activation(Activation::Relu), layer_norm()];
            he.into_iter().chain(others).collect()
        }
        Cause::Weights => {
            let init = if explodes { Some(init(Init::XavierNormal)) } else { he(model) };
            let norms = [batch_norm(), layer_norm(), residual()];
            plain_gain(model, explodes).into_iter().chain(init).chain(norms).collect()
        }
        Cause::Norm => {
            let off = [("model.batch_norm", model.batch_norm), ("model.layer_norm", model.layer_norm)];
            let off = off.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| (name, false.into()));
            let rms = (model.norm() == NormKind::Rms).then(|| ("model.norm", NormKind::None.name().into()));
            [residual()].into_iter().chain(off).chain(rms).collect()
        }
        Cause::Branches => {
            let scaled = ("model.residual_scaling", ResidualScaling::InvSqrtDepth.name().into());
            vec![scaled, batch_norm(), layer_norm(), ("model.residual", false.into())]
        }
        Cause::Recurrence => {
            let has_gates = !model.kind.gates().is_empty();
            let first =
                if explodes { Some(clipped()) } else { model.kind.bias_to_remember().map(|key| (key, 1.0.into())) };
            let others =
                model.kind.others_that_remember().iter().copied().filter(|_| !(explodes && has_gates)).map(kind);
            let orthogonal = (explodes == has_gates).then(|| init(Init::Orthogonal));
            first.into_iter().chain(others).chain(orthogonal).collect()
        }
        Cause::Stack => vec![residual(), layer_norm()],
        Cause::DeadUnits | Cause::ZeroWeights => {
            let leaky = activation(Activation::LeakyRelu);
            let norms = [batch_norm(), layer_norm()];
            [leaky, rate(spec, 0.1)].into_iter().chain(norms).chain(he(model)).collect()
        }
        Cause::Saturation => {
            let others = [batch_norm(), layer_norm(), activation(Activation::Relu), rate(spec, 0.1), clipped()];
            plain_gain(model, true).into_iter().chain(others).collect()
        }
        Cause::LearningRate => vec![rate(spec, 0.1), rate(spec, 0.01), rate(spec, 0.001), clipped()],
        Cause::Overflow => {
            let others = [batch_norm(), layer_norm(), rate(spec, 0.1), clipped()];
            plain_gain(model, true).into_iter().chain(others).collect()
        }
    }
}

/// Whether an activation lets about half of an error pass, which He's init gives back.
fn is_rectifier(activation: Activation) -> bool {
    match activation {
        Activation::Relu
        | Activation::LeakyRelu
        | Activation::Prelu
        | Activation::Elu
        | Activation::Selu
        | Activation::Gelu
        | Activation::Silu => true,
        Activation::Linear | Activation::Sigmoid | Activation::Tanh | Activation::Softplus => false,
    }
}

fn batch_norm() -> Proposal {
    ("model.batch_norm", true.into())
}

fn layer_norm() -> Proposal {
    ("model.layer_norm", true.into())
}

fn residual() -> Proposal {
    ("model.residual", true.into())
}

fn clipped() -> Proposal {
    ("train.clip_norm", 1.0.into())
}

fn adam() -> Proposal {
    ("train.optimizer", OptimizerKind::Adam.name().into())
}

fn kind(kind: ModelKind) -> Proposal {
    ("model.kind", kind.name().into())
}

fn activation(activation: Activation) -> Proposal {
    ("model.activation", activation.name().into())
}

fn init(init: Init) -> Proposal {
    ("model.init", init.name().into())
}

/// He's init, unless the net is recurrent, whose states it would make larger with each time step, or has it.
fn he(model: &ModelSpec) -> Option<Proposal> {
    let is_he = matches!(model.init, Init::HeNormal | Init::HeUniform | Init::HeFanOutNormal);
    (!is_he && !model.kind.is_recurrent()).then(|| init(Init::HeNormal))
}

/// A gain of 1, where the net's is larger than that (or else smaller) by its own choice.
fn plain_gain(model: &ModelSpec, is_too_large: bool) -> Option<Proposal> {
    let is_off = if is_too_large { model.init_gain > 1.0 } else { model.init_gain < 1.0 };
    is_off.then(|| ("model.init_gain", 1.0.into()))
}

/// The learning rate times a factor, in the digits that a person would write.
fn rate(spec: &RunSpec, factor: f64) -> Proposal {
    let rate = spec.train.optimizer.learning_rate;
    let rounded = format!("{:.3e}", rate * factor).parse().unwrap_or(rate);
    ("train.learning_rate", Value::Float(rounded))
}

/// Ten times the steps.
fn steps(spec: &RunSpec) -> Proposal {
    let steps = spec.train.steps.get().saturating_mul(10);
    ("train.steps", Value::Integer(i64::try_from(steps).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::key;

    fn cell(cause: Cause, verdict: Verdict) -> CellSummary {
        CellSummary {
            runs: 1,
            without_result: 0,
            verdict: Some(verdict),
            agree: 1,
            cause,
            subject: "",
            why: String::new(),
            rate_factor: None,
            diverged: 0,
            learned: 0,
            gradient_decades: 0.0,
            time_decades: f64::NAN,
            loss: 2.3,
            loss_of_chance: 2.3,
        }
    }

    fn spec(kind: ModelKind, activation: Activation, init: Init) -> RunSpec {
        let mut spec = RunSpec::default();
        (spec.model.kind, spec.model.activation, spec.model.init) = (kind, activation, init);
        spec
    }

    /// The first proposal, as a line.
    fn first(cause: Cause, verdict: Verdict, spec: &RunSpec) -> String {
        let (name, value) = proposals(&cell(cause, verdict), spec).remove(0);
        format!("{name} = {value}")
    }

    #[test]
    fn the_first_proposal_fits_the_cause() {
        use Verdict::{Dead, Diverged, Exploding, Healthy, Saturated, Vanishing};
        let mlp = |activation| spec(ModelKind::Mlp, activation, Init::XavierNormal);
        let (relu, sigmoid) = (mlp(Activation::Relu), mlp(Activation::Sigmoid));
        let rnn = spec(ModelKind::Rnn, Activation::Tanh, Init::Orthogonal);
        let lstm = spec(ModelKind::Lstm, Activation::Tanh, Init::Orthogonal);
        for (cause, verdict, spec, line) in [
            (Cause::Activation, Vanishing, &relu, "model.init = \"he_normal\""),
            (Cause::Activation, Vanishing, &sigmoid, "model.batch_norm = true"),
            (Cause::Weights, Vanishing, &sigmoid, "model.init = \"he_normal\""),
            (Cause::Weights, Exploding, &relu, "model.init = \"xavier_normal\""),
            (Cause::Norm, Exploding, &relu, "model.residual = true"),
            (Cause::Branches, Exploding, &relu, "model.residual_scaling = \"inv_sqrt_depth\""),
            (Cause::Recurrence, Vanishing, &rnn, "model.kind = \"lstm\""),
            (Cause::Recurrence, Exploding, &rnn, "train.clip_norm = 1.0"),
            (Cause::Recurrence, Vanishing, &lstm, "model.forget_bias = 1.0"),
            (Cause::Stack, Vanishing, &rnn, "model.residual = true"),
            (Cause::DeadUnits, Dead, &relu, "model.activation = \"leaky_relu\""),
            (Cause::Saturation, Saturated, &sigmoid, "model.batch_norm = true"),
            (Cause::LearningRate, Diverged, &relu, "train.learning_rate = 0.002"),
            (Cause::Overflow, Exploding, &relu, "model.batch_norm = true"),
            (Cause::None, Healthy, &relu, "train.learning_rate = 0.2"),
        ] {
            assert_eq!(first(cause, verdict, spec), line, "{cause:?}");
        }
        let mut large = sigmoid;
        large.model.init_gain = 8.0;
        assert_eq!(first(Cause::Saturation, Saturated, &large), "model.init_gain = 1.0");
    }

    #[test]
    fn every_proposal_is_a_value_of_its_key() {
        for kind in ModelKind::ALL {
            for (cause, verdict) in Cause::ALL.into_iter().flat_map(|cause| Verdict::ALL.map(|v| (cause, v))) {
                let spec = spec(kind, Activation::Tanh, Init::XavierNormal);
                for (name, value) in proposals(&cell(cause, verdict), &spec) {
                    assert!((key(name).set)(&mut spec.clone(), &value), "{name} = {value}");
                }
            }
        }
    }
}
