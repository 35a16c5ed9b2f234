//! What the mean field costs: a grid of 1,000 deep nets, each with its limit and its profile, on one core. `vgrun theory`
//! does nothing else but expand the grid and take the moments of its data.

use std::hint::black_box;
use std::num::NonZeroUsize;

use criterion::{Criterion, criterion_group, criterion_main};
use vgrun::analysis::Predictor;
use vgrun::data::Dataset;
use vgrun::nn::{Activation, Init};
use vgrun::spec::RunSpec;

/// Ten activations, two inits, depths 50 to 95, and five kinds of nets.
fn grid() -> Vec<RunSpec> {
    let count = |n: usize| NonZeroUsize::new(n).expect("positive");
    let mut specs = Vec::with_capacity(1000);
    for activation in &Activation::ALL[..10] {
        for init in [Init::XavierNormal, Init::HeNormal] {
            for depth in (50..100).step_by(5) {
                for (batch_norm, layer_norm, residual) in [
                    (false, false, false),
                    (true, false, false),
                    (false, true, false),
                    (false, false, true),
                    (true, false, true),
                ] {
                    let mut spec = RunSpec::default();
                    (spec.model.activation, spec.model.init) = (*activation, init);
                    spec.model.negative_slope = activation.default_slope();
                    (spec.model.depth, spec.model.width) = (count(depth), count(512));
                    (spec.model.batch_norm, spec.model.layer_norm) = (batch_norm, layer_norm);
                    spec.model.residual = residual;
                    specs.push(spec);
                }
            }
        }
    }
    specs
}

fn thousand_points(criterion: &mut Criterion) {
    let specs = grid();
    assert_eq!(specs.len(), 1000, "the grid that the benchmark is named after");
    let inputs = Dataset::load(&specs[0].data).expect("digits need no file").moments();
    criterion.benchmark_group("theory").sample_size(10).bench_function("1000 deep nets", |bencher| {
        bencher.iter(|| {
            let mut predictor = Predictor::default();
            let decades = |spec| predictor.outlook(spec, inputs).prediction.gradient_decades;
            black_box(specs.iter().map(decades).filter(|decades| decades.is_finite()).count())
        });
    });
}

criterion_group!(benches, thousand_points);
criterion_main!(benches);
