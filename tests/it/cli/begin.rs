//! The first minutes with vgrun: starters, completions, the manual, and what a slip of the keyboard is answered with.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vgrun::plan::load;

use crate::experiment::{Experiment, Outcome};

const STARTERS: [&str; 4] = ["depth", "residual", "memory", "ci"];

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// Runs vgrun in a folder.
fn vgrun(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    Outcome::of(&command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().expect("vgrun starts"))
}

#[test]
fn every_starter_plans_without_a_warning_says_why_and_trains_for_seconds() {
    for name in STARTERS {
        let folder = folder();
        let outcome = vgrun(folder.path(), &["init", name]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}");
        assert!(outcome.stdout.contains(&format!("vgrun plan {name}.toml")), "{}", outcome.stdout);
        let path = folder.path().join(format!("{name}.toml"));
        let text = fs::read_to_string(&path).expect("a config");
        assert!(text.starts_with("#:schema ./vgrun.schema.json\n"), "editors read the first line alone");
        let plan = load(&path, &[]).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((plan.experiment().name.as_str(), plan.warnings().len()), (name, 0));
        assert!(plan.experiment().why.len() > 40 && (4..=60).contains(&plan.len()), "{name}: {} runs", plan.len());
        let seconds: f64 = plan.runs().map(|run| plan.cost(run).seconds).sum();
        // Two cores train the memory starter in a quarter of a minute; what it shows takes cells that have learned.
        let most = if name == "memory" { 60.0 } else { 5.0 };
        assert!(seconds < most, "{name} is estimated at {seconds} seconds of a core");
        assert_eq!(unexplained(&text), [""; 0], "{name}");
    }
}

/// The lines with a key that have neither a comment beside them nor one right above.
fn unexplained(text: &str) -> Vec<&str> {
    let (mut found, mut above, mut is_inside) = (Vec::new(), "", false);
    for line in text.lines() {
        let is_text = is_inside || line.contains("\"\"\"");
        is_inside ^= line.matches("\"\"\"").count() % 2 == 1;
        let is_key = !is_text && !line.is_empty() && !line.starts_with(['#', '[']);
        if is_key && !line.contains(" # ") && !above.starts_with("# ") {
            found.push(line);
        }
        above = line;
    }
    found
}

#[test]
fn a_line_of_a_starter_needs_a_comment_of_its_own() {
    let text = "a = 1 # why\nb = 2\n# why\nc = 3\nd = 4\n[e]\nf = 5\ng = \"\"\"x = 1\ny = 2\"\"\"\nh = 6\n";
    assert_eq!(unexplained(text), ["b = 2", "d = 4", "f = 5", "h = 6"]);
}

#[test]
fn init_without_a_name_begins_with_depth_and_tells_the_others() {
    let folder = folder();
    let outcome = vgrun(folder.path(), &["init"]);
    assert_eq!(outcome.code, 0);
    assert!(folder.path().join("depth.toml").exists());
    for name in ["residual", "memory", "ci"] {
        assert!(outcome.stdout.contains(&format!("vgrun init {name}")), "{}", outcome.stdout);
    }
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("vgrun.schema.json")).expect("a schema"))
            .expect("JSON");
    assert_eq!(schema, vgrun::config::schema());
}

#[test]
fn init_overwrites_nothing() {
    let folder = folder();
    fs::write(folder.path().join("ci.toml"), "mine").expect("a writable folder");
    let outcome = vgrun(folder.path(), &["init", "ci"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("ci.toml is there already") && outcome.stderr.contains("depth, residual, memory"));
    assert_eq!(fs::read_to_string(folder.path().join("ci.toml")).expect("a file"), "mine");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no schema beside what was refused");
    fs::write(folder.path().join("vgrun.schema.json"), "{}").expect("a writable folder");
    let outcome = vgrun(folder.path(), &["init", "depth"]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stderr.contains("vgrun schema > vgrun.schema.json renews it"), "{}", outcome.stderr);
    assert_eq!(fs::read_to_string(folder.path().join("vgrun.schema.json")).expect("a file"), "{}");
    let outcome = vgrun(folder.path(), &["init", "memory"]);
    assert!(outcome.code == 0 && vgrun(folder.path(), &["init", "memory"]).code == 2);
}

#[test]
fn init_says_so_where_the_schema_cannot_be_read() {
    for make in [
        &(|path: &Path| fs::create_dir(path)) as &dyn Fn(&Path) -> std::io::Result<()>,
        &|path| std::os::unix::fs::symlink("nowhere", path),
        &|path| std::os::unix::fs::symlink("/dev/zero", path),
        &|path| fs::write(path, b"\xff"),
    ] {
        let folder = folder();
        make(&folder.path().join("vgrun.schema.json")).expect("a writable folder");
        let outcome = vgrun(folder.path(), &["init"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.starts_with("note: vgrun.schema.json cannot be read"), "{:?}", outcome.stderr);
    }
}

#[test]
fn the_starter_for_ci_holds_and_its_baseline_is_accepted() {
    let folder = folder();
    vgrun(folder.path(), &["init", "ci"]);
    let check = vgrun(folder.path(), &["check", "ci.toml"]);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    let accept = vgrun(folder.path(), &["accept", "ci.toml", "--yes"]);
    assert_eq!(accept.code, 0, "{}{}", accept.stdout, accept.stderr);
    assert!(folder.path().join("ci.baseline.csv").exists());
    let stored = vgrun(folder.path(), &["check", "ci.toml", "--stored", "--strict"]);
    assert_eq!(stored.code, 0, "{}{}", stored.stdout, stored.stderr);
}

/// What a program makes of a text on its standard input; none where there is no such program.
fn asked(program: &str, arguments: &[&str], text: &str) -> Option<Outcome> {
    let mut command = Command::new(program);
    let child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.ok()?;
    let mut pipe = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(text.as_bytes()));
    let outcome = Outcome::of(&child.wait_with_output().expect("it ends"));
    let _ = writer.join();
    Some(outcome)
}

#[test]
fn completions_are_scripts_of_their_shells() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = vgrun(folder.path(), &["completions", shell]);
        assert_eq!((script.code, script.stderr.as_str()), (0, ""), "{shell}");
        for word in ["sweep", "completions", "excel-locale"] {
            assert!(script.stdout.contains(word), "{shell} does not know {word}");
        }
        // Neither elvish nor powershell is told the names that an option takes.
        let knows_names = !["elvish", "powershell"].contains(&shell);
        assert_eq!(script.stdout.contains("hyperqueue"), knows_names, "{shell}");
        let checks: &[&str] = match shell {
            "bash" | "zsh" => &["-n"],
            "fish" => &["--no-execute"],
            _ => continue,
        };
        if let Some(outcome) = asked(shell, checks, &script.stdout) {
            assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{shell}");
        }
    }
}

#[test]
fn bash_completes_a_command_an_option_and_a_name() {
    let folder = folder();
    let script = vgrun(folder.path(), &["completions", "bash"]).stdout;
    for (line, expected) in
        [("sw", "sweep"), ("sweep --fail", "--fail-fast"), ("init re", "residual"), ("guide verd", "verdict")]
    {
        let words: Vec<&str> = std::iter::once("vgrun").chain(line.split(' ')).collect();
        let (word, before) = (words[words.len() - 1], words[words.len() - 2]);
        let ask = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; _vgrun vgrun '{word}' '{before}'; echo \"${{COMPREPLY[*]}}\"\n",
            words.join(" "),
            words.len() - 1
        );
        let Some(outcome) = asked("bash", &[], &ask) else { return };
        assert_eq!(outcome.stdout.trim(), expected, "{}", outcome.stderr);
    }
}

#[test]
fn the_manual_has_every_command_and_renders_without_a_warning() {
    let folder = folder();
    let page = vgrun(folder.path(), &["man"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    // Title, section, date, source, manual: one that is missing shifts the others.
    let header = page.stdout.lines().find(|line| line.starts_with(".TH")).expect("a header");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(header, format!(".TH vgrun 1 2026-11-26 \"vgrun {version}\" \"User Commands\""));
    let help = vgrun(folder.path(), &["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What does not fit on a line goes on below, further to the right.
    let names = listed.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let commands: Vec<&str> = names.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help").collect();
    assert!(commands.len() >= 16, "{help}");
    for command in &commands {
        assert!(page.stdout.contains(&format!(".SS \"vgrun {command}\"")), "{command}");
    }
    let Some(rendered) = asked("groff", &["-ww", "-man", "-Tutf8", "-Kutf8"], &page.stdout) else { return };
    assert_eq!((rendered.code, rendered.stderr.as_str()), (0, ""));
    let (first, last) = (rendered.stdout.lines().next(), rendered.stdout.trim_end().lines().last());
    assert!(first.is_some_and(|line| line.contains("User Commands")), "{first:?}");
    assert!(last.is_some_and(|line| line.contains("2026-11-26") && line.contains(version)), "{last:?}");
    // Examples stand as they are typed, one to a line.
    assert!(rendered.stdout.lines().any(|line| line.trim() == "vgrun init ci"), "{}", rendered.stdout);
}

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    for (arguments, meant) in [
        (&["swep", "test.toml"][..], "sweep"),
        (&["SWEEP", "test.toml"], "'sweep'"),
        (&["Repotr", "test.toml"], "'report'"),
        (&["sweep", "test.toml", "--job", "2"], "--jobs"),
        (&["sweep", "test.toml", "--jobs", "two"], "expected a whole number from 1 to 4096"),
        (&["sweep", "test.tml"], "test.toml"),
        (&["plan", "tets.toml"], "test.toml"),
        (&["init", "dept"], "depth"),
        (&["completions", "bahs"], "bash"),
        (&["list", "metric"], "metrics"),
        (&["submit", "test.toml", "--engine", "slrum", "--shards", "2"], "slurm"),
        (&["export", "test.toml", "--excel-local"], "--excel-locale"),
        (&["plan", "test.toml", "--set", "run.model.activation=sigmod"], "\"sigmoid\""),
        (&["plan", "test.toml", "--set", "run.model.init=kaimign"], "\"kaiming\""),
        (&["plan", "test.toml", "--set", "run.model.activaton=relu"], "model.activation"),
        (&["plan", "test.toml", "--set", "runs.model.depth=5"], "run.model.depth"),
        (&["plan", "test.toml", "--set", "grid.modle.depth=[5]"], "model"),
        (&["plan", "test.toml", "--set", "output.tables=[\"run\"]"], "\"runs\""),
        (&["diff", "result/test", "results/test"], "results/test"),
        (&["report", "result/test"], "results/test"),
    ] {
        let outcome = vgrun(experiment.folder(), arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stdout);
        let answer = outcome.stderr.lines().filter(|line| !line.contains("Usage")).collect::<Vec<_>>().join("\n");
        assert!(answer.contains(meant), "{arguments:?} is answered without {meant}:\n{}", outcome.stderr);
    }
}
