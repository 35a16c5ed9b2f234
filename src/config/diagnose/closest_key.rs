//! The key of a run that a wrong one is most likely a slip of, or another name for.

use super::elsewhere::other_names;
use crate::config::spelling::closest;
use crate::spec::KEYS;

/// The position in [`KEYS`] of the key that `path` is most likely a slip of: by its last part, or by another name for it.
/// Among several, the first that takes the value beside it, if there is one.
pub(in crate::config) fn closest_key(path: &str, takes: impl Fn(usize) -> bool) -> Option<usize> {
    let (group, last) = path.rsplit_once('.').unwrap_or(("", path));
    let (of_group, others): (Vec<usize>, Vec<usize>) =
        (0..KEYS.len()).partition(|&key| KEYS[key].name.rsplit_once('.').is_some_and(|(of, _)| of == group));
    let near = |keys: &[usize]| {
        let short = closest(last, keys.iter().map(|&key| KEYS[key].short_name()))?;
        keys.iter().copied().find(|&key| KEYS[key].short_name() == short)
    };
    let named = KEYS.iter().position(|key| key.short_name() == last);
    let meant = named.into_iter().chain(other_names(last)).chain(near(&of_group)).chain(near(&others));
    let meant: Vec<usize> = meant.collect();
    meant.iter().copied().find(|&key| takes(key)).or_else(|| meant.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_keys_are_recognised() {
        let key = |path| closest_key(path, |_| true).map(|k| KEYS[k].name);
        assert_eq!(key("model.dpeth"), Some("model.depth"));
        assert_eq!(key("learning_rate"), Some("train.learning_rate"));
        assert_eq!(key("model.lerning_rate"), Some("train.learning_rate"));
        assert_eq!(key("model.colour"), None);
        assert_eq!(key("train.batch"), Some("train.batch_size"));
        let widths = KEYS.iter().position(|key| key.name == "model.widths");
        assert_eq!(closest_key("model.hidden", |key| Some(key) == widths), widths);
    }
}
