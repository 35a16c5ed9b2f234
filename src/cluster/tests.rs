//! Scripts for schedulers.

use super::*;

fn job() -> ArrayJob {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    ArrayJob {
        name: "depth".into(),
        program: "/home/me/.cargo/bin/vgrun".into(),
        folder: "/scratch/it's \"mine\"".into(),
        experiment: words(&["my configs/depth.toml", "--set", "grid.model.depth=[5, 10]"]),
        sweep: words(&["--max-memory", "2000000000B"]),
        jobs: 4.try_into().ok(),
        shards: 8.try_into().expect("positive"),
        shards_per_task: 1.try_into().expect("positive"),
        tasks: Tasks::all(8.try_into().expect("positive")),
        options: words(&["--time=1:00:00", "--comment=a b"]),
    }
}

#[test]
fn every_script_is_as_it_was_read() {
    for engine in Engine::ALL {
        insta::assert_snapshot!(format!("script_for_{}", engine.name()), engine.script(&job()));
    }
}

/// Tasks of three shards each: three tasks, of which the last one has two.
fn job_of_several() -> ArrayJob {
    ArrayJob { shards_per_task: 3.try_into().expect("positive"), ..job() }
}

#[test]
fn the_script_for_tasks_of_several_shards_is_as_it_was_read() {
    let script = Engine::Slurm.script(&job_of_several());
    insta::assert_snapshot!("script_for_slurm_with_tasks_of_several_shards", script);
    assert!(!script.contains("TASK_COUNT"), "Slurm's own count shrinks when a few tasks are handed in again");
}

#[test]
fn without_options_there_are_none() {
    let plain =
        ArrayJob { jobs: None, sweep: Vec::new(), options: Vec::new(), tasks: [3, 7].into_iter().collect(), ..job() };
    for engine in Engine::ALL {
        let script = engine.script(&plain);
        assert!(script.contains("tasks=${1:-3,7}\n"), "{script}");
        assert!(!script.contains("cpus") && !script.contains("--max-memory") && !script.contains("--time"), "{script}");
    }
}

#[test]
fn every_script_passes_shellcheck_where_that_is_installed() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let check = |program: &str, arguments: &[&str], script: &str| {
        let child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            assert!(std::env::var_os("VGRUN_REQUIRE_CLUSTER").is_none(), "{program} is not installed");
            return;
        };
        child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stdout));
    };
    let scripts = Engine::ALL.map(|engine| engine.script(&job())).into_iter();
    for script in scripts.chain([Engine::Slurm.script(&job_of_several())]) {
        check("bash", &["-n"], &script);
        check("shellcheck", &["-"], &script);
        // What Slurm is handed are scripts of their own.
        for inner in script.split("#!/bin/bash\n").skip(2) {
            let inner = inner.split("\nSHARD\n").next().and_then(|text| text.split("\nMERGE\n").next());
            check("shellcheck", &["-s", "bash", "-"], inner.expect("a split has a first part"));
        }
    }
}
