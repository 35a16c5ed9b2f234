//! By what each layer changes the error on its way back, as recorded beside the error itself.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use vgrun::data::{DataSource, Dataset};
use vgrun::metric::{Gains, LayerReading};
use vgrun::nn::{Activation, Init, ModelKind, NormKind, ResidualScaling};
use vgrun::spec::{BatchSize, Every, Precision, RunSpec};
use vgrun::train;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("positive")
}

/// A net on noise, whose 12 steps are all measured.
fn net(activation: Activation, norm: NormKind) -> RunSpec {
    let mut spec = RunSpec::default();
    spec.data.source = DataSource::Noise;
    (spec.model.depth, spec.model.width) = (count(6), count(48));
    (spec.model.activation, spec.model.negative_slope) = (activation, activation.default_slope());
    spec.model.init = Init::HeNormal;
    spec.model.batch_norm = norm == NormKind::Batch;
    spec.model.layer_norm = norm == NormKind::Layer;
    spec.train.batch_size = BatchSize::Examples(count(32));
    spec.train.steps = count(12);
    spec.every = Every::Steps(count(1));
    spec
}

/// The readings of every step, first layer to head.
fn readings(spec: &RunSpec) -> Vec<Vec<LayerReading>> {
    let data = Dataset::load(&spec.data).expect("no files");
    let trained = train::run(spec, &data, &mut |_| ControlFlow::Continue(())).expect("nothing stops it");
    trained.trace.by_step().map(|(_, layers)| layers.to_vec()).collect()
}

fn gains(reading: &LayerReading) -> Gains {
    reading.gains.expect("a dense hidden layer has gains")
}

fn sum(gains: Gains) -> f64 {
    gains.weight + gains.activation + gains.norm
}

/// log10 of `delta_rms`, layer by layer, at every step.
fn steps_of_delta(rows: &[LayerReading]) -> impl Iterator<Item = (Gains, f64)> {
    rows.windows(2).map(|pair| (gains(&pair[0]), (pair[0].delta_rms / pair[1].delta_rms).log10()))
}

#[test]
fn gains_sum_to_the_step_of_log10_delta_in_every_net_without_residual_connections() {
    for activation in Activation::ALL {
        for norm in [NormKind::None, NormKind::Batch, NormKind::Layer] {
            for (precision, clip_norm) in [(Precision::F32, 0.0), (Precision::F64, 0.05)] {
                let mut spec = net(activation, norm);
                (spec.train.precision, spec.train.clip_norm) = (precision, clip_norm);
                let all = readings(&spec);
                assert_eq!(all.len(), 12);
                for rows in &all {
                    assert_eq!(rows[6].gains, None, "the head begins the way back");
                    for (gains, step) in steps_of_delta(rows) {
                        assert!((sum(gains) - step).abs() < 1e-6, "{activation:?} {norm:?}: {gains:?}, not {step}");
                        assert_eq!(gains.norm == 0.0, norm == NormKind::None, "{gains:?}");
                        assert_eq!(gains.branch_share, 1.0);
                    }
                }
            }
        }
    }
}

#[test]
fn a_gain_is_that_of_its_own_part() {
    // One step of a wide net: relu passes half of what comes, and He's weights give that back.
    let mut spec = net(Activation::Relu, NormKind::None);
    (spec.model.width, spec.train.batch_size) = (count(256), BatchSize::Examples(count(256)));
    for gains in readings(&spec)[0][..5].iter().map(gains) {
        assert!((gains.weight - 0.5 * 2_f64.log10()).abs() < 0.03, "{gains:?}");
        assert!((gains.activation + 0.5 * 2_f64.log10()).abs() < 0.03, "{gains:?}");
    }
    // Layer norm divides by the standard deviation of z, which a gain of 10 makes 10 times as large.
    let norm = |init_gain| {
        let mut spec = RunSpec { ..net(Activation::Tanh, NormKind::Layer) };
        spec.model.init_gain = init_gain;
        gains(&readings(&spec)[0][3])
    };
    let (one, ten) = (norm(1.0), norm(10.0));
    assert!((one.norm - ten.norm - 1.0).abs() < 1e-3 && (ten.weight - one.weight - 1.0).abs() < 1e-3);
    assert!((one.activation - ten.activation).abs() < 1e-3, "{one:?} {ten:?}");
}

#[test]
fn a_residual_branch_has_its_share_of_the_error() {
    for (scaling, norm) in [
        (ResidualScaling::None, NormKind::None),
        (ResidualScaling::InvSqrtDepth, NormKind::None),
        (ResidualScaling::None, NormKind::Batch),
        (ResidualScaling::None, NormKind::Layer),
    ] {
        let mut spec = net(Activation::Relu, norm);
        (spec.model.residual, spec.model.residual_scaling) = (true, scaling);
        (spec.model.width, spec.train.batch_size) = (count(256), BatchSize::Examples(count(256)));
        let rows = &readings(&spec)[0];
        for (l, (gains, step)) in steps_of_delta(rows).enumerate() {
            // Relative to the stream's error; that of the top layer is the branch's alone.
            let branch = 10_f64.powf(sum(gains));
            if l == 5 {
                assert!(gains.branch_share == 1.0 && (branch.log10() - step).abs() < 1e-6, "{gains:?}");
                continue;
            }
            let both = 1.0 + branch * branch;
            assert!((gains.branch_share - branch * branch / both).abs() < 1e-6, "{gains:?}");
            // The two are as good as orthogonal.
            assert!((0.5 * both.log10() - step).abs() < 0.03, "{scaling:?} {norm:?} {l}: {gains:?}, step {step}");
            let want = match (scaling, norm) {
                (ResidualScaling::None, NormKind::None) => 0.5,
                (ResidualScaling::InvSqrtDepth, NormKind::None) => 1.0 / 7.0,
                // The stream's variance grows by one per block, and the norm divides the branch's error by it.
                (_, NormKind::Layer) => 1.0 / (l as f64 + 3.0),
                (_, NormKind::Batch | NormKind::Rms) | (ResidualScaling::LayerScale, _) => continue,
            };
            assert!((gains.branch_share - want).abs() < 0.04, "{scaling:?} {norm:?} {l}: {gains:?}");
        }
    }
}

#[test]
fn what_is_dead_passes_nothing_and_recurrent_layers_have_no_gains() {
    let mut spec = net(Activation::Relu, NormKind::None);
    // What a single unit of relu makes is not negative: with a negative weight the next one never fires.
    spec.model.width = count(1);
    let dead = readings(&spec).into_iter().flatten().find(|row| row.delta_rms == 0.0 && row.zero_fraction == 1.0);
    let gains = dead.expect("a dead layer").gains.expect("a dense layer");
    assert!(gains.activation == f64::NEG_INFINITY || gains.activation.is_nan(), "{gains:?}");
    let mut recurrent = RunSpec::default();
    recurrent.data.source = DataSource::Adding;
    recurrent.data.length = count(5);
    recurrent.model.kind = ModelKind::Gru;
    recurrent.train.steps = count(1);
    assert!(readings(&recurrent)[0].iter().all(|row| row.gains.is_none()));
}
