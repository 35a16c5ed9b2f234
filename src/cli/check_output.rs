//! The cases of a check as text: for a terminal, as GitHub's annotations, and as its job summary.

use std::fmt::Write as _;
use std::path::Path;

use crate::check::{Case, Status};

use super::number::{counted, thousands};

const FITS: &str = "a String takes all text";

/// Messages of one case that are shown.
const MOST_MESSAGES: usize = 5;

/// GitHub shows ten annotations of a step and drops the others without a word: nine, and one that counts the rest.
const MOST_ANNOTATIONS: usize = 9;

/// What is not as it should be, and how much is.
pub(super) fn text(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases.iter().filter(|case| case.status != Status::Passed) {
        let mark = match case.status {
            Status::Passed => "ok",
            Status::Failed => "FAILED",
            Status::Undecided => "undecided",
            Status::ExpectedFailure => "expected failure",
        };
        writeln!(text, "{mark}: {} \"{}\" (line {})", case.kind.name(), case.name, case.line).expect(FITS);
        for message in case.messages.iter().take(MOST_MESSAGES) {
            writeln!(text, "    {message}").expect(FITS);
        }
        if case.messages.len() > MOST_MESSAGES {
            writeln!(text, "    and {} more", thousands((case.messages.len() - MOST_MESSAGES) as u64)).expect(FITS);
        }
    }
    text + &counts(cases) + "\n"
}

/// `31 checked: 30 passed, 1 failed`.
fn counts(cases: &[Case]) -> String {
    let count = |status: Status| cases.iter().filter(|case| case.status == status).count();
    let all = [
        (Status::Passed, "passed"),
        (Status::Failed, "failed"),
        (Status::Undecided, "undecided"),
        (Status::ExpectedFailure, "known to fail"),
    ];
    let told = all.into_iter().filter(|(status, _)| count(*status) > 0 || *status == Status::Passed);
    let told: Vec<String> = told.map(|(status, word)| format!("{} {word}", thousands(count(status) as u64))).collect();
    format!("{} checked: {}", counted(cases.len(), "case"), told.join(", "))
}

/// Workflow commands that annotate lines of the config, worst first.
pub(super) fn github(cases: &[Case], config: &Path) -> String {
    let bad = |status: Status| cases.iter().filter(move |case| case.status == status);
    let failed: Vec<(&str, &Case)> = bad(Status::Failed).map(|case| ("error", case)).collect();
    let undecided = bad(Status::Undecided).map(|case| ("warning", case));
    let all: Vec<(&str, &Case)> = failed.into_iter().chain(undecided).collect();
    let mut text = String::new();
    let file = property(&config.display().to_string());
    for (level, case) in all.iter().take(MOST_ANNOTATIONS) {
        let title = property(&format!("{}: {}", case.kind.name(), case.name));
        let message = data(&case.messages.join("\n"));
        writeln!(text, "::{level} file={file},line={},title={title}::{message}", case.line).expect(FITS);
    }
    if all.len() > MOST_ANNOTATIONS {
        let more = all.len() - MOST_ANNOTATIONS;
        writeln!(text, "::error file={file},title=vgrun check::and {more} more; the job summary has them all")
            .expect(FITS);
    }
    text
}

/// A message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The job summary, in Markdown.
pub(super) fn summary(cases: &[Case]) -> String {
    let mut text = format!("### vgrun check\n\n{}\n\n", counts(cases));
    let rest: Vec<&Case> = cases.iter().filter(|case| case.status != Status::Passed).collect();
    if !rest.is_empty() {
        text += "| status | what | line | message |\n|---|---|---|---|\n";
    }
    for case in rest {
        let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;").replace(['\n', '\r'], " ");
        let messages: Vec<String> = case.messages.iter().map(|message| cell(message)).collect();
        writeln!(text, "| {} | {} | {} | {} |", case.status.name(), cell(&case.name), case.line, messages.join("<br>"))
            .expect(FITS);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Kind;

    fn case(name: &str, status: Status, messages: &[&str]) -> Case {
        let messages = messages.iter().map(|m| (*m).to_owned()).collect();
        Case { kind: Kind::Expectation, name: name.into(), line: 7, status, messages }
    }

    #[test]
    fn the_terminal_names_what_is_wrong_and_counts_what_is_right() {
        let cases = [
            case("he keeps relu", Status::Passed, &[]),
            case("sigmoid vanishes", Status::Failed, &["a", "b", "c", "d", "e", "f", "g"]),
            case("known", Status::ExpectedFailure, &["known: a reason"]),
        ];
        assert_eq!(
            text(&cases),
            "FAILED: expect \"sigmoid vanishes\" (line 7)\n    a\n    b\n    c\n    d\n    e\n    and 2 more\n\
             expected failure: expect \"known\" (line 7)\n    known: a reason\n\
             3 cases checked: 1 passed, 1 failed, 1 known to fail\n"
        );
    }

    #[test]
    fn annotations_are_nine_and_one_that_counts_and_nothing_in_them_is_a_command() {
        let nasty = case("a,b:c\n::error::x", Status::Failed, &["50 % off\n::error::y"]);
        let cases: Vec<Case> = (0..12).map(|_| nasty.clone()).collect();
        let text = github(&cases, Path::new("configs/a,b.toml"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(
            lines[0],
            "::error file=configs/a%2Cb.toml,line=7,title=expect%3A a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax::50 %25 off%0A::error::y"
        );
        assert!(lines[9].contains("and 3 more"), "{}", lines[9]);
        assert_eq!(github(&[case("ok", Status::Passed, &[])], Path::new("a.toml")), "");
    }

    #[test]
    fn the_summary_is_a_table_that_no_name_can_break() {
        let text = summary(&[case("a|b<script>", Status::Undecided, &["x\ny", "z"])]);
        assert!(text.ends_with("| undecided | a\\|b&lt;script> | 7 | x y<br>z |\n"), "{text}");
    }
}
