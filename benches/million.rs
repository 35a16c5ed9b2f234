//! A million tiny runs in a thousand shards, whose records are made up: what it costs to plan, to deal and to merge them,
//! and what memory each further run takes. Trains nothing but one run, whose record stands for all.
//!
//! `cargo bench --bench million [RUNS [SHARDS]]`; takes some GB in the temporary folder, and a minute or two.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use vgrun::config::Source;
use vgrun::data::Dataset;
use vgrun::plan::{Plan, Shard};
use vgrun::store::{Manifest, ShardManifest, Writer};
use vgrun::trace::Record;

/// Nets of four makes and five seeds, at as many learning rates as it takes.
fn config(runs: usize) -> String {
    format!(
        "name = \"million\"\n[run]\ndata.source = \"noise\"\ndata.features = 4\ndata.examples = 8\ndata.seed = 0\n\
         model.width = 4\nmodel.depth = 1\ntrain.steps = 1\ntrain.batch_size = 8\n[grid]\nmodel.init_gain = [1.0, 1.5]\n\
         model.activation = [\"relu\", \"tanh\"]\ntrain.learning_rate = {{ from = 0.001, to = 0.1, count = {} }}\n\
         seed = {{ from = 0, count = 5 }}\n",
        (runs / 20).max(1)
    )
}

fn say(text: &str) {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{text}").expect("standard output");
}

fn rate(what: &str, runs: usize, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    say(&format!("{what:<34} {seconds:>8.2} s {:>12.0} runs/s", runs as f64 / seconds));
}

/// Runs a command to its end; the most memory that it was seen to hold, in bytes.
fn watched(command: &mut Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("vgrun starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0);
        peak = peak.max(kibibytes * 1024);
        if let Some(ended) = child.try_wait().expect("it is our child") {
            break ended;
        }
        sleep(Duration::from_millis(20));
    };
    assert!(ended.success(), "{ended}");
    peak
}

/// Writes what every shard would have: one segment, and one manifest.
fn fabricate(folder: &Path, plan: &Plan, shards: u32) {
    let count = shards.try_into().expect("positive");
    let spec = plan.spec(0);
    let data = Dataset::load(&spec.data).expect("noise needs no file");
    let trained = vgrun::train::run(&spec, &data, &mut |_| ControlFlow::Continue(())).expect("nobody stops it");
    let dealt = plan.dealt();
    let sweep = Manifest {
        schema: Manifest::SCHEMA,
        vgrun: env!("CARGO_PKG_VERSION").into(),
        numerics: vgrun::spec::NUMERICS,
        config: String::new(),
        overrides: Vec::new(),
        plan: plan.hash(),
        values: plan.value_sets(),
        data: plan.known_files(),
        host: "node".into(),
        cpus: 1,
        tier: "portable".into(),
        jobs: 1,
        started: String::new(),
        ended: None,
        seconds: 0.0,
        peak_memory_bytes: None,
    };
    fs::create_dir_all(folder.join("runs")).expect("a writable folder");
    for index in 0..shards {
        let shard = Shard::new(index, count).expect("below the count");
        // In a folder of its own, since a writer first reads what a folder holds.
        let part = tempfile::tempdir().expect("a temporary folder");
        let (mut writer, _) = Writer::create(part.path(), "main", plan).expect("a writable folder");
        let runs = dealt.iter().skip(index as usize).step_by(shards as usize);
        for &run in runs.clone() {
            let mut trace = trained.trace.clone();
            trace.outcome.loss_last = f64::from(run);
            writer.append(plan.id(run as usize), &Record::Done(trace)).expect("room on the disk");
        }
        writer.finish().expect("room on the disk");
        let segment = folder.join(format!("runs/{:06}.seg", index + 1));
        fs::copy(part.path().join("runs/000001.seg"), segment).expect("room on the disk");
        ShardManifest::begin(shard, runs.count(), sweep.clone()).write(folder).expect("a writable folder");
    }
}

fn size(folder: &Path) -> (usize, u64) {
    let sizes = || {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
        entries.map(|entry| entry.metadata().expect("a file")).filter(fs::Metadata::is_file)
    };
    (sizes().count(), sizes().map(|file| file.len()).sum())
}

/// Plans, deals and merges so many runs; the most memory that each of the two merges held.
fn measure(runs: usize, shards: u32) -> [u64; 2] {
    let home = tempfile::tempdir().expect("a temporary folder");
    let text = config(runs);
    let start = Instant::now();
    let plan = vgrun::plan::plan(&Source::new("million.toml", text.clone()), &[]).expect("a valid config");
    rate("plan", plan.len(), start);
    let start = Instant::now();
    plan.hash();
    rate("hash of the plan", plan.len(), start);
    let start = Instant::now();
    let shard = plan.shard(Shard::new(0, shards.try_into().expect("positive")).expect("below the count"));
    rate(&format!("one of {shards} shards ({} runs)", shard.len()), plan.len(), start);

    let folder = home.path().join("results/million");
    let start = Instant::now();
    fabricate(&folder, &plan, shards);
    rate("records made up and stored", plan.len(), start);
    // What it had allocated is nothing to do with a merge, which is a process of its own.
    let runs = plan.len();
    drop(plan);
    let (files, bytes) = size(&folder.join("runs"));
    say(&format!("{files} files in runs/, {:.2} GB, {} bytes a run", bytes as f64 / 1e9, bytes / runs as u64));
    let few = format!("{text}[output]\ntables = [\"runs\", \"summary\"]\n");
    [("merge, all tables", &text), ("merge, runs and summary alone", &few)].map(|(what, text)| {
        fs::write(home.path().join("million.toml"), text).expect("a writable folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.current_dir(home.path()).args(["merge", "million.toml"]);
        let start = Instant::now();
        let peak = watched(&mut command);
        rate(what, runs, start);
        let (files, bytes) = size(&folder);
        let (gigabytes, megabytes) = (bytes as f64 / 1e9, peak as f64 / 1e6);
        say(&format!("  {files} files, {gigabytes:.2} GB; peak memory {megabytes:.0} MB"));
        peak
    })
}

fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let runs = numbers.first().copied().unwrap_or(1_000_000) as usize;
    let shards = numbers.get(1).copied().unwrap_or(1000);
    let peaks = measure(runs, shards);
    say("\na quarter of these runs");
    let peaks_of_few = measure(runs / 4, shards);
    for (what, (peak, few)) in
        ["all tables", "runs and summary alone"].into_iter().zip(peaks.into_iter().zip(peaks_of_few))
    {
        let bytes = peak.saturating_sub(few) as f64 / (runs - runs / 4) as f64;
        say(&format!("merge, {what}: {bytes:.0} bytes of memory for each further run"));
    }
}
