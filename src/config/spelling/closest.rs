//! "Did you mean": the nearest of the names that would have been right.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        assert_eq!(closest("sigmod", ["tanh", "sigmoid"]), Some("sigmoid"));
        assert_eq!(closest("ReLU", ["relu", "elu"]), Some("relu"));
        assert_eq!(closest("banana", ["relu", "elu"]), None);
    }
}
