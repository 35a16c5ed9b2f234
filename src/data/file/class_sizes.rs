//! Whether the split of a file's examples leaves every class some for training, and whether it means much.

use super::error::Problem;
use crate::data::spec::FewExamples;

/// Checks that every class has a training example, and that there are several. `name` is a class as the file writes it.
pub(super) fn check_classes(
    labels: &[usize],
    count: usize,
    train: &[usize],
    name: impl Fn(usize) -> String,
) -> Result<(), Problem> {
    if count == 1 {
        return Err(Problem::OneClass { class: name(0) });
    }
    let mut trained = vec![0_usize; count];
    train.iter().for_each(|&row| trained[labels[row]] += 1);
    match trained.iter().position(|&n| n == 0) {
        Some(class) => {
            let examples = labels.iter().filter(|&&label| label == class).count();
            let more = trained.iter().filter(|&&n| n == 0).count() - 1;
            Err(Problem::NotInTraining { class: name(class), examples, more })
        }
        None => Ok(()),
    }
}

/// What makes a split into a training and a test part doubtful: a class of fewer than 5 examples, or fewer than 10
/// examples for testing. None where nothing is held out.
pub(super) fn few_examples(
    labels: &[usize],
    count: usize,
    tested: usize,
    name: impl Fn(usize) -> String,
) -> Option<FewExamples> {
    const CLASS: usize = 5;
    const TESTED: usize = 10;
    let mut sizes = vec![0_usize; count];
    labels.iter().for_each(|&label| sizes[label] += 1);
    let small_classes = sizes.iter().filter(|&&size| size < CLASS).count();
    let smallest = (0..count).min_by_key(|&class| sizes[class]).filter(|&class| sizes[class] < CLASS);
    let few = FewExamples { smallest_class: smallest.map(|class| (name(class), sizes[class])), small_classes, tested };
    (tested > 0 && (small_classes > 0 || tested < TESTED)).then_some(few)
}
