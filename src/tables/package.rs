//! `datapackage.json`, which tells programs what the tables hold: a Data Package (<https://datapackage.org>) with a Table
//! Schema for each table. Its bytes depend on the plan alone.
//!
//! `NaN`, `inf` and `-inf` are values of the type `number`: Table Schema allows `NaN`, `INF` and `-INF` in upper or lower
//! case, and frictionless reads each of them, whatever its case, as the number it is (as a decimal, where `1e-300` keeps
//! its digits). So nothing is declared for them; the only missing value is the empty cell, of which the tables have none.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;

use super::axes::SweptAxes;
use super::field::{Field, FieldKind};
use super::fields::{RUN, table_fields};
use crate::config::{Experiment, Table};
use crate::plan::Plan;
use crate::store::{StoreError, write_json};

const FILE: &str = "datapackage.json";

/// Describes a plan's tables; without tables there is nothing to describe, and no file.
pub(super) fn write(folder: &Path, plan: &Plan, axes: &SweptAxes) -> Result<(), StoreError> {
    let tables = plan.tables();
    if !tables.is_empty() {
        return write_json(folder, FILE, &Package::of(plan.experiment(), &tables, axes));
    }
    let path = folder.join(FILE);
    match fs::remove_file(&path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", &path)(e)),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[derive(Serialize)]
struct Package<'a> {
    profile: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    resources: Vec<Resource>,
}

/// A table, as the package describes it.
#[derive(Serialize)]
struct Resource {
    profile: &'static str,
    name: &'static str,
    path: String,
    description: &'static str,
    format: &'static str,
    mediatype: &'static str,
    encoding: &'static str,
    schema: TableSchema,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TableSchema {
    fields: Vec<FieldSchema>,
    missing_values: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    primary_key: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey>,
}

#[derive(Serialize)]
struct FieldSchema {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Group and unit are no properties of Table Schema, which lets a field have more properties than it names.
    group: &'static str,
    unit: &'static str,
    description: String,
    constraints: Constraints,
}

#[derive(Serialize)]
struct Constraints {
    required: bool,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    names: Vec<&'static str>,
}

#[derive(Serialize)]
struct ForeignKey {
    fields: [&'static str; 1],
    reference: Reference,
}

#[derive(Serialize)]
struct Reference {
    resource: &'static str,
    fields: [&'static str; 1],
}

impl<'a> Package<'a> {
    fn of(experiment: &'a Experiment, tables: &[Table], axes: &SweptAxes) -> Self {
        let has_runs = tables.contains(&Table::Runs);
        Self {
            profile: "tabular-data-package",
            name: &experiment.name,
            description: &experiment.why,
            resources: tables.iter().map(|table| Resource::of(*table, axes, has_runs)).collect(),
        }
    }
}

impl Resource {
    fn of(table: Table, axes: &SweptAxes, has_runs: bool) -> Self {
        let own = |columns: &[&str]| columns.iter().map(|name| (*name).to_owned()).collect();
        let primary_key = match table {
            Table::Runs => own(&[RUN]),
            Table::Summary => axes.of_cell(axes.names()).cloned().collect(),
            Table::Layers => own(&[RUN, "layer"]),
            Table::Steps => own(&[RUN, "step"]),
            Table::Trace => own(&[RUN, "step", "layer"]),
            Table::Time => own(&[RUN, "step", "layer", "t"]),
            Table::Gates => own(&[RUN, "step", "layer", "gate"]),
            Table::Effects => own(&["axis", "from", "to"]),
        };
        let refers = match table {
            Table::Runs | Table::Summary | Table::Effects => false,
            Table::Layers | Table::Steps | Table::Trace | Table::Time | Table::Gates => has_runs,
        };
        let to_runs =
            || ForeignKey { fields: [RUN], reference: Reference { resource: Table::Runs.name(), fields: [RUN] } };
        Self {
            profile: "tabular-data-resource",
            name: table.name(),
            path: table.file(),
            description: table.doc(),
            format: "csv",
            mediatype: "text/csv",
            encoding: "utf-8",
            schema: TableSchema {
                fields: table_fields(table, axes).into_iter().map(FieldSchema::of).collect(),
                missing_values: [""],
                primary_key,
                foreign_keys: refers.then(to_runs).into_iter().collect(),
            },
        }
    }
}

impl FieldSchema {
    fn of(field: Field) -> Self {
        let kind = match field.kind {
            FieldKind::Integer => "integer",
            FieldKind::Number => "number",
            FieldKind::Boolean => "boolean",
            FieldKind::Text => "string",
        };
        let constraints = Constraints { required: true, names: field.names };
        let Field { name, group, unit, doc: description, .. } = field;
        Self { name, kind, group, unit, description, constraints }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::config::Source;
    use crate::plan::plan;
    use serde_json::{Value, json};

    /// The package of a config's tables.
    fn package(config: &str) -> Value {
        let plan = plan(&Source::new("test.toml", config), &[]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &plan, &SweptAxes::new(plan.columns())).unwrap();
        serde_json::from_str(&fs::read_to_string(folder.path().join(FILE)).unwrap()).unwrap()
    }

    fn field<'a>(resource: &'a Value, name: &str) -> &'a Value {
        let fields = resource["schema"]["fields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == name).unwrap()
    }

    #[test]
    fn every_table_has_its_keys_and_points_to_its_run() {
        let package = package(
            "name = \"a\"\nwhy = \"to \\\"see\\\"\"\n[grid]\nmodel.depth = [2, 3]\nseed = { from = 0, count = 2 }\n",
        );
        assert_eq!((&package["name"], &package["description"]), (&json!("a"), &json!("to \"see\"")));
        let tables = package["resources"].as_array().unwrap();
        let keys: Vec<(&Value, &Value)> = tables.iter().map(|t| (&t["path"], &t["schema"]["primaryKey"])).collect();
        assert_eq!(
            keys,
            [
                (&json!("runs.csv"), &json!(["run"])),
                (&json!("summary.csv"), &json!(["depth"])),
                (&json!("layers.csv"), &json!(["run", "layer"])),
                (&json!("steps.csv"), &json!(["run", "step"])),
                (&json!("trace.csv"), &json!(["run", "step", "layer"])),
                (&json!("effects.csv"), &json!(["axis", "from", "to"])),
            ]
        );
        let to_runs = json!([{ "fields": ["run"], "reference": { "resource": "runs", "fields": ["run"] } }]);
        assert_eq!(tables[4]["schema"]["foreignKeys"], to_runs);
        assert_eq!(tables[1]["schema"].get("foreignKeys"), None);
        assert_eq!(tables[5]["schema"].get("foreignKeys"), None);
        assert_eq!(field(&tables[5], "init_gradient_decades_sd")["unit"], "decades");
        assert_eq!(field(&tables[0], "init_gradient_decades")["unit"], "decades");
        for (table, name, group, unit) in [
            (0, "run", "axes", ""),
            (1, "depth", "axes", ""),
            (1, "n_failed", "counts", "runs"),
            (1, "accuracy_last_ci95_low", "accuracy_last", "share"),
            (1, "accuracy_last_n_nan", "accuracy_last", "runs"),
            (1, "learned_share_ci95_high", "learned", "share"),
            (1, "init_decades_per_layer_z", "predictions", "standard errors"),
            (4, "grad_norm", "measured", ""),
            (5, "learned_sd", "learned", "share"),
        ] {
            let field = field(&tables[table], name);
            assert_eq!((&field["group"], &field["unit"]), (&json!(group), &json!(unit)), "{name}");
        }
        assert_eq!(field(&tables[4], "role")["constraints"]["enum"], json!(["hidden", "head"]));
    }

    #[test]
    fn a_recurrent_run_brings_the_tables_of_its_time_steps_and_gates() {
        let package = package("name = \"a\"\nrun.data.source = \"adding\"\n[grid]\nmodel.kind = [\"rnn\", \"lstm\"]\n");
        let tables = package["resources"].as_array().unwrap();
        assert_eq!(tables.len(), 8);
        assert_eq!(tables[5]["path"], "time.csv");
        assert_eq!(tables[5]["schema"]["primaryKey"], json!(["run", "step", "layer", "t"]));
        assert_eq!(tables[6]["path"], "gates.csv");
        assert_eq!(tables[6]["schema"]["primaryKey"], json!(["run", "step", "layer", "gate"]));
        for table in &tables[5..7] {
            assert_eq!(table["schema"]["foreignKeys"][0]["reference"]["resource"], "runs");
        }
        let gates = json!(["input", "forget", "cell", "output", "reset", "update", "new"]);
        assert_eq!(field(&tables[6], "gate")["constraints"]["enum"], gates);
        assert_eq!(field(&tables[5], "lag")["unit"], "time steps");
        assert_eq!(field(&tables[0], "init_decades_per_step")["unit"], "decades per time step");
    }

    #[test]
    fn an_axis_is_described_by_its_key() {
        let package = package(
            "name = \"a\"\n[output]\ntables = [\"layers\"]\n[grid]\nmodel.activation = [\"relu\"]\nmodel.bias = [true]\n\
             train.learning_rate = [1]\ntrain.batch_size = [\"full\", 8]\ntrace.every = [5]\n",
        );
        let layers = &package["resources"][0];
        assert_eq!(layers["schema"].get("foreignKeys"), None, "there is no runs.csv to point to");
        for (name, kind) in [
            ("activation", "string"),
            ("bias", "boolean"),
            ("learning_rate", "number"),
            ("batch_size", "integer"),
            ("every", "string"),
        ] {
            assert_eq!(field(layers, name)["type"], kind, "{name}");
        }
        assert_eq!(field(layers, "learning_rate")["description"], "train.learning_rate: step size of the update.");
        assert_eq!(field(layers, "activation")["constraints"]["enum"].as_array().unwrap().len(), 11);
        assert_eq!(field(layers, "every")["constraints"], json!({ "required": true }));
    }
}
