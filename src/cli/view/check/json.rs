//! The cases of a check as JSON.

use serde_json::{Value, json};

use crate::check::{Case, Measurement, Value as Measured};

/// What the JSON of one case or more begins with.
pub(crate) const BEGINNING: &str = "[\n  {\n    \"kind\": \"";

/// Every case, for programs, as a file holds it: with what was measured in each cell.
pub(crate) fn json_text(cases: &[Case]) -> String {
    let with_numbers = |case: &Case| {
        let mut value = of_case(case);
        value["measured"] = case.measured.iter().map(measured).collect();
        value
    };
    let all: Value = cases.iter().map(with_numbers).collect();
    let mut text = serde_json::to_string_pretty(&all).expect("text and numbers always serialize");
    text.push('\n');
    text
}

/// Every case in words, as the folder keeps it.
pub(crate) fn json(cases: &[Case]) -> Value {
    cases.iter().map(of_case).collect()
}

fn of_case(case: &Case) -> Value {
    json!({
        "kind": case.kind.name(),
        "name": case.name,
        "line": case.line,
        "status": case.status.name(),
        "messages": case.messages,
    })
}

/// What was measured in a cell. JSON has no NaN and no infinity: these are words, and a bound that is not there is null.
fn measured(measurement: &Measurement) -> Value {
    let Measurement { cell, what, is_log10, judged, low, high, seeds } = measurement;
    let number = |x: f64| match x {
        x if x.is_nan() => json!("NaN"),
        f64::INFINITY => json!("inf"),
        f64::NEG_INFINITY => json!("-inf"),
        x => json!(x),
    };
    let bound = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
    let seed = |(name, value): &(String, Measured)| match value {
        Measured::Number(x) => json!({ "seed": name, "value": number(*x) }),
        absent => json!({ "seed": name, "value": Value::Null, "why": absent.why() }),
    };
    json!({
        "cell": cell,
        "what": what,
        "is_log10": is_log10,
        "mean": number(judged.mean),
        "ci95_low": number(judged.ci95_low),
        "ci95_high": number(judged.ci95_high),
        "n": judged.n,
        "n_not_finite": seeds.len() - judged.n,
        "at_least": bound(*low),
        "at_most": bound(*high),
        "seeds": seeds.iter().map(seed).collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{CaseKind, Status};

    #[test]
    fn every_json_begins_as_an_earlier_one_is_known_by() {
        let name = "a \"b\"\n".to_owned();
        let case = Case {
            kind: CaseKind::Expectation,
            name,
            line: 7,
            status: Status::Passed,
            is_decided: true,
            severity: 0.0,
            messages: vec![],
            measured: vec![],
        };
        assert!(json_text(&[case]).starts_with(BEGINNING));
    }
}
