//! configs/tiers.toml gives the same bits whatever the CPU's instructions and the number of jobs. tests/tiers.sh goes on
//! with other CPUs, under emulation.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use vgrun::data::Dataset;
use vgrun::kernels::Tier;
use vgrun::plan;
use vgrun::spec::NUMERICS;
use vgrun::train;

use crate::experiment::{Outcome, Tables, tables};

/// The version of the numerics and the hash of every number that its runs measure. A hash that changes is a new version:
/// users' baselines and stored results no longer hold.
const GOLDEN: (u32, &str) = (5, "a725827c63018d8f");

/// The same of the gains, which came to be recorded when the version already was.
const GOLDEN_GAINS: &str = "cdc2d2153f08e1a0";

fn config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/tiers.toml")
}

/// Everything that a run measured, number by number, in the order of the trace.
fn numbers(trace: &vgrun::trace::Trace) -> impl Iterator<Item = f64> {
    let o = &trace.outcome;
    let outcome = [o.loss_first, o.loss_last, o.accuracy_last, o.loss_of_chance, o.test_loss, o.test_accuracy];
    let steps = trace.steps.iter().flat_map(|s| [s.loss, s.accuracy, s.total_grad_norm, s.clip_factor]);
    let layers = trace.layers.iter().flat_map(|l| {
        let of_gradient = [l.grad_norm, l.delta_rms, l.weight_norm, l.update_norm];
        let of_activation = [l.act_mean, l.act_std, l.zero_fraction, l.saturated_fraction];
        of_gradient.into_iter().chain(of_activation)
    });
    let through_time = trace.through_time.iter().flat_map(|t| {
        let times = t.times.iter().flat_map(|t| [t.dh_rms, t.dc_rms, t.h_rms]);
        times.chain(t.gates.iter().flat_map(|g| [g.mean, g.saturated_fraction]))
    });
    outcome.into_iter().chain(steps).chain(layers).chain(through_time)
}

/// By what every layer changed the error.
fn gains(trace: &vgrun::trace::Trace) -> impl Iterator<Item = f64> {
    let of_dense_layers = trace.layers.iter().filter_map(|l| l.gains);
    of_dense_layers.flat_map(|g| [g.weight, g.activation, g.norm, g.branch_share])
}

/// Adds numbers to a hash.
fn add(hash: &mut blake3::Hasher, numbers: impl Iterator<Item = f64>) {
    for number in numbers {
        // Which of the many NaN it is depends on the CPU, and no table tells.
        let bits = if number.is_nan() { f64::NAN.to_bits() } else { number.to_bits() };
        hash.update(&bits.to_le_bytes());
    }
}

#[test]
fn the_numbers_are_those_of_this_version_of_the_numerics() {
    let plan = plan::load(&config(), &[]).expect("a good config");
    let (mut hash, mut of_gains) = (blake3::Hasher::new(), blake3::Hasher::new());
    for run in plan.runs() {
        let spec = plan.spec(run);
        let data = Dataset::load(&spec.data).expect("no files");
        let trained = train::run(&spec, &data, &mut |_| ControlFlow::Continue(())).expect("nothing stops it");
        add(&mut hash, numbers(&trained.trace));
        add(&mut of_gains, gains(&trained.trace));
    }
    let [found, of_gains] = [hash, of_gains].map(|hash| hash.finalize().to_hex()[..16].to_owned());
    assert_eq!((NUMERICS, found.as_str()), GOLDEN, "a change of the numbers needs a new version of the numerics");
    assert_eq!(of_gains, GOLDEN_GAINS, "a change of the numbers needs a new version of the numerics");
}

/// The tables of a sweep with this tier and number of jobs.
fn sweep(tier: &str, jobs: &str) -> Tables {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut sweep = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    sweep.arg("sweep").arg(config()).args(["--quiet", "--jobs", jobs, "--out"]).arg(folder.path());
    let outcome = Outcome::of(&sweep.env("VGRUN_CPU", tier).output().expect("vgrun starts"));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let manifest = std::fs::read_to_string(folder.path().join("tiers/manifest.json")).expect("a manifest");
    assert!(manifest.contains(&format!("\"tier\": \"{tier}\"")), "{manifest}");
    tables(&folder.path().join("tiers"))
}

#[test]
fn a_tier_that_does_not_exist_ends_every_command_before_it_begins() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [&["sweep", "tiers.toml"][..], &["plan", "tiers.toml"], &["list", "inits"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        std::fs::copy(config(), folder.path().join("tiers.toml")).expect("a writable folder");
        command.args(arguments).current_dir(folder.path()).env("VGRUN_CPU", "avx9");
        let outcome = Outcome::of(&command.output().expect("vgrun starts"));
        let message = "VGRUN_CPU=avx9: no such tier; there are portable, avx2 and avx512, and this CPU has: portable";
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
    }
    assert!(!folder.path().join("results").exists());
}

#[test]
fn every_tier_and_any_number_of_jobs_write_the_same_bytes() {
    let available: Vec<&str> = Tier::available().into_iter().map(Tier::name).collect();
    for tier in ["portable", "avx2", "avx512"].iter().filter(|tier| !available.contains(tier)) {
        writeln!(std::io::stderr(), "not run: tier {tier}, which this CPU lacks").expect("a standard error");
    }
    let expected = sweep("portable", "1");
    for (table, rows) in [("trace.csv", 2_000), ("time.csv", 800), ("gates.csv", 200)] {
        assert!(expected[table].lines().count() > rows, "{table}");
    }
    for tier in available {
        for jobs in ["1", "2"] {
            assert!(sweep(tier, jobs) == expected, "{tier} with {jobs} jobs");
        }
    }
}
