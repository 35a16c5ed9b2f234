//! The scripts of `vgrun submit`, run by a real shell in a folder whose name needs quotes, with schedulers that only write
//! down what they are asked for. `tests/cluster.sh` runs them on real ones.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::experiment::{Outcome, tables};

/// A folder with a config, and programs that stand in for a scheduler's.
struct Site {
    home: TempDir,
}

impl Site {
    /// `steps` are those of each of four runs.
    fn new(steps: usize) -> Self {
        let site = Self { home: TempDir::new().expect("a temporary folder") };
        for folder in [site.folder(), site.bin()] {
            fs::create_dir(folder).expect("a new folder");
        }
        let config = format!(
            "name = \"test\"\n[run]\ndata.source = \"blobs\"\nmodel.depth = 2\nmodel.width = 8\ntrain.steps = {steps}\n\
             [grid]\nseed = [0, 1, 2, 3]\n"
        );
        fs::write(site.folder().join("the 'grid'.toml"), config).expect("a writable folder");
        site
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("it's \"my\" $HOME (1)")
    }

    fn bin(&self) -> PathBuf {
        self.home.path().join("bin")
    }

    /// A program that does this.
    fn program(&self, name: &str, script: &str) {
        let path = self.bin().join(name);
        fs::write(&path, format!("#!/bin/bash\nlog='{}'\n{script}\n", self.home.path().display()))
            .expect("a writable folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own file");
    }

    /// A command in the folder that finds the programs.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let path = std::env::var("PATH").expect("a path");
        let mut command = Command::new(program);
        command.current_dir(self.folder()).args(arguments).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", self.bin().display())).env_remove("VGRUN_SHARDS");
        command
    }

    fn vgrun(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&self.command(env!("CARGO_BIN_EXE_vgrun"), arguments).output().expect("vgrun starts"))
    }

    fn submit(&self, arguments: &[&str]) -> Outcome {
        self.vgrun(&[&["submit", "the 'grid'.toml", "--shards", "2"], arguments].concat())
    }

    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.home.path().join(name)).unwrap_or_default()
    }

    fn runs(&self) -> PathBuf {
        self.folder().join("results/test/runs")
    }
}

/// Writes down its arguments and the script of the array, or of the merge.
const SBATCH: &str = r#"case "$*" in *--dependency*) name=merge ;; *) name=array ;; esac
printf '%s\n' "$@" >"$log/$name.arguments"
cat >"$log/$name.sh"
echo "7;cluster""#;

/// A script that Slurm was handed, as it would run it for a task.
fn slurm_script(site: &Site, name: &str, task: &str) -> Command {
    let path = site.home.path().join(name);
    let mut command = site.command("bash", &[path.to_str().expect("UTF-8")]);
    command.envs([("SLURM_ARRAY_JOB_ID", "7"), ("SLURM_ARRAY_TASK_ID", task)]).env_remove("HQ_TASK_ID");
    command
}

fn wait_for(what: impl Fn() -> bool) {
    while !what() {
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn what_slurm_is_handed_trains_and_merges_the_shards() {
    let site = Site::new(6);
    site.program("sbatch", SBATCH);
    let submitted = site.submit(&["--engine", "slurm", "--jobs", "1", "--run", "--", "--time=10", "--comment=a 'b'"]);
    assert_eq!(submitted.code, 0, "{}", submitted.stderr);
    assert!(submitted.stdout.contains("array 7 (shards 0,1) and then merge 7"), "{}", submitted.stdout);
    let array = site.log("array.arguments");
    for argument in ["--array=0,1", "--signal=B:USR1@60", "--requeue", "--cpus-per-task=1", "--comment=a 'b'"] {
        assert!(array.lines().any(|line| line == argument), "{argument} is not in\n{array}");
    }
    assert!(site.log("merge.arguments").lines().any(|line| line == "--dependency=afterany:7"));
    for task in ["0", "1"] {
        let outcome = Outcome::of(&slurm_script(&site, "array.sh", task).output().expect("bash"));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    }
    let merged = Outcome::of(&slurm_script(&site, "merge.sh", "").output().expect("bash"));
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let plain = site.vgrun(&["sweep", "the 'grid'.toml", "--out", "plain"]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    assert_eq!(tables(&site.folder().join("results/test")), tables(&site.folder().join("plain/test")));
    // A few shards again: the script takes the list.
    site.submit(&["--engine", "slurm", "--array", "1", "--run"]);
    assert!(site.log("array.arguments").lines().any(|line| line == "--array=1"));
}

/// Sends a signal to a process that this test started.
fn signal(pid: &str, name: &str) {
    assert!(Command::new("kill").args([name, pid]).status().expect("kill").success());
}

#[test]
fn a_task_that_slurm_stops_is_requeued_and_one_that_is_terminated_is_not() {
    for (name, code, requeued) in [("-USR1", 75, "requeue 7_1\n"), ("-TERM", 130, "")] {
        let site = Site::new(10_000_000);
        site.program("sbatch", SBATCH);
        limits_arrays(&site, 1001);
        site.submit(&["--engine", "slurm", "--run"]);
        let mut command = slurm_script(&site, "array.sh", "1");
        let script = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bash");
        let manifest = site.runs().join("shard-1-of-2.json");
        wait_for(|| manifest.exists());
        signal(&script.id().to_string(), name);
        let outcome = Outcome::of(&script.wait_with_output().expect("it ends"));
        assert_eq!(outcome.code, code, "{name}: {}", outcome.stderr);
        assert_eq!(site.log("scontrol"), requeued, "{name}");
        assert!(!site.runs().join("shard-1-of-2.lock").exists(), "the lock was given back before the script ended");
    }
}

#[test]
fn hyperqueue_is_asked_for_a_task_of_every_shard_and_then_for_the_merge() {
    let site = Site::new(6);
    // Runs every task of the array, as HyperQueue does.
    let hq = r#"printf '%s\n' "$@" >>"$log/hq"
array=
while [ "$1" != -- ]; do
    case $1 in --array=*) array=${1#--array=} ;; esac
    shift
done
shift
[ -n "$array" ] || exec "$@"
for task in ${array//,/ }; do HQ_TASK_ID=$task "$@" || exit 1; done"#;
    site.program("hq", hq);
    let submitted = site.submit(&["--engine", "hyperqueue", "--run"]);
    assert_eq!(submitted.code, 0, "{}", submitted.stderr);
    assert!(submitted.stdout.contains("4 of 4 runs"), "{}", submitted.stdout);
    assert!(site.log("hq").contains("--array=0,1\n--wait\n--\n"), "{}", site.log("hq"));
}

#[test]
fn parallel_is_given_a_function_and_the_numbers_of_the_shards() {
    let site = Site::new(6);
    site.program("parallel", r#"echo "$@" >"$log/parallel"; while read -r shard; do shard "$shard"; done"#);
    let part = site.submit(&["--engine", "parallel", "--array", "1", "--run", "--", "--eta"]);
    assert_eq!(part.code, 3, "{}", part.stderr);
    assert!(part.stderr.contains("of 2 shards, hand in again: --array=0"), "{}", part.stderr);
    assert_eq!(site.log("parallel"), "--tag --eta shard\n");
    let rest = site.submit(&["--engine", "parallel", "--run"]);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert!(rest.stdout.contains("4 of 4 runs"), "{}", rest.stdout);
}

#[test]
fn without_run_the_script_is_printed_and_nothing_happens() {
    let site = Site::new(6);
    let printed = site.submit(&["--engine", "slurm", "--out", "o", "--set", "run.seed=7", "--max-memory", "2GB"]);
    assert_eq!(printed.code, 2, "a key that the grid sweeps: {}", printed.stdout);
    let set = ["--engine", "slurm", "--out", "o o", "--set", "run.train.steps=7", "--max-memory", "2GB"];
    let printed = site.submit(&set);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    let sweep =
        r"sweep 'the '\''grid'\''.toml' --set run.train.steps=7 --out 'o o' --max-memory 2000000000B --shard auto";
    let merge = r"merge 'the '\''grid'\''.toml' --set run.train.steps=7 --out 'o o'";
    assert!(printed.stdout.contains(sweep) && printed.stdout.contains(merge), "{}", printed.stdout);
    assert_eq!(fs::read_dir(site.folder()).expect("a folder").count(), 1, "the config alone");
    for (list, words) in [("2", "task 2 is beyond the last of 2 shards"), ("x", "expected numbers and ranges")] {
        let refused = site.submit(&["--engine", "slurm", "--array", list]);
        assert!(refused.code == 2 && refused.stderr.contains(words), "{}", refused.stderr);
    }
    site.program("sbatch", "exit 1");
    let failed = site.submit(&["--engine", "slurm", "--run"]);
    assert!(failed.code == 2 && failed.stderr.contains("slurm: the script"), "{}", failed.stderr);
}

#[test]
fn a_plan_says_what_shards_take_and_warns_of_short_ones() {
    let site = Site::new(6);
    let planned = site.vgrun(&["plan", "the 'grid'.toml", "--shards", "2", "--jobs", "1"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert!(planned.stdout.contains("  shards    2, of up to 2 runs and about "), "{}", planned.stdout);
    assert!(planned.stderr.contains("warning: shards of less than 10 minutes"), "{}", planned.stderr);
    let long = ["plan", "the 'grid'.toml", "--shards", "4", "--jobs", "1", "--set", "run.train.steps=1000000000"];
    let planned = site.vgrun(&long);
    assert!(!planned.stderr.contains("warning"), "{}", planned.stderr);
    let empty = site.vgrun(&["plan", "the 'grid'.toml", "--shards", "10", "--jobs", "1"]);
    assert!(empty.stdout.contains("; 6 would be empty"), "{}", empty.stdout);
    assert!(!planned.stdout.contains("would be empty"), "{}", planned.stdout);
    let short = ["plan", "the 'grid'.toml", "--jobs", "1"];
    assert!(!site.vgrun(&short).stdout.contains("shards"));
}

/// A Slurm whose arrays have at most so many tasks.
fn limits_arrays(site: &Site, most: u32) {
    let config = format!("echo 'MaxArraySize            = {most}'");
    site.program(
        "scontrol",
        &format!("if [ \"$*\" = 'show config' ]; then {config}; else echo \"$@\" >>\"$log/scontrol\"; fi"),
    );
}

#[test]
fn an_array_that_slurm_does_not_take_is_refused_before_it_is_handed_in_and_the_advice_fits() {
    let site = Site::new(6);
    site.program("sbatch", SBATCH);
    let submit =
        |arguments: &[&str]| site.vgrun(&[&["submit", "the 'grid'.toml", "--engine", "slurm"], arguments].concat());
    for (most, shards, advice) in [(None, "2000", "--shards-per-task 2"), (Some(50), "120", "--shards-per-task 3")] {
        match most {
            Some(most) => limits_arrays(&site, most),
            None => site.program("scontrol", "exit 1"),
        }
        for run in [&["--shards", shards, "--run"][..], &["--shards", shards]] {
            let refused = submit(run);
            assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{}", refused.stderr);
            assert!(refused.stderr.contains(advice), "{}", refused.stderr);
            assert_eq!(site.log("array.arguments"), "", "something was handed in");
        }
        let plan = site.vgrun(&["plan", "the 'grid'.toml", "--shards", shards, "--jobs", "1"]);
        assert!(plan.code == 0 && plan.stderr.contains(advice), "{}", plan.stderr);
        let (option, each) = advice.split_once(' ').expect("an option and its value");
        let followed = submit(&["--shards", shards, option, each, "--run"]);
        assert_eq!(followed.code, 0, "{}", followed.stderr);
        let last = if most.is_some() { "--array=0-39" } else { "--array=0-999" };
        assert!(site.log("array.arguments").lines().any(|line| line == last), "{}", site.log("array.arguments"));
        fs::remove_file(site.home.path().join("array.arguments")).expect("it was handed in");
    }
    site.program("scontrol", "exit 1");
    assert_eq!(submit(&["--shards", "1001"]).code, 0, "tasks 0 to 1000 fit");
    assert_eq!(submit(&["--shards", "2000", "--array", "0-1000"]).code, 0, "so do these");
    let other =
        site.vgrun(&["submit", "the 'grid'.toml", "--engine", "parallel", "--shards", "4", "--shards-per-task", "2"]);
    assert!(other.code == 2 && other.stderr.contains("leave it out"), "{}", other.stderr);
}

#[test]
fn where_slurm_takes_no_arrays_the_message_tells_how_one_job_trains_all_shards() {
    let site = Site::new(6);
    limits_arrays(&site, 0);
    site.program("vgrun", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_vgrun")));
    let refused = site.vgrun(&["submit", "the 'grid'.toml", "--engine", "slurm", "--shards", "3"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let advice = refused.stderr.split('`').nth(1).expect("a command").replace("CONFIG", "\"the 'grid'.toml\"");
    let followed = Outcome::of(&site.command("bash", &["-c", &advice]).output().expect("bash"));
    assert_eq!(followed.code, 0, "{advice}: {}", followed.stderr);
    assert!(site.folder().join("results/test/runs.csv").exists(), "{advice}: {}", followed.stdout);
}

#[test]
fn tasks_of_several_shards_train_all_of_them_and_merge_to_the_bytes_of_a_plain_sweep() {
    let site = Site::new(6);
    site.program("sbatch", SBATCH);
    limits_arrays(&site, 2);
    let submit = |arguments: &[&str]| {
        site.vgrun(&[&["submit", "the 'grid'.toml", "--engine", "slurm", "--shards", "3"], arguments].concat())
    };
    let submitted = submit(&["--shards-per-task", "2", "--jobs", "1", "--run"]);
    assert_eq!(submitted.code, 0, "{}", submitted.stderr);
    assert!(submitted.stdout.contains("array 7 (tasks 0,1, for shards 0-2) and then merge 7"), "{}", submitted.stdout);
    for (task, shards) in [("0", vec![0, 1]), ("1", vec![2])] {
        let mut command = slurm_script(&site, "array.sh", task);
        // Slurm's own count shrinks where a few tasks are handed in again.
        let outcome = Outcome::of(&command.env("SLURM_ARRAY_TASK_COUNT", "1").output().expect("bash"));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let ended = format!("{}{}", outcome.stdout, outcome.stderr);
        let trained: Vec<u32> = (0..3).filter(|shard| ended.contains(&format!("shard {shard} of 3"))).collect();
        assert_eq!(trained, shards, "{ended}");
    }
    let merged = Outcome::of(&slurm_script(&site, "merge.sh", "").output().expect("bash"));
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let plain = site.vgrun(&["sweep", "the 'grid'.toml", "--out", "plain"]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    assert_eq!(tables(&site.folder().join("results/test")), tables(&site.folder().join("plain/test")));
    // A shard again: the task that trains it.
    submit(&["--shards-per-task", "2", "--array", "2", "--run"]);
    assert!(site.log("array.arguments").lines().any(|line| line == "--array=1"), "{}", site.log("array.arguments"));
    let script = submit(&["--shards-per-task", "2"]).stdout;
    let output = site.command("bash", &["-c", &script, "bash", "1-2"]).output().expect("bash");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(site.log("array.arguments").lines().any(|line| line == "--array=0,1"), "{}", site.log("array.arguments"));
}

#[test]
fn a_task_that_is_stopped_does_not_go_on_with_its_next_shard() {
    for (name, code, requeued) in [("-USR1", 75, "requeue 7_0\n"), ("-TERM", 130, "")] {
        let site = Site::new(10_000_000);
        site.program("sbatch", SBATCH);
        limits_arrays(&site, 1001);
        site.submit(&["--engine", "slurm", "--shards-per-task", "2", "--run"]);
        let mut command = slurm_script(&site, "array.sh", "0");
        let script = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bash");
        wait_for(|| site.runs().join("shard-0-of-2.json").exists());
        signal(&script.id().to_string(), name);
        let outcome = Outcome::of(&script.wait_with_output().expect("it ends"));
        assert_eq!(outcome.code, code, "{name}: {}", outcome.stderr);
        assert_eq!(site.log("scontrol"), requeued, "{name}");
        assert!(!site.runs().join("shard-1-of-2.json").exists(), "the next shard was begun");
        assert!(!site.runs().join("shard-0-of-2.lock").exists(), "the lock was given back before the script ended");
    }
}
