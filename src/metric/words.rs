//! The words that every table, page and message uses, each in a sentence.

/// A word with what it means.
pub const WORDS: [(&str, &str); 9] = [
    ("cell", "the runs of a grid that differ in nothing but their seed"),
    ("decade", "a factor of ten: an error of -2 decades arrives as a hundredth of what it was"),
    (
        "delta",
        "the error backpropagated to a layer, dLoss/dz of each example's own loss; delta_rms is its root mean square over \
         batch and units",
    ),
    ("gradient_decades", "log10 of delta_rms of layer 1 over that of layer L, the last hidden one"),
    (
        "time_decades",
        "of recurrent nets: log10 of the error at the state at the first time step over that one step before the first answer",
    ),
    (
        "verdict",
        "the state of the gradients at the last traced step; worst first: diverged, dead, saturated, exploding, vanishing, \
                 recovered, healthy",
    ),
    ("recovered", "sick before training and not at its end"),
    (
        "chance",
        "the lowest loss of a net that gives every example the same answer: ln C for C classes, the variance for a number",
    ),
    ("learned", "the loss at the end is below 0.9 of chance; healthy nets need not learn, and sick ones may"),
];

/// What a word means.
///
/// # Panics
/// If it is none of [`WORDS`].
pub fn meaning(word: &str) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning).expect("a word of the list")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Verdict;

    #[test]
    fn the_verdicts_are_all_named_worst_first() {
        let all = Verdict::ALL.map(Verdict::name).join(", ");
        assert!(meaning("verdict").ends_with(&all));
    }
}
