//! Why a changed config finds none of its earlier runs: the keys whose values all changed.

use std::collections::BTreeMap;

use crate::plan::index::Plan;
use crate::spec::KEYS;

/// Values that are kept of one key: to recognise a change, not to hold the plan.
const KEPT: u64 = 32;

/// A key that has no value in common between two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub key: String,
    /// Its values in the earlier plan.
    pub old: Vec<String>,
    /// Its values in the later plan.
    pub new: Vec<String>,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} changed ({} -> {})", self.key, few(&self.old), few(&self.new))
    }
}

fn few(values: &[String]) -> String {
    match values {
        [first, second, third, _, ..] => format!("{first}, {second}, {third}, .."),
        all => all.join(", "),
    }
}

impl Plan {
    /// The values of every key that some run uses, as tables show them, at most 32 of each.
    pub fn value_sets(&self) -> BTreeMap<String, Vec<String>> {
        let base = self.base();
        let mut sets = BTreeMap::new();
        for (index, key) in KEYS.iter().enumerate().filter(|(index, _)| self.used().contains(*index)) {
            let mut values: Vec<String> = Vec::new();
            for grid in self.grids.iter().filter(|grid| grid.len() > 0) {
                let Some(swept) = grid.values(index) else {
                    values.push((key.show)(&base).to_string());
                    continue;
                };
                let mut spec = base.clone();
                for i in 0..swept.len().min(KEPT) {
                    (key.set)(&mut spec, &swept.get(i));
                    values.push((key.show)(&spec).to_string());
                }
            }
            let mut kept: Vec<String> = Vec::new();
            for value in values {
                if !kept.contains(&value) && (kept.len() as u64) < KEPT {
                    kept.push(value);
                }
            }
            sets.insert(key.name.to_string(), kept);
        }
        let contents = self.catalog.contents();
        if !contents.is_empty() {
            sets.insert("data.content".into(), contents.into_iter().take(32).collect());
        }
        sets
    }
}

/// The keys that both plans use, and whose values have nothing in common.
pub fn changed_keys(old: &BTreeMap<String, Vec<String>>, new: &BTreeMap<String, Vec<String>>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, new) in new {
        let Some(old) = old.get(key) else { continue };
        if !new.iter().any(|value| old.contains(value)) {
            changes.push(Change { key: key.clone(), old: old.clone(), new: new.clone() });
        }
    }
    changes
}
