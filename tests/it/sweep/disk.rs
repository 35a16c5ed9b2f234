//! A disk without room: what is said, and that the folder can be gone on with.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::experiment::{Experiment, Outcome, tables};

/// A dozen runs of some 4 kB each, and tables that are larger.
fn experiment() -> Experiment {
    Experiment::new().key("trace.every", "1").axis("model.depth", "[2, 4]").axis("seed", "{ from = 0, count = 6 }")
}

/// A sweep ended for want of room, and says so.
fn must_explain(outcome: &Outcome, what: &str) {
    assert_eq!(outcome.code, 2, "{what}: {}{}", outcome.stdout, outcome.stderr);
    for words in ["error: cannot ", "test/", what, "run the same command again", "finished runs are kept"] {
        assert!(outcome.stderr.contains(words), "{words:?} is not in {:?}", outcome.stderr);
    }
}

/// A file system in memory, of a size; unmounted when dropped.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// None where this process may not mount.
    fn mount(path: &Path, kilobytes: u32) -> Option<Self> {
        fs::create_dir(path).expect("a new folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"]).arg(path).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then(|| Self { path: path.to_path_buf() })
    }

    fn resize(&self, kilobytes: u32) {
        let options = format!("remount,size={kilobytes}k");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.path).status().expect("mount");
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.path).status();
    }
}

#[test]
fn a_full_disk_is_explained_and_the_sweep_goes_on_where_there_is_room() {
    let experiment = experiment();
    experiment.sweep(&["--quiet"]);
    let mut failures = 0;
    // From a disk that takes the lock alone to one that takes all: it becomes full while runs end, and while tables are
    // written.
    for kilobytes in (8..160).step_by(12) {
        let path = experiment.folder().join("small");
        let Some(disk) = SmallDisk::mount(&path, kilobytes) else {
            let _ = writeln!(io::stderr(), "SKIPPED, this process may not mount a small disk; ulimit is tested");
            return;
        };
        let out = ["sweep", "--quiet", "--out", "small"];
        let first = experiment.run(&out);
        if first.code != 0 {
            failures += 1;
            must_explain(&first, "no space left");
        }
        disk.resize(4096);
        let second = experiment.run(&out);
        assert_eq!(second.code, 0, "{kilobytes} kB: {}", second.stderr);
        assert_eq!(tables(&path.join("test")), experiment.tables(), "{kilobytes} kB");
        drop(disk);
        fs::remove_dir(&path).expect("unmounted and empty");
    }
    assert!(failures >= 3, "the disk was full {failures} times");
    let _ = writeln!(io::stderr(), "a mounted disk was full {failures} times");
}

#[test]
fn a_limit_of_file_sizes_is_explained_and_the_sweep_goes_on_without_it() {
    let reference = experiment();
    reference.sweep(&["--quiet"]);
    let mut failures = 0;
    for kilobytes in [0, 1, 4, 16, 32, 48] {
        let experiment = experiment();
        let sweep = experiment.command(&["sweep", "--quiet"]);
        let mut limited = Command::new("bash");
        limited.args(["-c", &format!("ulimit -f {kilobytes}; exec \"$@\""), "bash"]).arg(sweep.get_program());
        limited.args(sweep.get_args()).current_dir(experiment.folder()).stdin(Stdio::null());
        let first = Outcome::of(&limited.output().expect("bash starts"));
        if first.code != 0 {
            failures += 1;
            must_explain(&first, "ulimit -f");
        }
        experiment.sweep(&["--quiet"]);
        assert_eq!(experiment.tables(), reference.tables(), "{kilobytes} kB");
    }
    assert!(failures >= 3, "the limit was met {failures} times");
    let _ = writeln!(io::stderr(), "a limit of file sizes was met {failures} times");
}
