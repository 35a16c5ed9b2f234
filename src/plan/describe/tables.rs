//! Which tables a plan has: those that the config names, or all that some run has rows for.

use crate::config::{Diagnostic, Experiment, OutputTables, Table};
use crate::nn::ModelKind;
use crate::plan::index::Plan;

impl Plan {
    /// The tables that are written, each once, in the order of [`Table::ALL`].
    pub fn tables(&self) -> Vec<Table> {
        let has_rows = |table: &Table| has_rows(*table, &self.kinds, self.varies);
        match &self.experiment.tables {
            OutputTables::NotSaid => Table::ALL.into_iter().filter(has_rows).collect(),
            OutputTables::Named(named) => named.iter().map(|(table, _)| *table).collect(),
        }
    }

    /// The kinds of nets that the runs train, in the order of their first runs.
    pub fn kinds(&self) -> &[ModelKind] {
        &self.kinds
    }

    /// Whether every run trains a recurrent net.
    pub fn is_recurrent(&self) -> bool {
        self.kinds.iter().all(|kind| kind.is_recurrent())
    }
}

/// Whether runs that train nets of these kinds, and vary in more than their seed or not, have rows in the table.
fn has_rows(table: Table, kinds: &[ModelKind], varies: bool) -> bool {
    match table {
        Table::Runs | Table::Summary | Table::Layers | Table::Steps | Table::Trace => true,
        Table::Time => kinds.iter().any(|kind| kind.is_recurrent()),
        Table::Gates => kinds.iter().any(|kind| !kind.gates().is_empty()),
        Table::Effects => varies,
    }
}

/// An error for each table that the config names although no run has a row for it.
pub(in crate::plan) fn empty_tables(experiment: &Experiment, kinds: &[ModelKind], varies: bool) -> Vec<Diagnostic> {
    let OutputTables::Named(named) = &experiment.tables else { return Vec::new() };
    if !experiment.doubtful.is_empty() {
        return Vec::new();
    }
    let empty = named.iter().filter(|(table, _)| !has_rows(*table, kinds, varies));
    empty.map(|(table, place)| empty_table(*table).at(place, "")).collect()
}

fn empty_table(table: Table) -> Diagnostic {
    if table == Table::Effects {
        let message = format!("`{}` would be empty: the runs differ in nothing but their seed", table.file());
        return Diagnostic::error(message).help("leave it out, or sweep another key in [grid]");
    }
    let fitting = ModelKind::ALL.into_iter().filter(|kind| has_rows(table, &[*kind], true));
    let fitting: Vec<String> = fitting.map(|kind| format!("\"{}\"", kind.name())).collect();
    let help = format!("leave it out, or add runs with model.kind = {}", fitting.join(" or "));
    Diagnostic::error(format!("`{}` would be empty: no run has rows for it", table.file())).help(help)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    /// The tables of runs of these kinds, whose config names none.
    fn tables(kinds: &[ModelKind]) -> Vec<&'static str> {
        let source = crate::config::Source::new("test.toml", "name = \"a\"\n[grid]\nmodel.depth = [1]\n");
        let mut plan = crate::plan::plan(&source, &[]).unwrap();
        plan.kinds = kinds.to_vec();
        plan.tables().into_iter().map(Table::name).collect()
    }

    #[test]
    fn a_plan_has_the_tables_that_some_run_has_rows_for() {
        let [mlp, rnn, lstm, gru] = ModelKind::ALL;
        let plain = ["runs", "summary", "layers", "steps", "trace"];
        assert_eq!(tables(&[mlp]), plain);
        assert_eq!(tables(&[mlp, rnn]), [&plain[..], &["time"]].concat());
        for kinds in [&[lstm][..], &[gru], &[mlp, rnn, gru]] {
            assert_eq!(tables(kinds), [&plain[..], &["time", "gates"]].concat(), "{kinds:?}");
        }
    }
}
