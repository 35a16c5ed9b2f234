//! Residual nets of the pre-activation form (cases P7 and P8 of the theory's public cases): measured beside predicted.
//! Predictions and tolerances are those of the cases. Block l, which counts from the stem as 0, is layer l + 1 here, so
//! that 20 blocks are a depth of 21.

use ndarray::{Array2, ArrayView2};
use vgrun::data::Dataset;
use vgrun::nn::{Activation, BatchShape, Gradients, Init, Mode, Network, ResidualScaling};
use vgrun::spec::RunSpec;
use vgrun::theory::profile;

use crate::theory::mean_field::{SEEDS, in_theory, measured, near, net};

fn residual(activation: Activation, init: Init, blocks: usize) -> RunSpec {
    let mut spec = net(activation, init, blocks + 1);
    spec.model.residual = true;
    spec
}

/// relu with He's init and a norm in the branch, from a stem of variance 1.
fn normed(blocks: usize, batch_norm: bool) -> RunSpec {
    let mut spec = residual(Activation::Relu, Init::HeNormal, blocks);
    spec.data.std = std::f64::consts::FRAC_1_SQRT_2;
    spec.model.batch_norm = batch_norm;
    spec.model.layer_norm = !batch_norm;
    spec
}

/// Mean over seeds of ln E z^2 of the stream at every layer, z_1 = x W_1, z_{l+1} = z_l + s h_l W_{l+1}, from the
/// activations h that the net itself has.
fn stream(spec: &RunSpec) -> Vec<f64> {
    let mut sums = vec![0.0; spec.model.hidden_layers()];
    for seed in 0..SEEDS {
        let data = Dataset::load(&vgrun::data::DataSpec { seed, ..spec.data.clone() }).expect("no files");
        let x = &data.train.x;
        let mut net = Network::<f64>::new(&spec.model, data.inputs(), data.outputs(), seed, Gradients::All);
        let mut buffers = net.buffers(BatchShape::of_examples(x.nrows()));
        buffers.input().assign(x);
        net.forward(Mode::Train, &mut buffers);
        let w = |l: usize| &net.param(&format!("layers.{l}.weight")).expect("weights").value;
        let s = spec.model.branch_scale();
        let mut z: Array2<f64> = x.dot(w(1)); // (B, D)
        for (l, sum) in sums.iter_mut().enumerate() {
            if l > 0 {
                // Number l from 0 is layer l + 1, which reads layer l.
                let h = ArrayView2::from_shape(z.dim(), net.units(l, &buffers).h).expect("units of the batch");
                z.scaled_add(s, &h.dot(w(l + 1)));
            }
            *sum += (z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64).ln();
        }
    }
    sums.into_iter().map(|sum| sum / SEEDS as f64).collect()
}

#[test]
fn residual_connections_without_a_norm_grow_exponentially_with_relu_and_by_less_with_tanh() {
    use Activation::{Relu, Tanh};
    for (activation, init, ratio, forward) in [
        (Relu, Init::HeNormal, 5.892, 2_f64.powi(20)),
        (Relu, Init::XavierNormal, 3.446, 1.5_f64.powi(20)),
        (Tanh, Init::XavierNormal, 1.667, 14.32),
    ] {
        let spec = residual(activation, init, 20);
        let of = format!("{activation:?}, {init:?}");
        near(measured(&spec).errors(3, 20), ratio, 0.25, &of);
        let stream = stream(&spec);
        let grown = (stream[20] - stream[0]).exp() / forward;
        near(grown, 1.0, 0.3, &format!("{of}: E z^2 of block 20 over the stem's, over {forward}"));
    }
}

#[test]
fn a_norm_in_the_branch_makes_the_growth_polynomial() {
    near(measured(&normed(20, true)).errors(3, 20), 1.265, 0.12, "batch norm");
    near(measured(&normed(20, false)).errors(3, 20), 0.949, 0.12, "layer norm");
    for (blocks, ratio) in [(10, 1.427), (20, 1.880), (50, 2.517), (100, 3.013)] {
        let nets = measured(&normed(blocks, true));
        near(nets.errors(1, blocks + 1), ratio, 0.12, &format!("batch norm, {blocks} blocks"));
    }
}

#[test]
fn with_a_norm_in_the_branch_the_streams_variance_grows_linearly() {
    for batch_norm in [true, false] {
        let stream = stream(&normed(20, batch_norm));
        for (block, ln_square) in (0_u32..).zip(stream) {
            let want = f64::from(1 + block);
            near(ln_square.exp() / want, 1.0, 0.1, &format!("batch norm {batch_norm}, block {block}, E z^2 / {want}"));
        }
    }
}

#[test]
fn a_branch_of_one_over_root_depth_grows_by_a_factor_that_no_depth_exceeds() {
    for (activation, init) in [(Activation::Relu, Init::HeNormal), (Activation::Tanh, Init::XavierNormal)] {
        for blocks in [5, 20] {
            let mut spec = residual(activation, init, blocks);
            spec.model.residual_scaling = ResidualScaling::InvSqrtDepth;
            let of = format!("{activation:?}, {blocks} blocks");
            let predicted = profile(&in_theory(&spec)).expect("a prediction").layers;
            let got = measured(&spec).log10_error(1);
            near(got, predicted[0].log10_delta, 0.05, &of);
            // (1 + 1/L)^(L/2) is below sqrt(e).
            assert!((0.0..0.5 * std::f64::consts::LOG10_E + 0.05).contains(&got), "{of}: {got} decades");
            for (ln_square, layer) in stream(&spec).into_iter().zip(predicted) {
                near(ln_square.exp() / layer.q, 1.0, 0.1, &format!("{of}: E z^2 over {}", layer.q));
            }
        }
    }
}
