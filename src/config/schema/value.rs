//! The schema of one value, from its shape.

use serde_json::{Value, json};

use crate::spec::{Choice, Interval, Shape};

pub(super) fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Number(interval) => of_interval(*interval),
        Shape::Name(choices) => of_names(choices, &shape.names()),
        Shape::Text(text) => {
            let mut schema = json!({ "type": "string" });
            if let Some(pattern) = text.pattern() {
                schema["pattern"] = json!(pattern);
            }
            schema
        }
        Shape::List(item) => json!({ "type": "array", "items": of_shape(item), "minItems": 1 }),
        Shape::AnyOf(shapes) => json!({ "anyOf": shapes.iter().map(of_shape).collect::<Vec<_>>() }),
    }
}

fn of_interval(interval: Interval) -> Value {
    let mut schema = json!({ "type": "number" });
    if interval.least.is_finite() {
        schema[if interval.has_least { "minimum" } else { "exclusiveMinimum" }] = json!(interval.least);
    }
    if interval.most.is_finite() {
        schema[if interval.has_most { "maximum" } else { "exclusiveMaximum" }] = json!(interval.most);
    }
    schema
}

/// Every name, each followed by its aliases; beside them what editors that know `x-taplo` show of each.
fn of_names(choices: &[Choice], names: &[&str]) -> Value {
    let mut schema = json!({ "type": "string", "enum": names });
    if choices.iter().any(|choice| !choice.doc.is_empty()) {
        let docs = choices.iter().flat_map(|choice| {
            let aliases = choice.aliases.iter().map(|_| format!("the same as {}", choice.name));
            [choice.doc.clone()].into_iter().chain(aliases)
        });
        schema["x-taplo"] = json!({ "docs": { "enumValues": docs.collect::<Vec<_>>() } });
    }
    schema
}
