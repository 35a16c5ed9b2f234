//! The error for an axis that lists a value more than once, and lists of whole numbers that are decimals with commas.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use toml::Value;

use super::accepted::{accepts, show};
use super::flatten::KeyAssignment;
use crate::config::diagnose::{Diagnostic, Notes, SeedAxis};
use crate::config::meaning::Item;
use crate::config::spelling::list::decimal_pairs;
use crate::spec::{KEYS, Key};

/// The error of a list that holds values more than once, in whatever spelling.
pub(super) fn repeated(said: &KeyAssignment<'_>, key: &Key, items: &[Item], notes: &Notes) -> Option<Diagnostic> {
    const LABELS: usize = 8;
    let mut first: HashMap<String, usize> = HashMap::new();
    let (mut again, mut once) = (Vec::new(), Vec::new());
    for (i, item) in items.iter().enumerate() {
        match first.entry(show(said.key, &item.value)) {
            Entry::Occupied(earlier) => again.push((i, *earlier.get())),
            Entry::Vacant(vacant) => {
                once.push(item.place.text());
                vacant.insert(i);
            }
        }
    }
    let &(second, earliest) = again.first()?;
    let value = show(said.key, &items[second].value);
    let count = 1 + again.iter().filter(|(_, earlier)| *earlier == earliest).count();
    let times = if count == 2 { "twice".to_owned() } else { format!("{count} times") };
    let others = match again.len() + 1 - count {
        0 => "",
        _ => ", and others again too",
    };
    let error = Diagnostic::error(format!("`{}` lists {value} {times}{others}", key.name));
    let error = again.iter().take(LABELS).fold(error, |error, (i, _)| error.at(&items[*i].place, "again here"));
    let error = error.at(&items[earliest].place, "first here");
    // A list of lists, and one that no line holds, is the user's to shorten.
    let list = format!("[{}]", once.join(", "));
    let list = if list.len() <= 60 && !list.contains('\n') { list } else { "the list with each value once".to_owned() };
    let is_argument = said.place.source.is_argument();
    let shortened = match (is_argument, list.starts_with('[')) {
        (true, true) => format!("--set 'grid.{}={list}'", key.name),
        (false, true) => format!("{} = {list}", said.place.text()),
        (_, false) => list,
    };
    if let Some(decimals) = decimals(said) {
        return Some(error.help(format!("if these are decimals, they have a point: {decimals}")));
    }
    if key.name == "seed" {
        let others = once.len() > 1;
        let count = if others { items.len() } else { count };
        let seeds = format!("{{ from = 0, count = {count} }}");
        let seeds = if is_argument { format!("--set 'grid.seed={seeds}'") } else { format!("seed = {seeds}") };
        return Some(error.help(format!("write {shortened}, or for {count} seeds {seeds}")));
    }
    let repeats =
        again.iter().all(|(_, earlier)| again.iter().filter(|(_, other)| other == earlier).count() + 1 == count)
            && again.len() == once.len() * (count - 1);
    // What repeats runs is another seed of each.
    let seed = match notes.seed {
        SeedAxis::None if repeats && is_argument => {
            format!("; to run each of them {count} times, add --set 'grid.seed={{ from = 0, count = {count} }}'")
        }
        SeedAxis::None if repeats => {
            format!("; to run each of them {count} times, add seed = {{ from = 0, count = {count} }} in [grid]")
        }
        SeedAxis::Grid if repeats => "; to run each of them more often, give seed more values in [grid]".to_owned(),
        SeedAxis::None | SeedAxis::Fixed | SeedAxis::Grid | SeedAxis::Zip => String::new(),
    };
    Some(error.help(format!("write {shortened}{seed}")))
}

/// The list with points, where its commas are those of decimals that the key takes.
pub(super) fn decimals(said: &KeyAssignment<'_>) -> Option<String> {
    decimal_pairs(said.node.place.text()).filter(|list| is_axis(said.key, list))
}

/// Whether a text of TOML is a list of different values of a key, or a range for it.
pub(super) fn is_axis(key: usize, text: &str) -> bool {
    match format!("x = {text}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x")) {
        Some(Value::Array(items)) => {
            let mut once = HashSet::new();
            items.iter().all(|item| accepts(key, item) && once.insert(show(key, item)))
        }
        Some(Value::Table(_)) => (KEYS[key].shape)().has_numbers(),
        _ => false,
    }
}
