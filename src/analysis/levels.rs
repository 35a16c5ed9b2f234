//! The values that a factor of a grid takes, numbered: what the literature on experiments calls its levels.

use std::collections::HashMap;

use crate::spec::Shown;

/// The levels of one factor, in the order in which they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    numbers: HashMap<String, u32>,
    values: Vec<Vec<Shown>>,
    /// The level that came last: runs on end mostly share it.
    last: usize,
}

impl Levels {
    /// The number of the level with these values, one for each key that moves with the factor.
    pub(super) fn number<'a>(&mut self, values: impl Iterator<Item = &'a Shown> + Clone) -> u32 {
        let next = u32::try_from(self.values.len()).expect("a plan numbers its runs in 32 bits");
        let is_last = |last: &Vec<Shown>| last.iter().zip(values.clone()).all(|(a, b)| is_same(a, b));
        if self.values.get(self.last).is_some_and(is_last) {
            return u32::try_from(self.last).expect("one of the numbers");
        }
        // Shown holds floats, so its text stands in as the key; names of files have no line breaks.
        let text = values.clone().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.values.push(values.cloned().collect());
        }
        self.last = number as usize;
        number
    }

    /// The values of each level, by its number.
    pub(super) fn values(&self) -> &[Vec<Shown>] {
        &self.values
    }
}

/// Whether two values are shown alike; 0.0 and -0.0 are not.
fn is_same(a: &Shown, b: &Shown) -> bool {
    match (a, b) {
        (Shown::Float(a), Shown::Float(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_keeps_its_number() {
        let mut levels = Levels::default();
        let pair = |a: bool, b: u64| [Shown::Bool(a), Shown::Int(b)];
        let numbers = [pair(true, 1), pair(true, 1), pair(false, 1), pair(true, 1), pair(false, 2)]
            .map(|p| levels.number(p.iter()));
        assert_eq!(numbers, [0, 0, 1, 0, 2]);
        assert_eq!(levels.values()[2], [Shown::Bool(false), Shown::Int(2)]);
    }

    #[test]
    fn zero_has_two_signs() {
        let mut levels = Levels::default();
        assert_eq!([0.0, -0.0, 0.0].map(|x| levels.number([Shown::Float(x)].iter())), [0, 1, 0]);
    }
}
