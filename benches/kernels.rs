//! The kernels and one training step, each also as a share of what the core can do: its rate of fused multiply-adds,
//! measured beside it. `cargo bench` runs all; `cargo bench --bench kernels -- products/64` some.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use vgrun::data::{DataSource, Dataset};
use vgrun::kernels::{self, Form, Real, Tier, Unary, map, peak, product};
use vgrun::nn::{Activation, ModelKind, OptimizerKind};
use vgrun::plan::cost;
use vgrun::spec::{Every, Precision, RunSpec};
use vgrun::train;

/// Floating-point operations per second of independent multiply-adds, the best of a few.
fn peak_rate<F: Real>() -> f64 {
    let rate = |_| {
        let start = Instant::now();
        let operations = peak::<F>(Tier::current(), black_box(2_000_000));
        operations / start.elapsed().as_secs_f64()
    };
    (0..10).map(rate).fold(0.0, f64::max)
}

/// Times `work`, which does so many floating-point operations, and says what share of the peak its best sample was.
#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn bench<F: Real>(criterion: &mut Criterion, group: &str, name: &str, operations: f64, mut work: impl FnMut()) {
    let peak = peak_rate::<F>();
    let mut best = Duration::MAX;
    let mut group = criterion.benchmark_group(group);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of operations")]
    group.throughput(Throughput::Elements(operations as u64));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let start = Instant::now();
            for _ in 0..times {
                work();
            }
            let taken = start.elapsed();
            best = best.min(taken / u32::try_from(times).unwrap_or(u32::MAX));
            taken
        });
    });
    group.finish();
    if best < Duration::MAX {
        let rate = operations / best.as_secs_f64();
        let tier = Tier::current().name();
        let share = 100.0 * rate / peak;
        println!("{name}: {:.1} of {:.1} GFLOP/s, {share:.1} % ({tier})\n", rate / 1e9, peak / 1e9);
    }
}

fn numbers<F: Real>(n: usize) -> Vec<F> {
    (0..n).map(|i| F::from_f64(((i * 7919) % 1009) as f64 / 1009.0 - 0.5)).collect()
}

fn products<F: Real>(criterion: &mut Criterion, precision: Precision) {
    let forms = [Form::Plain, Form::LeftTransposed, Form::RightTransposed];
    let sizes =
        [(64, 64, 64), (128, 128, 128), (256, 256, 256), (64, 64, 10), (64, 10, 64), (64, 64, 256), (1, 64, 64)];
    for (m, k, n) in sizes {
        for form in forms {
            let (a, b, mut c) = (numbers::<F>(m * k), numbers::<F>(k * n), numbers::<F>(m * n));
            let name = format!("{m}x{k}x{n} {form:?} {precision:?}");
            bench::<F>(criterion, "products", &name, (2 * m * k * n) as f64, || {
                product(form, (m, k, n), black_box(&a), black_box(&b), black_box(&mut c));
            });
        }
    }
}

/// The elementary functions over a layer of 64 examples and 64 units. An element counts as one multiply-add, so that 100
/// divided by the share of the peak is how many multiply-adds a function is worth.
fn functions<F: Real>(criterion: &mut Criterion, precision: Precision) {
    let n = 64 * 64;
    let x: Vec<F> = numbers::<F>(n).iter().map(|&x| F::from_f64(8.0) * x).collect();
    let positive: Vec<F> = x.iter().map(|&x| x.abs() + F::from_f64(0.01)).collect();
    let mut y = x.clone();
    macro_rules! each {
        ($($function:ident of $x:ident),+) => {$({
            struct Function;
            impl<F: Real> Unary<F> for Function {
                #[inline(always)]
                fn at(&self, x: F) -> F {
                    kernels::$function(x)
                }
            }
            let name = format!("{} of 64 x 64 {precision:?}", stringify!($function));
            bench::<F>(criterion, "functions", &name, (2 * n) as f64, || {
                map(black_box(&$x), black_box(&mut y), Function);
            });
        })+};
    }
    each!(exp of x, exp_m1 of x, tanh of x, sigmoid of x, softplus of x, ln of positive, ln_1p of positive,
        log10 of positive, erf of x, erfc of x);
}

/// A layer of 64 examples and 64 units, forward and back; one "operation" is one element.
fn activations<F: Real>(criterion: &mut Criterion, precision: Precision) {
    let n = 64 * 64;
    let u: Vec<F> = numbers::<F>(n).iter().map(|&u| F::from_f64(8.0) * u).collect();
    let (mut h, mut exponent) = (u.clone(), 0);
    let mut group = criterion.benchmark_group("activations");
    group.throughput(Throughput::Elements(n as u64));
    for phi in Activation::ALL {
        let slope = F::from_f64(phi.default_slope());
        group.bench_function(format!("{} forward {precision:?}", phi.name()), |bencher| {
            bencher.iter(|| phi.forward(black_box(&u), slope, black_box(&mut h)));
        });
        group.bench_function(format!("{} backward {precision:?}", phi.name()), |bencher| {
            bencher.iter(|| phi.backward(black_box(&u), slope, (black_box(&mut h), &mut exponent)));
        });
    }
    group.finish();
}

/// Training steps on noise, traced at every step or at the first and last alone.
fn steps(criterion: &mut Criterion) {
    const STEPS: usize = 50;
    let positive = |n: usize| n.try_into().expect("positive");
    for (width, norm, traced) in
        [(64, false, false), (64, false, true), (64, true, false), (64, true, true), (256, false, true)]
    {
        let mut spec = RunSpec::default();
        spec.data.source = DataSource::Noise;
        spec.model.width = positive(width);
        spec.model.activation = Activation::Tanh;
        spec.model.batch_norm = norm;
        spec.train.steps = positive(STEPS);
        spec.every = Every::Steps(positive(if traced { 1 } else { STEPS }));
        let data = Dataset::load(&spec.data).expect("no files");
        let which = match (norm, traced) {
            (false, false) => "plain, not traced",
            (false, true) => "plain, traced",
            (true, false) => "batch norm, not traced",
            (true, true) => "batch norm, traced",
        };
        let name = format!("{STEPS} steps of 10 layers of {width}, {which}");
        bench::<f32>(criterion, "training", &name, cost(&spec).flops, || {
            black_box(train::run(&spec, &data, &mut |_| ControlFlow::Continue(())));
        });
    }
}

/// What becomes subnormal, and then zero, beside what is healthy: products, and training of nets with small weights.
fn vanishing(criterion: &mut Criterion) {
    let n = 64;
    // The sums are of this size, as both factors have its root.
    for size in [1.0, 1e-33, 1e-36, 1e-38, 1e-41, 1e-44, 1e-50] {
        let factor = |seed: usize| -> Vec<f32> {
            let numbers = (0..n * n).map(|i| ((i * 7919 + seed) % 1009) as f64 / 1009.0 - 0.5);
            numbers.map(|x| f32::from_f64(x * f64::sqrt(size))).collect()
        };
        let (a, b, mut c) = (factor(1), factor(2), vec![0.0; n * n]);
        let name = format!("{n}x{n}x{n} LeftTransposed F32, sums of {size:e}");
        bench::<f32>(criterion, "vanishing", &name, (2 * n * n * n) as f64, || {
            product(Form::LeftTransposed, (n, n, n), black_box(&a), black_box(&b), black_box(&mut c));
        });
    }
    let positive = |n: usize| n.try_into().expect("positive");
    let mut train = |steps: usize, name: &str, spec: &RunSpec| {
        let data = Dataset::load(&spec.data).expect("no files");
        bench::<f32>(criterion, "vanishing", &format!("{steps} steps of {name}"), cost(spec).flops, || {
            black_box(train::run(spec, &data, &mut |_| ControlFlow::Continue(())));
        });
    };
    for optimizer in [OptimizerKind::Sgd, OptimizerKind::Momentum, OptimizerKind::Rmsprop, OptimizerKind::Adam] {
        for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Relu, Activation::LeakyRelu] {
            for gain in [1.0, 0.5, 0.3, 0.2, 0.15, 0.1, 0.05] {
                let (steps, mut spec) = (100, RunSpec::default());
                spec.data.source = DataSource::Noise;
                (spec.model.width, spec.model.depth) = (positive(64), positive(50));
                (spec.model.activation, spec.model.init_gain) = (activation, gain);
                spec.train.optimizer.kind = optimizer;
                spec.train.steps = positive(steps);
                let name = format!("50 layers of 64, {}, {}, init_gain {gain}", optimizer.name(), activation.name());
                train(steps, &name, &spec);
            }
        }
    }
    for activation in [Activation::Tanh, Activation::Relu] {
        for gain in [1.0, 0.7, 0.5, 0.3, 0.2, 0.1] {
            let (steps, mut spec) = (10, RunSpec::default());
            (spec.data.source, spec.data.length) = (DataSource::Adding, positive(100));
            (spec.model.kind, spec.model.width, spec.model.depth) = (ModelKind::Rnn, positive(64), positive(1));
            (spec.model.activation, spec.model.init_gain) = (activation, gain);
            spec.train.steps = positive(steps);
            train(steps, &format!("an rnn of 64 over 100 time steps, {}, init_gain {gain}", activation.name()), &spec);
        }
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    products::<f32>(&mut criterion, Precision::F32);
    products::<f64>(&mut criterion, Precision::F64);
    functions::<f32>(&mut criterion, Precision::F32);
    functions::<f64>(&mut criterion, Precision::F64);
    activations::<f32>(&mut criterion, Precision::F32);
    activations::<f64>(&mut criterion, Precision::F64);
    steps(&mut criterion);
    vanishing(&mut criterion);
    criterion.final_summary();
}
