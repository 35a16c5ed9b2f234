//! Names of classes -> 0..C. A class is its label's text; numbers come first, by value, then words, by their characters.

use std::collections::HashMap;

use super::Problem;

/// The most classes: a head of so many outputs is already larger than any net below it.
const MOST: usize = 65_536;

/// Labels as they come, with numbers in the order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Classes {
    numbers: HashMap<Box<str>, usize>,
    labels: Vec<usize>,
}

impl Classes {
    /// The next example's label.
    pub(super) fn push(&mut self, label: &str) -> Result<(), Problem> {
        let number = match self.numbers.get(label) {
            Some(&number) => number,
            None if self.numbers.len() == MOST => return Err(Problem::TooManyClasses { limit: MOST }),
            None => {
                let number = self.numbers.len();
                self.numbers.insert(label.into(), number);
                number
            }
        };
        self.labels.push(number);
        Ok(())
    }

    /// The names in order, and each example's class as its position among them.
    pub(super) fn sorted(self) -> (Vec<Box<str>>, Vec<usize>) {
        let mut names: Vec<(Box<str>, usize)> = self.numbers.into_iter().collect();
        let value = |name: &str| name.parse::<f64>().ok().filter(|x| !x.is_nan());
        names.sort_by(|(a, _), (b, _)| match (value(a), value(b)) {
            (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => a.cmp(b),
        });
        let mut class = vec![0; names.len()];
        names.iter().enumerate().for_each(|(position, (_, number))| class[*number] = position);
        let labels = self.labels.into_iter().map(|number| class[number]).collect();
        (names.into_iter().map(|(name, _)| name).collect(), labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_by_value_before_words() {
        let mut classes = Classes::default();
        for label in ["b", "10", "9", "a", "-1", "10", "b"] {
            classes.push(label).expect("few classes");
        }
        let (names, labels) = classes.sorted();
        assert_eq!(names.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["-1", "9", "10", "a", "b"]);
        assert_eq!(labels, [4, 2, 1, 3, 0, 2, 4]);
    }

    #[test]
    fn classes_without_end_are_refused() {
        let mut classes = Classes::default();
        (0..MOST).for_each(|i| classes.push(&i.to_string()).expect("within the limit"));
        assert_eq!(classes.push("7"), Ok(()));
        assert_eq!(classes.push("x"), Err(Problem::TooManyClasses { limit: MOST }));
    }
}
