//! Advice for a word that vgrun does not have: what comes nearest and can stand beside the rest of the config.

use super::words::Instead::{self, FirstOf, Key as Called, Near, Value as Means};
use super::words::{Assignments, found};
use crate::config::spelling::shown;
use crate::spec::{Draft, KEYS, Key, key_index};

impl Instead {
    /// What comes nearest and can stand beside what the config says of the run; none where nothing can.
    fn nearest(&self, said: &Draft) -> Option<(&'static str, Assignments)> {
        match self {
            Called(_) | Means(..) => None,
            Near(what, keys) => Some((*what, *keys)).filter(|(_, keys)| stand_beside(keys, said)),
            FirstOf(all) => all.iter().copied().find(|(_, keys)| stand_beside(keys, said)),
        }
    }

    /// What comes nearest, in words alone.
    fn in_words(&self) -> Option<&'static str> {
        match self {
            Called(_) | Means(..) | FirstOf([]) => None,
            Near(what, _) | FirstOf([(what, _), ..]) => Some(what),
        }
    }
}

/// Whether these keys contradict nothing that the config says of the run.
fn stand_beside(keys: Assignments, said: &Draft) -> bool {
    let mut draft = said.clone();
    let set: Vec<usize> = keys.iter().filter_map(|(key, value)| set(&mut draft, key, value)).collect();
    let conflicts = Draft::conflicts(draft.named(), &draft.point());
    set.len() == keys.len() && !conflicts.iter().any(|conflict| conflict.keys.iter().any(|key| set.contains(key)))
}

/// Sets a key to a value written as TOML; its index.
fn set(draft: &mut Draft, key: &str, value: &str) -> Option<usize> {
    let index = key_index(key)?;
    let value = format!("x = {value}").parse::<toml::Table>().ok()?.remove("x")?;
    draft.set(index, &value).then_some(index)
}

fn assignments(keys: &[(&str, &str)], between: &str) -> String {
    keys.iter().map(|(key, value)| format!("run.{key} = {value}")).collect::<Vec<_>>().join(between)
}

/// The keys of the run that `word`, which vgrun has refused as a key, is another name for: their indices in `KEYS`.
pub(in crate::config) fn other_names(word: &str) -> impl Iterator<Item = usize> {
    let names = match found(word).map(|row| &row.instead) {
        Some(Called(names)) => *names,
        Some(Means(..) | Near(..) | FirstOf(_)) | None => &[],
    };
    names.iter().filter_map(|name| key_index(name))
}

/// What to set in place of `word`, which vgrun has refused as a key or a section of a config that says `said` of its run;
/// none where it is no word of the field.
pub(in crate::config) fn in_place_of_key(word: &str, said: &Draft) -> Option<String> {
    let instead = &found(word)?.instead;
    let word = shown(word);
    if let Means(key, value) = instead {
        return Some(format!("{word} is a value: leave it out, and set run.{key} = {value}"));
    }
    let nearest = instead.nearest(said);
    let set = nearest.map(|(_, keys)| assignments(keys, " and ")).unwrap_or_default();
    let what = nearest.map(|(what, _)| what).or_else(|| instead.in_words())?;
    let set = if set.is_empty() { String::new() } else { format!(", and set {set}") };
    Some(format!("vgrun has no {word}; what comes nearest is {what}: leave {word} out{set}"))
}

/// The name of the norm whose flag a word is, or names.
fn name_of_norm(word: &str) -> Option<&'static str> {
    let named = || other_names(word).map(|index| KEYS[index].name);
    let is = |flag: &str| word == flag || flag.ends_with(&format!(".{word}")) || named().any(|name| name == flag);
    [("model.batch_norm", "\"batch\""), ("model.layer_norm", "\"layer\"")]
        .into_iter()
        .find_map(|(flag, name)| is(flag).then_some(name))
}

/// What to write in place of `word`, which is no value of `key` in a config that says `said` of its run; none where it is
/// no word of the field.
pub(in crate::config) fn in_place_of_value(key: &Key, word: &str, said: &Draft) -> Option<String> {
    if let Some(value) = name_of_norm(word).filter(|_| key.name == "model.norm") {
        return Some(format!("vgrun calls it {value}: write {value}"));
    }
    let instead = &found(word)?.instead;
    if let Means(of, value) = instead {
        return (*of == key.name).then(|| format!("vgrun calls it {value}: write {value}"));
    }
    let word = shown(word);
    let Some((what, keys)) = instead.nearest(said) else {
        // Nothing that stands beside the rest of the config.
        return instead.in_words().map(|what| format!("vgrun has no {word}; what comes nearest is {what}"));
    };
    let by_name = |(of, value): &(&'static str, &'static str)| match name_of_norm(of) {
        Some(norm) if key.name == "model.norm" => (key.name, norm),
        Some(_) | None => (*of, *value),
    };
    let (of_key, others): (Vec<_>, Vec<_>) = keys.iter().map(by_name).partition(|(of, _)| *of == key.name);
    let write = of_key.first().map(|(_, value)| format!("write {value}"));
    let set = (!others.is_empty()).then(|| format!("set {}", assignments(&others, " and ")));
    let all: Vec<String> = write.into_iter().chain(set).collect();
    (!all.is_empty()).then(|| format!("vgrun has no {word}; what comes nearest is {what}: {}", all.join(", and ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::words::ROWS;
    use super::*;
    use crate::config::{Source, parse};

    /// Every set of keys that a row tells to set.
    fn settings(instead: &Instead) -> Vec<Vec<(&'static str, &'static str)>> {
        match instead {
            Called(_) => Vec::new(),
            Means(key, value) => vec![vec![(*key, *value)]],
            Near(_, keys) => vec![keys.to_vec()],
            FirstOf(all) => all.iter().map(|(_, keys)| keys.to_vec()).collect(),
        }
    }

    #[test]
    fn no_word_that_is_refused_exists_and_none_has_two_rows() {
        let mut seen = BTreeSet::new();
        for word in ROWS.iter().flat_map(|row| row.words) {
            assert!(seen.insert(word), "{word} has two rows");
            for key in KEYS {
                assert!(key.name != *word && key.short_name() != *word, "{word} is a key");
            }
        }
        // A word may be a value of one key and none of another: only where the table says so of the key that has it.
        for row in ROWS {
            for (name, _) in settings(&row.instead).concat() {
                let names = KEYS.iter().find(|key| key.name == name).expect(name).shape;
                assert!(row.words.iter().all(|word| !names().names().contains(word)), "{:?}", row.words);
            }
        }
    }

    /// The advice of every row, followed to the letter in a config of its own.
    #[test]
    fn what_every_row_tells_to_set_works() {
        for row in ROWS {
            if let Called(names) = &row.instead {
                assert!(names.iter().all(|name| key_index(name).is_some()), "{names:?}");
            }
            for keys in settings(&row.instead) {
                let lines: String = keys.iter().flat_map(|(key, value)| ["run.", *key, " = ", *value, "\n"]).collect();
                let (_, diagnostics) = parse(&Source::new("a.toml", format!("name = \"a\"\n{lines}")), &[]);
                assert!(diagnostics.is_empty(), "{lines}: {diagnostics:?}");
            }
        }
    }

    #[test]
    fn advice_contradicts_nothing_that_the_config_says() {
        let mut sequences = Draft::default();
        set(&mut sequences, "data.source", "\"adding\"").expect("a source");
        let kind = &KEYS[key_index("model.kind").expect("a key")];
        let advice = |said: &Draft| in_place_of_value(kind, "transformer", said).expect("advice");
        assert!(advice(&sequences).ends_with("write \"lstm\""), "{}", advice(&sequences));
        let mut normed = Draft::default();
        set(&mut normed, "model.batch_norm", "true").expect("a flag");
        assert!(advice(&normed).ends_with("write \"mlp\", and set run.model.residual = true"), "{}", advice(&normed));
        let norm = &KEYS[key_index("model.norm").expect("a key")];
        for (word, value) in [
            ("layer_norm", "layer"),
            ("LayerNorm", "layer"),
            ("bn", "batch"),
            ("batch_norm", "batch"),
            ("rmsnorm", "rms"),
            ("group_norm", "layer"),
        ] {
            let said = in_place_of_value(norm, word, &Draft::default()).expect(word);
            assert!(said.ends_with(&format!("write \"{value}\"")), "{said}");
        }
    }
}
