//! Names of classes -> 0..C. A class is its label's text, and equal numbers are one class, however they are written;
//! numbers come first, by value, then words, by their characters.

use std::collections::HashMap;

use super::decimal_comma::decimal_comma;
use super::error::Problem;

/// The most classes: a head of so many outputs is already larger than any net below it.
const MOST: usize = 65_536;

/// Labels as they come, with numbers in the order of first appearance.
#[derive(Debug, Default)]
pub(in crate::data) struct Classes {
    numbers: HashMap<Box<str>, usize>,
    /// The class of each label that is a number, by the bits of its value.
    values: HashMap<u64, usize>,
    /// Another way to write a number that is a class, and its class: `1.0` for `1`.
    aliases: HashMap<Box<str>, usize>,
    labels: Vec<usize>,
}

/// The value of a label by which it may equal another: a number that f64 has exactly where it is whole.
fn value(label: &str) -> Option<f64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value: f64 = label.parse().ok().or_else(|| decimal_comma(label))?;
    (value.abs() < EXACT).then_some(value)
}

impl Classes {
    /// The next example's label.
    pub(in crate::data) fn push(&mut self, label: &str) -> Result<(), Problem> {
        let number = match self.numbers.get(label).or_else(|| self.aliases.get(label)) {
            Some(&number) => number,
            None => self.first(label)?,
        };
        self.labels.push(number);
        Ok(())
    }

    /// The class of a label that was not seen so far.
    fn first(&mut self, label: &str) -> Result<usize, Problem> {
        // The sum makes 0 of -0.
        let bits = value(label).map(|value| (value + 0.0).to_bits());
        if let Some(&number) = bits.and_then(|bits| self.values.get(&bits)) {
            self.aliases.insert(label.into(), number);
            return Ok(number);
        }
        if self.numbers.len() == MOST {
            return Err(Problem::TooManyClasses { limit: MOST });
        }
        let number = self.numbers.len();
        self.numbers.insert(label.into(), number);
        bits.and_then(|bits| self.values.insert(bits, number));
        Ok(number)
    }

    /// Whether some label is this text.
    pub(in crate::data) fn has(&self, label: &str) -> bool {
        self.numbers.contains_key(label) || self.aliases.contains_key(label)
    }

    /// Whether all labels are numbers.
    pub(super) fn are_numbers(&self) -> bool {
        !self.numbers.is_empty() && self.values.len() == self.numbers.len()
    }

    /// Whether some number is written in several ways.
    pub(super) fn has_aliases(&self) -> bool {
        !self.aliases.is_empty()
    }

    /// Puts the last label before all others.
    pub(super) fn last_comes_first(&mut self) {
        if !self.labels.is_empty() {
            self.labels.rotate_right(1);
        }
    }

    /// The names in order, and each example's class as its position among them.
    pub(in crate::data) fn sorted(self) -> (Vec<Box<str>>, Vec<usize>) {
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
    fn equal_numbers_are_one_class_and_numbers_beyond_f64_stay_apart() {
        let of = |labels: &[&str]| {
            let mut classes = Classes::default();
            labels.iter().for_each(|label| classes.push(label).expect("few classes"));
            (classes.has_aliases(), classes.are_numbers(), classes.sorted().1)
        };
        assert_eq!(of(&["1", "2.0", "01", "1.0", "2", "1,0"]), (true, true, vec![0, 1, 0, 0, 1, 0]));
        assert_eq!(of(&["0", "-0", "a", "A"]), (true, false, vec![0, 0, 2, 1]));
        assert_eq!(of(&["9007199254740993", "9007199254740992"]).2, [1, 0]);
        assert!(!of(&["9007199254740993", "9007199254740992", "nan", "NaN", "inf"]).0);
    }

    #[test]
    fn classes_without_end_are_refused() {
        let mut classes = Classes::default();
        (0..MOST).for_each(|i| classes.push(&i.to_string()).expect("within the limit"));
        assert_eq!(classes.push("7"), Ok(()));
        assert_eq!(classes.push("x"), Err(Problem::TooManyClasses { limit: MOST }));
    }
}
