//! Keys with their values, listed or in a range; and what is made of them: axes, rules of `[[exclude]]`, blocks of
//! `[[include]]`.

use toml::Value;

use super::range::Range;
use crate::config::text::Place;

/// Keys that move together; one key in `[grid]`, one or more in a `[[zip]]`.
#[derive(Debug, Clone)]
pub struct Axis {
    /// Where the axis begins.
    pub place: Place,
    /// One column or more, all of one length.
    pub columns: Vec<Column>,
}

impl Axis {
    /// Returns the number of values, at least 1.
    pub fn len(&self) -> u64 {
        self.columns[0].values.len()
    }

    /// Returns false: an axis has a first value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A key with its values.
#[derive(Debug, Clone)]
pub struct Column {
    /// The key's index in [`crate::spec::KEYS`].
    pub key: usize,
    /// Where the key was said.
    pub place: Place,
    /// One value or more.
    pub values: Values,
}

/// The values of a key.
#[derive(Debug, Clone)]
pub enum Values {
    /// The values as they were written.
    Listed(Vec<Item>),
    /// A range, whose values are computed when asked for.
    Range(Range, Place),
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

impl Values {
    /// Returns how many there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Listed(items) => items.len() as u64,
            Self::Range(range, _) => range.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns value number `i`, from 0.
    ///
    /// # Panics
    /// If `i` is not below [`Values::len`].
    pub fn get(&self, i: u64) -> Value {
        match self {
            Self::Listed(items) => items[index(i)].value.clone(),
            Self::Range(range, _) => range.get(i),
        }
    }

    /// Returns where value number `i` stands; for a range, where the range does.
    ///
    /// # Panics
    /// If `i` is not below [`Values::len`].
    pub fn place(&self, i: u64) -> &Place {
        match self {
            Self::Listed(items) => &items[index(i)].place,
            Self::Range(_, place) => place,
        }
    }
}

fn index(i: u64) -> usize {
    usize::try_from(i).expect("a list fits the memory")
}

/// `[[exclude]]`: drops the points that agree with one value of each of its keys.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where the rule begins.
    pub place: Place,
    /// One column or more.
    pub columns: Vec<Column>,
}

/// `[[include]]`: adds the product of its axes, over `[run]`.
#[derive(Debug, Clone)]
pub struct Include {
    /// Where the block begins.
    pub place: Place,
    /// One axis or more, each of one key.
    pub axes: Vec<Axis>,
}
