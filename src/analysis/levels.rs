//! The values that a factor of a grid takes, numbered: what the literature on experiments calls its levels.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::mem::discriminant;

use crate::spec::Shown;

/// The levels of one factor, in the order in which they come. A level takes 24 bytes for each key, and some 30 more.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    /// The keys that move with the factor.
    keys: usize,
    /// The number of each level, under a hash of its values or the next hash that was free.
    numbers: HashMap<u64, u32>,
    /// The levels' values, one for each key, level after level.
    values: Vec<Shown>,
    /// The level that came last: runs in a row mostly share it.
    last: usize,
}

impl Levels {
    /// Starts without levels. So many keys move with the factor, at least one.
    pub(super) fn of_keys(keys: usize) -> Self {
        Self { keys, numbers: HashMap::new(), values: Vec::new(), last: 0 }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.values.len() / self.keys
    }

    /// Returns the values of a level.
    pub(super) fn values(&self, level: u32) -> &[Shown] {
        &self.values[level as usize * self.keys..][..self.keys]
    }

    /// Returns the values of each level, by its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Shown]> {
        self.values.chunks_exact(self.keys)
    }

    /// Returns the number of the level with these values, one for each key.
    pub(super) fn number<'a>(&mut self, values: impl Iterator<Item = &'a Shown> + Clone) -> u32 {
        let next = u32::try_from(self.len()).expect("a plan numbers its runs in 32 bits");
        let last = u32::try_from(self.last).expect("one of the numbers");
        if last < next && self.is(last, values.clone()) {
            return last;
        }
        let values: Vec<&Shown> = values.collect();
        let mut hash = hash(values.iter().copied());
        loop {
            let number = *self.numbers.entry(hash).or_insert(next);
            if number == next {
                self.values.extend(values.iter().copied().cloned());
            }
            if self.is(number, values.iter().copied()) {
                self.last = number as usize;
                return number;
            }
            // Another level has this hash.
            hash = hash.wrapping_add(1);
        }
    }

    fn is<'a>(&self, level: u32, values: impl Iterator<Item = &'a Shown>) -> bool {
        self.values(level).iter().zip(values).all(|(a, b)| is_same(a, b))
    }
}

fn hash<'a>(values: impl Iterator<Item = &'a Shown>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for value in values {
        discriminant(value).hash(&mut hasher);
        match value {
            Shown::Bool(value) => value.hash(&mut hasher),
            Shown::Int(value) => value.hash(&mut hasher),
            Shown::Float(value) => value.to_bits().hash(&mut hasher),
            Shown::Text(value) => value.hash(&mut hasher),
        }
    }
    hasher.finish()
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
        let mut levels = Levels::of_keys(2);
        let pair = |a: bool, b: u64| [Shown::Bool(a), Shown::Int(b)];
        let numbers = [pair(true, 1), pair(true, 1), pair(false, 1), pair(true, 1), pair(false, 2)]
            .map(|p| levels.number(p.iter()));
        assert_eq!(numbers, [0, 0, 1, 0, 2]);
        assert_eq!((levels.len(), levels.values(2)), (3, &pair(false, 2)[..]));
    }

    #[test]
    fn zero_has_two_signs() {
        let mut levels = Levels::of_keys(1);
        assert_eq!([0.0, -0.0, 0.0].map(|x| levels.number([Shown::Float(x)].iter())), [0, 1, 0]);
    }

    #[test]
    fn levels_of_one_hash_are_told_apart() {
        let mut levels = Levels::of_keys(1);
        let (one, two) = (Shown::Text("one".into()), Shown::Text("two".into()));
        // What a level would leave whose hash is that of the other one.
        levels.number([&one].into_iter());
        levels.numbers = HashMap::from([(hash([&two].into_iter()), 0)]);
        assert_eq!([&two, &one, &two].map(|value| levels.number([value].into_iter())), [1, 2, 1]);
    }
}
