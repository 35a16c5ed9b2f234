//! The schema of every config, of its sections and of the keys of a run.

use serde_json::{Map, Value, json};

use super::value::of_shape;
use crate::config::keys::{self, Absent, EXPECT, Holds, HowMany, SUBJECTS, Setting, TOP, TableKeys, names};
use crate::spec::{GROUPS, KEYS, Key, Shape};

/// The schema of every config.
pub fn schema() -> Value {
    let mut schema = settings(&TOP);
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("vgrun config");
    schema["description"] = json!("A grid of neural networks, for vgrun to train and to measure the gradients of.");
    let keys = KEYS.iter().map(|key| (key.name.to_owned(), of_key(key)));
    let groups = HowMany::ALL.into_iter().flat_map(|values| GROUPS.iter().map(move |group| (group.name, values)));
    let groups = groups.map(|(group, values)| (group_name(group, values), of_group(group, values)));
    let mut range = settings(&keys::RANGE);
    range["anyOf"] =
        keys::RANGE_FORMS.map(|form| json!({ "required": form, "propertyNames": { "enum": form } })).into();
    schema["definitions"] =
        keys.chain(groups).chain([(RANGE.to_owned(), range)]).collect::<Map<String, Value>>().into();
    schema
}

/// Where the schema of a range stands among the definitions.
const RANGE: &str = "range";

/// The schema that stands under a name among the definitions.
fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A table with these keys.
fn settings(settings: &[Setting]) -> Value {
    let properties = settings.iter().map(|setting| (setting.name.to_owned(), property(setting)));
    let mut table = table(properties);
    let required = settings.iter().filter(|setting| matches!(setting.absent, Absent::Error));
    let required: Vec<&str> = required.map(|setting| setting.name).collect();
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

fn property(setting: &Setting) -> Value {
    let mut schema = match &setting.holds {
        Holds::Value(shape) => of_shape(&shape()),
        Holds::Table(part) => of_part(part),
        Holds::Blocks(part) => {
            let mut block = of_part(part);
            block["minProperties"] = json!(1);
            json!({ "type": "array", "items": block })
        }
    };
    // In a dependency editors do not look for what to offer. A block with a name has one subject.
    if setting.name == "expect" {
        let subjects = SUBJECTS.map(|subject| json!({ "required": [subject] }));
        schema["items"]["dependencies"] = json!({ EXPECT[0].name: { "oneOf": subjects } });
    }
    let default = match &setting.absent {
        Absent::Default(value) => Some(value()),
        Absent::Error | Absent::Nothing => None,
    };
    schema["description"] = json!(described(setting.doc, "", default.as_ref()));
    if let Some(default) = default {
        schema["default"] = json!(default);
    }
    schema
}

fn of_part(part: &TableKeys) -> Value {
    match part {
        TableKeys::Settings(keys) => settings(keys),
        TableKeys::Run(values) => {
            let group = |name: &str| (name.to_owned(), defined(&group_name(name, *values)));
            let alone = KEYS.iter().filter(|key| !key.name.contains('.'));
            let alone = alone.map(|key| (key.name.to_owned(), with_values(key, *values)));
            table(alone.chain(GROUPS.iter().map(|of| group(of.name))))
        }
        TableKeys::Each(names, shape) => {
            let shape = of_shape(&shape());
            table(names().into_iter().map(|name| (name.to_owned(), shape.clone())))
        }
    }
}

/// A table of exactly these keys at most: a misspelt one fails.
fn table(properties: impl Iterator<Item = (String, Value)>) -> Value {
    let properties: Map<String, Value> = properties.collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The name among the definitions of a group's keys with so many values each.
fn group_name(group: &str, values: HowMany) -> String {
    format!("{group}_{}", values.name())
}

fn of_group(group: &str, values: HowMany) -> Value {
    let keys = KEYS.iter().filter(|key| key.name.split_once('.').is_some_and(|(first, _)| first == group));
    let mut schema = table(keys.map(|key| (key.short_name().to_owned(), with_values(key, values))));
    let doc = GROUPS.iter().find(|known| known.name == group).map_or("", |group| group.doc);
    schema["description"] = json!(described(doc, "", None));
    schema
}

/// One value of a key of the run.
fn of_key(key: &Key) -> Value {
    let mut schema = of_shape(&(key.shape)());
    schema["description"] = description(key);
    if let Some(default) = key.default() {
        schema["default"] = json!(default);
    }
    schema
}

/// The schema of one or several values of a key of the run.
fn with_values(key: &Key, values: HowMany) -> Value {
    let mut forms = vec![several(key, values)];
    match values {
        HowMany::One => return defined(key.name),
        HowMany::Axis => {}
        HowMany::Column => forms.extend(list_alone(key)),
        HowMany::Any if key.is_list => {
            forms.extend(list_alone(key));
            forms.extend((key.shape)().parts().filter(|part| !matches!(part, Shape::List(_))).map(of_shape));
        }
        HowMany::Any => forms.push(defined(key.name)),
    }
    let mut schema = if forms.len() == 1 { forms.remove(0) } else { json!({ "anyOf": forms }) };
    schema["description"] = description(key);
    schema
}

fn description(key: &Key) -> Value {
    json!(described(key.doc, key.used_by, key.default().as_ref()))
}

/// A list of values, or a range of the numbers among them.
fn several(key: &Key, values: HowMany) -> Value {
    let mut list = json!({ "type": "array", "items": defined(key.name), "minItems": 1 });
    if values == HowMany::Axis {
        list["uniqueItems"] = json!(true);
    }
    if (key.shape)().has_numbers() {
        list["type"] = json!(["array", "object"]);
        // For editors, which look for keys here alone; a table has a first key, so the rest of the range is asked for.
        let part =
            |name: &str| (name.to_owned(), json!({ "$ref": format!("#/definitions/{RANGE}/properties/{name}") }));
        list["properties"] = names(&keys::RANGE).into_iter().map(part).collect::<Map<String, Value>>().into();
        list["required"] = json!([keys::RANGE[0].name]);
        list["dependencies"] = json!({ keys::RANGE[0].name: defined(RANGE) });
    }
    list
}

/// One value of a key whose values may be lists: none of its items is a value by itself.
fn list_alone(key: &Key) -> Option<Value> {
    let shape = (key.shape)();
    let item = shape.parts().find_map(|part| if let Shape::List(item) = part { Some(of_shape(item)) } else { None })?;
    let items = json!({ "allOf": [item, { "not": defined(key.name) }] });
    Some(json!({ "type": "array", "items": items, "minItems": 1 }))
}

/// The description of a key, as an editor shows it.
fn described(doc: &str, used_by: &str, default: Option<&toml::Value>) -> String {
    let mut letters = doc.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let used_by = if used_by.is_empty() { String::new() } else { format!(" Used by {used_by}.") };
    let default = default.map(|default| format!(" Default: {default}.")).unwrap_or_default();
    format!("{first}{}.{used_by}{default}", letters.as_str())
}
