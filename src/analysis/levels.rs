//! The values that a factor of a grid takes, numbered: what the literature on experiments calls its levels.

use std::collections::HashMap;

use crate::spec::Shown;

/// The levels of one factor, in the order in which they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    numbers: HashMap<String, u32>,
    values: Vec<Vec<Shown>>,
}

impl Levels {
    /// The number of the level with these values, one for each key that moves with the factor.
    pub(super) fn number(&mut self, values: impl Iterator<Item = Shown>) -> u32 {
        let values: Vec<Shown> = values.collect();
        // Shown holds floats, so its text stands in as the key; names of files have no line breaks.
        let text = values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let next = u32::try_from(self.values.len()).expect("a plan numbers its runs in 32 bits");
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.values.push(values);
        }
        number
    }

    /// The values of each level, by its number.
    pub(super) fn values(&self) -> &[Vec<Shown>] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_keeps_its_number() {
        let mut levels = Levels::default();
        let pair = |a: bool, b: u64| [Shown::Bool(a), Shown::Int(b)].into_iter();
        let numbers = [pair(true, 1), pair(false, 1), pair(true, 1), pair(false, 2)].map(|p| levels.number(p));
        assert_eq!(numbers, [0, 1, 0, 2]);
        assert_eq!(levels.values()[2], [Shown::Bool(false), Shown::Int(2)]);
    }
}
