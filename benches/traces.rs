//! What it costs to read another program's trace of a million cells: 40 runs of 25 layers at 125 steps, their summaries
//! included. Trains nothing.
//!
//! `cargo bench --bench traces`

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vgrun::check::read_foreign;
use vgrun::config::Source;
use vgrun::plan;

const CONFIG: &str = "name = \"traces\"\n[run]\nmodel.depth = 24\ntrain.steps = 1250\n[grid]\n\
    model.activation = [\"relu\", \"tanh\"]\nmodel.residual = [false, true]\ntrain.learning_rate = [0.1, 1e-5]\n\
    seed = [0, 1, 2, 3, 4]\n";

/// 125,000 rows of 8 cells, as pandas writes them.
fn trace() -> String {
    let mut text = "activation,residual,learning_rate,seed,step,layer,grad_norm,delta_rms\n".to_owned();
    for activation in ["relu", "tanh"] {
        for residual in ["False", "True"] {
            for rate in ["0.1", "1e-05"] {
                for (seed, step, layer) in (0..5).flat_map(|seed| {
                    (0..1250).step_by(10).flat_map(move |step| (1..=25).map(move |layer| (seed, step, layer)))
                }) {
                    let norm = f64::from(layer * 7919 + step + seed).sqrt() * 1e-3;
                    writeln!(
                        text,
                        "{activation},{residual},{rate},{seed},{step},{layer},{norm:?},{:?}",
                        norm * f64::from(layer)
                    )
                    .expect("a String takes all text");
                }
            }
        }
    }
    text
}

fn traces(criterion: &mut Criterion) {
    let plan = plan::plan(&Source::new("traces.toml", CONFIG), &[]).expect("a good config");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("trace.csv");
    let text = trace();
    assert_eq!(text.lines().skip(1).map(|line| line.split(',').count()).sum::<usize>(), 1_000_000);
    fs::write(&path, text).expect("a writable folder");
    let mut group = criterion.benchmark_group("traces");
    group.sample_size(20);
    group.bench_function("a million cells", |bencher| {
        bencher.iter(|| black_box(read_foreign(&plan, &path).expect("a good trace")));
    });
    group.finish();
}

criterion_group!(benches, traces);
criterion_main!(benches);
