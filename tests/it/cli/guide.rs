//! `vgrun guide`: the documentation as a terminal and a pipe get it.

use std::process::{Command, Stdio};

use vgrun::guide::PAGES;

use crate::cli::documents::page;
use crate::experiment::Outcome;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    command.arg("guide").args(arguments).stdin(Stdio::null()).env("COLUMNS", "80");
    command
}

fn guide(arguments: &[&str]) -> Outcome {
    Outcome::of(&command(arguments).output().expect("vgrun starts"))
}

/// What the command answers.
fn answer(arguments: &[&str]) -> String {
    let outcome = guide(arguments);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    outcome.stdout
}

/// A text's words, wherever its lines end.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn without_a_topic_every_page_is_listed_with_its_question() {
    let list = answer(&[]);
    for page in PAGES {
        let line = list.lines().find(|line| line.starts_with(&format!("{} ", page.name)));
        assert!(line.is_some_and(|line| line.len() <= 80), "{list}");
    }
    // A question may go on below, beside the names.
    for word in PAGES.iter().flat_map(|page| page.question().split_whitespace()) {
        assert!(list.contains(word), "{word}: {list}");
    }
    assert!(list.contains("vgrun guide --find WORD"), "{list}");
}

#[test]
fn a_page_is_wrapped_and_plain_in_a_pipe() {
    let text = answer(&["verdict"]);
    assert!(
        text.starts_with("# The verdict\n\nHow is the verdict on a run made, and how often is it right?\n"),
        "{text}"
    );
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        assert!(line.chars().count() <= 80 && line.trim_end() == line, "{line:?}");
    }
    assert!(text.contains("\n    vgrun sweep tests/verdict/not_learned.toml\n"), "{text}");
    assert!(words(&text).contains("Recurrent nets (vgrun guide recurrent) has the same nets by length."), "{text}");
    assert!(!text.contains("]: ") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn every_page_is_shown_whole() {
    for page in PAGES {
        let shown = words(&answer(&[page.name]));
        // Cells of tables are wrapped side by side; all else keeps its order.
        let outside = page.text.split("```").step_by(2).flat_map(str::lines);
        for line in outside.filter(|line| !line.starts_with('|') && !line.contains(['[', '!'])) {
            let line = words(line.trim_start_matches("* "));
            assert!(shown.contains(&line), "{}: {line:?}", page.name);
        }
        let code = page.text.split("```").skip(1).step_by(2).flat_map(|block| block.lines().skip(1));
        for line in code {
            assert!(shown.contains(&words(line)), "{}: {line:?}", page.name);
        }
    }
}

#[test]
fn a_slip_in_a_topic_is_answered_with_the_nearest_one() {
    for (slip, meant) in [("verdct", "verdict"), ("performence", "performance"), ("teory", "theory")] {
        let outcome = guide(&[slip]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{slip}");
        assert!(outcome.stderr.contains(&format!("a similar value exists: '{meant}'")), "{}", outcome.stderr);
    }
    let outcome = guide(&["banana"]);
    assert!(outcome.code == 2 && PAGES.iter().all(|page| outcome.stderr.contains(page.name)), "{}", outcome.stderr);
}

#[test]
fn find_lists_the_lines_with_a_word_below_their_page_and_heading() {
    for (word, place) in [
        ("phase diagram", "figures: All figures"),
        ("decade", "files: Words"),
        ("scope", "limits: Scope: what it does not do"),
    ] {
        let found = answer(&["--find", word]);
        assert!(found.lines().any(|line| line == place), "{found}");
        for line in found.lines().filter(|line| line.starts_with("    ")) {
            assert!(line.to_lowercase().contains(word) && line.chars().count() <= 80, "{word}: {line:?}");
        }
    }
    let found = answer(&["limits", "--find", "SCOPE"]);
    assert!(found.lines().all(|line| line.starts_with("limits: ") || line.starts_with("    ")), "{found}");
    let outcome = guide(&["--find", "aardvark"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.contains("no line of the guide contains \"aardvark\"; vgrun guide lists its pages"),
        "{}",
        outcome.stderr
    );
}

/// What a terminal shows of the command; none where there is no `script` to make one.
fn at_a_terminal(pager: &str, arguments: &str) -> Option<String> {
    let line = format!("stty cols 100; exec {} guide {arguments}", env!("CARGO_BIN_EXE_vgrun"));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let output = script.env("PAGER", pager).stdin(Stdio::null()).output().ok()?;
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    Some(shown)
}

#[test]
fn at_a_terminal_a_page_goes_through_the_pager() {
    let Some(shown) = at_a_terminal("sed s/^/pager:/", "verdict") else { return };
    assert!(shown.contains("pager:# The verdict\n"), "{shown}");
    // The list is short.
    let shown = at_a_terminal("sed s/^/pager:/", "").expect("a terminal");
    assert!(shown.contains("verdict ") && !shown.contains("pager:"), "{shown}");
    // A pager that is not there, and one that reads nothing.
    let shown = at_a_terminal("/nowhere/less", "verdict").expect("a terminal");
    assert!(shown.contains(page("verdict").lines().next().expect("a title")), "{shown}");
    at_a_terminal("true", "files").expect("a terminal");
}
