//! Reads tables of a million cells, as `vgrun plan` and each run of a sweep do. `cargo bench --bench tables` runs all.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use criterion::{Criterion, Throughput};
use vgrun::data::{Catalog, DataSource, DataSpec, Dataset, FileSpec, TargetKind};
use vgrun::spec::RunSpec;

const COLUMNS: usize = 20;
const ROWS: usize = 50_000;

/// A table of numbers with a header, whose last column is a class or a number.
fn table(target: TargetKind) -> String {
    let header: Vec<String> = (0..COLUMNS).map(|column| format!("x{column}")).collect();
    let mut text = header.join(",") + "\n";
    for row in 0..ROWS {
        for column in 1..COLUMNS {
            let number = ((row * 7919 + column * 104_729) % 1_000_003) as f64 / 1000.0 - 500.0;
            write!(text, "{number},").expect("a String takes all text");
        }
        match target {
            TargetKind::Class => writeln!(text, "kind {}", row % 7),
            TargetKind::Regression => writeln!(text, "{}", (row * 31 % 1009) as f64 / 7.0),
        }
        .expect("a String takes all text");
    }
    text
}

fn spec(path: &str, target: TargetKind) -> DataSpec {
    let files = FileSpec { path: Some(path.into()), target, ..FileSpec::default() };
    DataSpec { source: DataSource::Csv, files, ..RunSpec::default().data }
}

/// What a plan does with a file.
fn look(folder: &Path, spec: &DataSpec) -> DataSpec {
    let mut found = spec.clone();
    Catalog::new(folder).look(&mut found).expect("a good table");
    found
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("tables");
    group.throughput(Throughput::Elements((COLUMNS * ROWS) as u64));
    for target in TargetKind::ALL {
        let name = format!("{}.csv", target.name());
        fs::write(folder.path().join(&name), table(target)).expect("room for a table");
        let spec = spec(&name, target);
        group.bench_function(format!("look/{}", target.name()), |bencher| {
            bencher.iter(|| look(folder.path(), &spec));
        });
        let found = look(folder.path(), &spec);
        group.bench_function(format!("load/{}", target.name()), |bencher| {
            bencher.iter(|| Dataset::load(&found).expect("a good table"));
        });
    }
    group.finish();
    criterion.final_summary();
}
