//! The cases of a check as text: for a terminal, as GitHub's annotations, and as its job summary.

use std::fmt::Write as _;
use std::path::Path;

use crate::check::{Case, CaseKind, Status};

use crate::cli::terminal::number::{counted, thousands};
use crate::cli::terminal::print::one_line;

const FITS: &str = "a String takes all text";

/// Messages of one case that are shown.
const MOST_MESSAGES: usize = 5;

/// GitHub takes a title of 255 characters, and a message of 64 KiB.
const MOST_OF_A_TITLE: usize = 200;
const MOST_OF_A_MESSAGE: usize = 8_000;

/// GitHub takes a job summary of 1 MiB, of all steps together, and otherwise shows none.
const MOST_OF_A_SUMMARY: usize = 500_000;

/// GitHub shows ten annotations of a step and drops the others without a word: nine, and one that counts the rest.
const MOST_ANNOTATIONS: usize = 9;

/// Says what was measured of each claim that holds, what is not as it should be, and how many cases are. Cells of the
/// baseline in which nothing moved are only counted.
pub(crate) fn text(cases: &[Case]) -> String {
    let mut text = String::new();
    let holds = |case: &&Case| case.status == Status::Passed && case.kind == CaseKind::Expectation;
    // Last, where they are read first on a terminal, come those that are not as they should be.
    for case in cases.iter().filter(holds).chain(not_passed(cases)) {
        let mark = match case.status {
            Status::Passed => "ok",
            Status::Failed => "FAILED",
            Status::Undecided => "undecided",
            Status::ExpectedFailure => "expected failure",
        };
        let place = if case.kind == CaseKind::Check { String::new() } else { format!(" (line {})", case.line) };
        writeln!(text, "{mark}: {} \"{}\"{place}", case.kind.name(), one_line(&case.name)).expect(FITS);
        messages(case).iter().for_each(|message| writeln!(text, "    {}", one_line(message)).expect(FITS));
    }
    text + &counts(cases) + "\n"
}

/// Returns what failed, what is undecided, and what is known to fail; of each the worst first.
fn not_passed(cases: &[Case]) -> impl Iterator<Item = &Case> {
    let statuses = [Status::Failed, Status::Undecided, Status::ExpectedFailure];
    statuses.into_iter().flat_map(|status| Case::worst_first(cases, status))
}

/// Returns the first messages of a case, and how many more there are. For a claim that holds, the one nearest to its
/// bounds tells enough.
fn messages(case: &Case) -> Vec<String> {
    let most = if case.status == Status::Passed { 1 } else { MOST_MESSAGES };
    let shown = case.messages.iter().take(most).cloned();
    let more = case.messages.len().saturating_sub(most);
    let what = if case.status == Status::Passed { " within" } else { "" };
    let more = (more > 0).then(|| format!("and {} more{what}; --json FILE has all", thousands(more as u64)));
    shown.chain(more).collect()
}

/// Cuts text to at most `most` characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 2).chain("..".chars()).collect()
}

/// Writes `31 checked: 30 passed, 1 failed`.
fn counts(cases: &[Case]) -> String {
    let is = |case: &Case, status: Status| case.kind != CaseKind::Check && case.status == status;
    let count = |status: Status| cases.iter().filter(|case| is(case, status)).count();
    let all = [
        (Status::Passed, "passed"),
        (Status::Failed, "failed"),
        (Status::Undecided, "undecided"),
        (Status::ExpectedFailure, "known to fail"),
    ];
    let told = all.into_iter().filter(|(status, _)| count(*status) > 0 || *status == Status::Passed);
    let told: Vec<String> = told.map(|(status, word)| format!("{} {word}", thousands(count(status) as u64))).collect();
    // That anything was decided is no case of its own.
    let cases = cases.iter().filter(|case| case.kind != CaseKind::Check).count();
    format!("{} checked: {}", counted(cases, "case"), told.join(", "))
}

/// Writes workflow commands that annotate lines of the config, worst first.
///
/// `missing` is the baseline that there could be.
pub(crate) fn github(cases: &[Case], config: &Path, missing: Option<&Path>) -> String {
    let of = |status: Status, level| Case::worst_first(cases, status).into_iter().map(move |case| (level, case));
    let all: Vec<(&str, &Case)> = of(Status::Failed, "error").chain(of(Status::Undecided, "warning")).collect();
    let mut text = String::new();
    let file = property(&config.display().to_string());
    for (level, case) in all.iter().take(MOST_ANNOTATIONS) {
        let title = property(&cut(&format!("{}: {}", case.kind.name(), case.name), MOST_OF_A_TITLE));
        let message = data(&cut(&messages(case).join("\n"), MOST_OF_A_MESSAGE));
        writeln!(text, "::{level} file={file},line={},title={title}::{message}", case.line).expect(FITS);
    }
    if all.len() > MOST_ANNOTATIONS {
        let more = all.len() - MOST_ANNOTATIONS;
        // A check that did not fail has no errors.
        let level =
            if all[MOST_ANNOTATIONS..].iter().any(|(level, _)| *level == "error") { "error" } else { "warning" };
        writeln!(text, "::{level} file={file},title=vgrun check::and {more} more; the job summary has them all")
            .expect(FITS);
    }
    if let Some(path) = missing {
        let message = data(&without_baseline(path));
        writeln!(text, "::notice file={file},title=vgrun check::{message}").expect(FITS);
    }
    text
}

fn without_baseline(path: &Path) -> String {
    format!("there is no baseline: nothing was compared with {}", path.display())
}

/// Writes a message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Writes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Writes the job summary, in Markdown.
pub(crate) fn summary(cases: &[Case], missing: Option<&Path>) -> String {
    let mut text = format!("### vgrun check\n\n{}\n\n", counts(cases));
    if let Some(path) = missing {
        writeln!(text, "{}\n", without_baseline(path)).expect(FITS);
    }
    let rest: Vec<&Case> = not_passed(cases).collect();
    if !rest.is_empty() {
        text += "| status | what | line | message |\n|---|---|---|---|\n";
    }
    let cell = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('|', "\\|").replace('&', "&amp;").replace('<', "&lt;");
        cut(&text, MOST_OF_A_MESSAGE).replace(['\n', '\r'], " ")
    };
    for (i, case) in rest.iter().enumerate() {
        if text.len() > MOST_OF_A_SUMMARY {
            writeln!(text, "\nand {} more cases", thousands((rest.len() - i) as u64)).expect(FITS);
            break;
        }
        let messages: Vec<String> = messages(case).iter().map(|message| cell(message)).collect();
        writeln!(text, "| {} | {} | {} | {} |", case.status.name(), cell(&case.name), case.line, messages.join("<br>"))
            .expect(FITS);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str, status: Status, messages: &[&str]) -> Case {
        let messages = messages.iter().map(|m| (*m).to_owned()).collect();
        Case {
            kind: CaseKind::Expectation,
            name: name.into(),
            line: 7,
            status,
            is_decided: status != Status::Undecided,
            severity: 0.0,
            messages,
            measured: Vec::new(),
        }
    }

    #[test]
    fn the_terminal_names_what_is_wrong_and_counts_what_is_right() {
        let cases = [
            case("he keeps relu", Status::Passed, &["is 0.1", "is 0.2", "is 0.3"]),
            case("sigmoid vanishes", Status::Failed, &["a", "b", "c", "d", "e", "f", "g"]),
            case("known", Status::ExpectedFailure, &["known: a reason"]),
        ];
        assert_eq!(
            text(&cases),
            "ok: expect \"he keeps relu\" (line 7)\n    is 0.1\n    and 2 more within; --json FILE has all\n\
             FAILED: expect \"sigmoid vanishes\" (line 7)\n    a\n    b\n    c\n    d\n    e\n    and 2 more; --json FILE has all\n\
             expected failure: expect \"known\" (line 7)\n    known: a reason\n\
             3 cases checked: 1 passed, 1 failed, 1 known to fail\n"
        );
    }

    #[test]
    fn annotations_are_nine_and_one_that_counts_and_nothing_in_them_is_a_command() {
        let nasty = case("a,b:c\n::error::x", Status::Failed, &["50 % off\n::error::y"]);
        let cases: Vec<Case> = (0..12).map(|_| nasty.clone()).collect();
        let text = github(&cases, Path::new("configs/a,b.toml"), None);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(
            lines[0],
            "::error file=configs/a%2Cb.toml,line=7,title=expect%3A a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax::50 %25 off%0A::error::y"
        );
        assert!(lines[9].contains("and 3 more"), "{}", lines[9]);
        assert_eq!(github(&[case("ok", Status::Passed, &[])], Path::new("a.toml"), None), "");
    }

    #[test]
    fn the_worst_come_first_and_what_fails_before_what_is_undecided() {
        let severe = |name, severity| Case { severity, ..case(name, Status::Failed, &["m"]) };
        let baseline = Case { kind: CaseKind::Baseline, ..severe("moved", f64::INFINITY) };
        let cases = [case("unknown", Status::Undecided, &[]), baseline, severe("mild", 3.0), severe("bad", 9.0)];
        let names = |text: &str| -> Vec<usize> {
            ["bad", "mild", "moved", "unknown"].map(|name| text.find(name).expect("every case is shown")).to_vec()
        };
        for text in [text(&cases), github(&cases, Path::new("a.toml"), None), summary(&cases, None)] {
            assert!(names(&text).is_sorted(), "{text}");
        }
    }

    #[test]
    fn nothing_is_longer_than_github_takes() {
        let long = "x".repeat(100_000);
        let cases: Vec<Case> = (0..2_000).map(|_| case(&long, Status::Failed, &[&long, "m", "m"])).collect();
        for line in github(&cases, Path::new("a.toml"), None).lines() {
            let title = line.split("title=").nth(1).and_then(|rest| rest.split("::").next()).expect("a title");
            assert!(title.len() <= 255 && line.len() < 60_000, "{}, {}", title.len(), line.len());
        }
        let summary = summary(&cases, None);
        assert!(summary.len() < 1 << 20, "{}", summary.len());
        assert!(summary.ends_with(" more cases\n"), "{}", &summary[summary.len() - 40..]);
    }

    #[test]
    fn the_summary_is_a_table_that_no_name_can_break() {
        let text = summary(&[case("a|b<script>", Status::Undecided, &["x\ny", "z"])], None);
        assert!(text.ends_with("| undecided | a\\|b&lt;script> | 7 | x y<br>z |\n"), "{text}");
    }
}
