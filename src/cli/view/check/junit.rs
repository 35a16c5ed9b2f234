//! The cases of a check as a JUnit report, in the dialect that Jenkins reads and others understand.

use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::check::{Case, CaseKind, Status};

/// What every report begins with.
pub(crate) const BEGINNING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vgrun check\" ";

/// The report's text: a suite of the expectations and one of the baseline's cells; where nothing was decided, one of that.
pub(crate) fn xml(cases: &[Case], config: &Path) -> String {
    let mut report = Report::new("vgrun check");
    for kind in [CaseKind::Check, CaseKind::Expectation, CaseKind::Baseline] {
        let of_kind: Vec<&Case> = cases.iter().filter(|case| case.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let mut suite = TestSuite::new(format!("{} ({})", config.display(), kind.name()));
        suite.add_test_cases(of_kind.into_iter().map(|case| test_case(case, config)));
        report.add_test_suite(suite);
    }
    report.to_string().expect("the report is text")
}

fn test_case(case: &Case, config: &Path) -> TestCase {
    let status = match case.status {
        Status::Passed => TestCaseStatus::success(),
        Status::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(case.messages.first().map_or("", String::as_str));
            status.set_type(case.kind.name());
            status.set_description(case.messages.join("\n"));
            status
        }
        Status::Undecided | Status::ExpectedFailure => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(case.messages.join("\n"));
            status.set_type(case.status.name());
            status
        }
    };
    let mut test = TestCase::new(case.name.as_str(), status);
    test.set_classname(format!("{}.{}", config.display(), case.kind.name()));
    if case.status == Status::Passed && !case.messages.is_empty() {
        test.set_system_out(case.messages.join("\n"));
    }
    test.extra.insert("line".into(), case.line.to_string().into());
    test
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_begins_as_an_earlier_one_is_known_by() {
        assert!(xml(&[], Path::new("a.toml")).starts_with(BEGINNING));
    }
}
