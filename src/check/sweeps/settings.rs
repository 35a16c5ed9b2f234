//! What two configs say differently.

use std::collections::{BTreeSet, HashSet};

use crate::data::KnownFiles;
use crate::plan::Plan;
use crate::spec::KEYS;

/// A key, or a data file, of which two configs say different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedSetting {
    /// The dotted key, such as `train.learning_rate`.
    pub key: String,
    /// Its values in the older sweep, each once: more than one where it is swept.
    pub old: Vec<String>,
    /// Its values in the newer one.
    pub new: Vec<String>,
}

/// Lists the keys that one of the two configs names and whose values differ, in the order of the table of keys, and then
/// the data files of one name whose contents differ. Nothing else that a config says changes a number: rules leave runs
/// out, and expectations judge them.
pub fn changed_settings(old: &Plan, new: &Plan) -> Vec<ChangedSetting> {
    let mut changed = Vec::new();
    let (old_swept, new_swept) = (swept(old), swept(new));
    let (old_base, new_base) = (old.base(), new.base());
    for (i, key) in KEYS.iter().enumerate() {
        let of_old = old_swept.iter().find(|(key, _)| *key == i);
        let of_new = new_swept.iter().find(|(key, _)| *key == i);
        let is_named = [old, new].iter().any(|plan| plan.experiment().base.named().contains(i));
        if of_old.is_none() && of_new.is_none() && !is_named {
            // A default that follows another key, which is told.
            continue;
        }
        let of_old = of_old.map_or_else(|| vec![(key.show)(&old_base).to_string()], |(_, values)| values.clone());
        let of_new = of_new.map_or_else(|| vec![(key.show)(&new_base).to_string()], |(_, values)| values.clone());
        if of_old.iter().collect::<BTreeSet<_>>() != of_new.iter().collect::<BTreeSet<_>>() {
            changed.push(ChangedSetting { key: key.name.into(), old: of_old, new: of_new });
        }
    }
    let (old_files, new_files) = (old.known_files(), new.known_files());
    let same_place = |a: &KnownFiles, b: &KnownFiles| (a.source, &a.files) == (b.source, &b.files);
    for before in &old_files {
        if let Some(after) = new_files.iter().find(|after| same_place(before, after))
            && before.content != after.content
        {
            let key = format!("content of {}", before.files.path.as_deref().unwrap_or_default());
            let [old, new] = [before, after].map(|file| vec![file.short_content()]);
            changed.push(ChangedSetting { key, old, new });
        }
    }
    changed
}

/// The swept keys of a plan, by their index in [`KEYS`], each with its values in the order in which runs have them.
fn swept(plan: &Plan) -> Vec<(usize, Vec<String>)> {
    let mut seen: Vec<HashSet<String>> = vec![HashSet::new(); plan.columns().len()];
    let mut swept: Vec<(usize, Vec<String>)> = plan.columns().iter().map(|column| (column.key, Vec::new())).collect();
    for run in plan.runs() {
        for ((value, seen), (_, values)) in plan.axis_values(run).iter().zip(&mut seen).zip(&mut swept) {
            let value = value.to_string();
            if seen.insert(value.clone()) {
                values.push(value);
            }
        }
    }
    swept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn plan(text: &str) -> Plan {
        crate::plan::plan(&Source::new("t.toml", format!("name = \"t\"\n{text}")), &[]).expect("a valid config")
    }

    fn changed(old: &str, new: &str) -> Vec<String> {
        let changed = changed_settings(&plan(old), &plan(new));
        changed.iter().map(|c| format!("{}: {} -> {}", c.key, c.old.join(" "), c.new.join(" "))).collect()
    }

    #[test]
    fn keys_that_differ_are_told_wherever_they_are_said() {
        let old = "[run]\nmodel.width = 8\nmodel.residual = true\n[grid]\nmodel.depth = [2, 3]\nseed = [0, 1]";
        assert_eq!(changed(old, old), Vec::<String>::new());
        let new = "[run]\nmodel.width = 8\nmodel.residual = true\ntrain.learning_rate = 0.1\n\
                   [grid]\nmodel.depth = [3, 5]\nseed = [1, 0]\nmodel.activation = [\"relu\", \"tanh\"]";
        assert_eq!(
            changed(old, new),
            ["model.depth: 2 3 -> 3 5", "model.activation: relu -> relu tanh", "train.learning_rate: 0.02 -> 0.1"]
        );
    }

    #[test]
    fn a_value_that_follows_another_is_not_told_beside_it_nor_one_that_is_said_in_another_way() {
        assert_eq!(changed("", "[run]\nseed = 3"), ["seed: 0 -> 3"], "data.seed follows");
        assert_eq!(changed("[run]\nmodel.depth = 4", "[grid]\nmodel.depth = [4]"), Vec::<String>::new());
        assert_eq!(changed("[run]\ntrain.learning_rate = 0.02", ""), Vec::<String>::new());
    }
}
