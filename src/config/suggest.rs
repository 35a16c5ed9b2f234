//! "Did you mean": the nearest of the names that would have been right, and user's text as messages quote it.

use crate::spec::KEYS;

pub(super) mod alike;
pub(super) mod elsewhere;
pub(super) mod list;
pub(super) mod number;

/// The candidate that `given` is most likely a slip of; none where nothing is near.
pub(crate) fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase().replace('-', "_");
    let length = given.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let allowed = (length.min(candidate.len()) / 3).max(1);
        // A distance is at least the difference of the lengths, and takes time and memory of their product.
        if length.abs_diff(candidate.chars().count()) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&given, candidate);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// The position in [`KEYS`] of the key that `path` is most likely a slip of: by its last part, or by another name for it.
/// Of several, the first that takes the value beside it, if there is one.
pub(super) fn closest_key(path: &str, takes: impl Fn(usize) -> bool) -> Option<usize> {
    let (group, last) = path.rsplit_once('.').unwrap_or(("", path));
    let (of_group, others): (Vec<usize>, Vec<usize>) =
        (0..KEYS.len()).partition(|&key| KEYS[key].name.rsplit_once('.').is_some_and(|(of, _)| of == group));
    let near = |keys: &[usize]| {
        let short = closest(last, keys.iter().map(|&key| KEYS[key].short_name()))?;
        keys.iter().copied().find(|&key| KEYS[key].short_name() == short)
    };
    let named = KEYS.iter().position(|key| key.short_name() == last);
    let meant = named.into_iter().chain(elsewhere::other_names(last)).chain(near(&of_group)).chain(near(&others));
    let meant: Vec<usize> = meant.collect();
    meant.iter().copied().find(|&key| takes(key)).or_else(|| meant.first().copied())
}

/// The user's text on one line, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        line
    } else {
        let cut: String = line.chars().take(LONGEST - 3).collect();
        format!("{cut}...")
    }
}

/// A cell of somebody's file in quotes, as a message can hold it: on one line, cut where it is long, and without
/// characters that a terminal obeys.
pub(crate) fn quoted(cell: &str) -> String {
    const LONGEST: usize = 60;
    let cut: String = cell.chars().take(LONGEST).collect();
    let more = if cut.len() < cell.len() { ".." } else { "" };
    format!("\"{}{more}\"", cut.escape_debug())
}

/// `1st`, `2nd`, `3rd`, `4th`, ..
pub(super) fn ordinal(n: u64) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        assert_eq!(closest("sigmod", ["tanh", "sigmoid"]), Some("sigmoid"));
        assert_eq!(closest("ReLU", ["relu", "elu"]), Some("relu"));
        assert_eq!(closest("banana", ["relu", "elu"]), None);
        let key = |path| closest_key(path, |_| true).map(|k| KEYS[k].name);
        assert_eq!(key("model.dpeth"), Some("model.depth"));
        assert_eq!(key("learning_rate"), Some("train.learning_rate"));
        assert_eq!(key("model.lerning_rate"), Some("train.learning_rate"));
        assert_eq!(key("model.colour"), None);
        assert_eq!(key("train.batch"), Some("train.batch_size"));
        let widths = KEYS.iter().position(|key| key.name == "model.widths");
        assert_eq!(closest_key("model.hidden", |key| Some(key) == widths), widths);
    }

    #[test]
    fn a_quoted_cell_is_short_and_on_one_line() {
        assert_eq!(quoted("a \"b\"\n\u{1b}[2J\u{9b}é"), r#""a \"b\"\n\u{1b}[2J\u{9b}é""#);
        assert_eq!(quoted(&"é".repeat(1000)), format!("\"{}..\"", "é".repeat(60)));
    }

    #[test]
    fn ordinals_are_english() {
        assert_eq!([1, 2, 3, 4, 11, 22, 113].map(ordinal), ["1st", "2nd", "3rd", "4th", "11th", "22nd", "113th"]);
    }
}
