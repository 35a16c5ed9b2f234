//! The description of every column of every table, in the order of the header.

use super::axes::SweptAxes;
use super::columns::{GATES, LAYERS, RUNS, STEPS, TIME, TRACE, TableColumn};
use super::field::{Field, FieldKind};
use super::{effect_row, summary};
use crate::config::Table;

/// The first column of every table but summary.csv and effects.csv: the run's number in the plan.
pub(super) const RUN: &str = "run";

/// Lists a table's own columns: the ones after `run` and the swept axes. summary.csv has no `run`, and of the axes all
/// but the seed; effects.csv has neither.
pub fn fields(table: Table) -> Vec<Field> {
    match table {
        Table::Runs => RUNS.iter().map(TableColumn::field).collect(),
        Table::Summary => summary::fields(),
        Table::Layers => LAYERS.iter().map(TableColumn::field).collect(),
        Table::Steps => STEPS.iter().map(TableColumn::field).collect(),
        Table::Trace => TRACE.iter().map(TableColumn::field).collect(),
        Table::Time => TIME.iter().map(TableColumn::field).collect(),
        Table::Gates => GATES.iter().map(TableColumn::field).collect(),
        Table::Effects => effect_row::fields(),
    }
}

/// Lists all columns of a table, in the order of its header.
pub(super) fn table_fields(table: Table, axes: &SweptAxes) -> Vec<Field> {
    let of_axes = axes.fields();
    let mut all = match table {
        Table::Summary => axes.of_cell(&of_axes).cloned().collect(),
        Table::Effects => Vec::new(),
        Table::Runs | Table::Layers | Table::Steps | Table::Trace | Table::Time | Table::Gates => {
            let doc = "Number of the run in the plan, from 0; rows are in its order.".into();
            let (name, group) = (RUN.into(), Field::AXES);
            let run = Field { name, kind: FieldKind::Integer, group, unit: "", doc, names: Vec::new() };
            [vec![run], of_axes].concat()
        }
    };
    all.extend(fields(table));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_axis_can_take_the_name_of_a_column() {
        // The statistics of summary.csv carry the name of another column before their own, and effects.csv has no axes.
        let has_names = |table: &Table| ![Table::Summary, Table::Effects].contains(table);
        for table in Table::ALL.into_iter().filter(has_names) {
            for field in fields(table) {
                assert!(crate::plan::MEASURED.contains(&field.name.as_str()), "{field:?}");
            }
        }
        for key in crate::spec::KEYS {
            let mut of_many = fields(Table::Summary).into_iter().chain(fields(Table::Effects));
            assert!(of_many.all(|field| field.name != key.short_name()), "{}", key.name);
        }
    }

    #[test]
    fn columns_stand_in_groups_and_those_of_a_metric_are_its_statistics_in_its_unit() {
        for table in Table::ALL {
            let all = fields(table);
            let groups: Vec<&str> = all.chunk_by(|a, b| a.group == b.group).map(|group| group[0].group).collect();
            let different: BTreeSet<&str> = groups.iter().copied().collect();
            assert!(different.len() == groups.len() && !different.contains(""), "{}: {groups:?}", table.name());
        }
        let (of_runs, of_cells) = (fields(Table::Runs), fields(Table::Summary));
        for metric in crate::spec::RunMetric::ALL.map(crate::spec::RunMetric::name) {
            let unit = of_runs.iter().find(|field| field.name == metric).expect(metric).unit;
            let group: Vec<Field> = of_cells.iter().filter(|field| field.group == metric).cloned().collect();
            assert_eq!(group, summary::statistics(metric, unit).collect::<Vec<_>>());
            assert!(group.len() == 10 && group.iter().all(|field| field.name.starts_with(metric)), "{metric}");
            assert!(!unit.is_empty() && group[0].unit == unit && group[9].unit == "runs", "{metric}");
        }
        let others = of_cells.iter().filter(|field| field.name.starts_with("n_") || field.group == "learned");
        assert!(others.into_iter().all(|field| ["runs", "share"].contains(&field.unit)));
    }

    #[test]
    fn every_column_is_described_in_a_sentence_and_named_for_every_reader() {
        for table in Table::ALL {
            for field in fields(table) {
                assert!(field.doc.ends_with('.') && field.doc.len() > 10, "{field:?}");
                let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                assert!(field.name.chars().all(is_plain) && !field.name.starts_with('_'), "{field:?}");
            }
        }
    }
}
