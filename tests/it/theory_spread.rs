//! How far single seeds are from the prediction, in the spread that is predicted of them.

use vgrun::analysis::{Prediction, Summary};
use vgrun::data::Dataset;
use vgrun::nn::{Activation, Init, NormKind};
use vgrun::spec::RunSpec;

use crate::mean_field::net;
use crate::seeds::traces;

fn zs(spec: &RunSpec, seeds: u64) -> Vec<f64> {
    let data = Dataset::load(&spec.data).expect("no files");
    let predicted = Prediction::of(spec, data.moments());
    let z = |decades: f64| (decades - predicted.gradient_decades - predicted.bias) / predicted.spread;
    traces(spec, seeds).iter().map(|trace| z(Summary::of(trace).init_gradient_decades)).collect()
}

fn mean_sd(z: &[f64]) -> (f64, f64) {
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    (mean, (z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / (z.len() as f64 - 1.0)).sqrt())
}

#[test]
fn explore() {
    let c = |n: usize| n.try_into().expect("positive");
    for activation in [Activation::Relu, Activation::Linear, Activation::Tanh, Activation::Sigmoid, Activation::Selu, Activation::Silu, Activation::Softplus] {
        for (width, depth, batch, classes) in [(32, 20, 64, 10), (32, 20, 1, 10), (64, 20, 8, 10), (64, 20, 64, 2), (128, 20, 64, 10), (64,8,64,10)] {
            for norm in [NormKind::None, NormKind::Layer, NormKind::Batch] {
                for residual in [false, true] {
                    let mut spec = crate::mean_field::with_batch(batch, net(activation, if activation == Activation::Relu {Init::HeNormal} else {Init::XavierNormal}, depth));
                    (spec.data.features, spec.model.width, spec.data.classes) = (c(width), c(width), c(classes));
                    spec.model.residual = residual;
                    spec.model.batch_norm = norm == NormKind::Batch;
                    spec.model.layer_norm = norm == NormKind::Layer;
                    let data = Dataset::load(&spec.data).expect("no files");
                    let p = Prediction::of(&spec, data.moments());
                    if p.spread.is_nan() { continue }
                    let z = zs(&spec, 60);
                    let (mean, sd) = mean_sd(&z);
                    let worst = z.iter().fold(0.0_f64, |a, z| a.max(z.abs()));
                    eprintln!("{activation:?} n{width} D{depth} B{batch} C{classes} {norm:?} res {residual}: mean {mean:.2} sd {sd:.2} worst {worst:.2} | spread {:.3} widest {:.3} bias {:.3} pred {:.2}", p.spread, p.widest_spread, p.bias, p.gradient_decades);
                }
            }
        }
    }
}
