//! Rows of small numbers in as few bits as they need: each of a million runs takes eight bytes.

use std::cmp::Ordering;

const WORD: u32 = u64::BITS;

/// Rows of as many numbers each. A row takes as many bits of every number as the largest in its place needs, in whole
/// words. The first number stands highest, so that words in order are rows in order.
#[derive(Debug, Clone)]
pub(super) struct PackedRows {
    fields: Vec<Field>,
    /// Words of a row; at least one.
    words: usize,
    rows: Vec<u64>,
}

/// Where a number stands in every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Field {
    word: usize,
    /// How far it stands above the word's lowest bit; 0 where it has no bits.
    shift: u32,
    bits: u32,
}

impl Field {
    fn mask(self) -> u64 {
        // The shift by 64 of a number without bits would be one too far.
        u64::MAX.checked_shr(WORD - self.bits).unwrap_or(0) << self.shift
    }

    fn of(self, row: &[u64]) -> u32 {
        u32::try_from((row[self.word] & self.mask()) >> self.shift).expect("a number has 32 bits")
    }
}

/// Some of the numbers of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mask(Vec<u64>);

impl PackedRows {
    /// Starts without rows, each of which will have so many numbers.
    pub(super) fn of_numbers(numbers: usize) -> Self {
        Self { fields: vec![Field::default(); numbers], words: 1, rows: Vec::new() }
    }

    /// Makes room for so many rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        self.rows.reserve_exact(rows * self.words);
    }

    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len() / self.words
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &[u32]) {
        let needed = |number: u32| u32::BITS - number.leading_zeros();
        if row.iter().zip(&self.fields).any(|(&number, field)| needed(number) > field.bits) {
            let bits = row.iter().zip(&self.fields).map(|(&number, field)| needed(number).max(field.bits));
            self.widen(&bits.collect::<Vec<_>>());
        }
        let at = self.rows.len();
        self.rows.resize(at + self.words, 0);
        set(&mut self.rows[at..], &self.fields, row);
    }

    /// Returns number `number` of row `row`.
    pub(super) fn get(&self, row: usize, number: usize) -> u32 {
        self.fields[number].of(self.row(row))
    }

    /// Returns the mask of these numbers.
    pub(super) fn mask(&self, numbers: impl Iterator<Item = usize>) -> Mask {
        let mut mask = vec![0; self.words];
        for field in numbers.map(|number| self.fields[number]) {
            mask[field.word] |= field.mask();
        }
        Mask(mask)
    }

    /// Compares two rows in some of their numbers, of which the first that differ decide.
    pub(super) fn compare(&self, a: usize, b: usize, mask: &Mask) -> Ordering {
        let masked = |row| self.row(row).iter().zip(&mask.0).map(|(word, mask)| word & mask);
        masked(a).cmp(masked(b))
    }

    fn row(&self, row: usize) -> &[u64] {
        &self.rows[row * self.words..][..self.words]
    }

    /// Gives every number so many bits, in all rows.
    fn widen(&mut self, bits: &[u32]) {
        let before = std::mem::take(&mut self.fields);
        let words_before = self.words;
        (self.fields, self.words) = places(bits);
        let mut numbers = vec![0; bits.len()];
        let read = |row: &[u64], numbers: &mut [u32]| {
            numbers.iter_mut().zip(&before).for_each(|(number, field)| *number = field.of(row));
        };
        if self.words == words_before {
            for row in self.rows.chunks_exact_mut(self.words) {
                read(row, &mut numbers);
                set(row, &self.fields, &numbers);
            }
            return;
        }
        let capacity = self.rows.capacity() / words_before * self.words;
        let mut rows = Vec::with_capacity(capacity);
        for row in self.rows.chunks_exact(words_before) {
            let at = rows.len();
            rows.resize(at + self.words, 0);
            read(row, &mut numbers);
            set(&mut rows[at..], &self.fields, &numbers);
        }
        self.rows = rows;
    }
}

/// Returns where numbers of so many bits stand, the first ones highest, and how many words they take.
fn places(bits: &[u32]) -> (Vec<Field>, usize) {
    let (mut word, mut free) = (0, WORD);
    let mut place = |&bits: &u32| {
        if bits > free {
            (word, free) = (word + 1, WORD);
        }
        free -= bits;
        Field { word, shift: if bits == 0 { 0 } else { free }, bits }
    };
    let fields = bits.iter().map(&mut place).collect();
    (fields, word + 1)
}

fn set(row: &mut [u64], fields: &[Field], numbers: &[u32]) {
    row.fill(0);
    for (field, &number) in fields.iter().zip(numbers) {
        row[field.word] |= u64::from(number) << field.shift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_come_back_and_are_in_the_order_of_their_numbers(
            rows in (1_usize..9).prop_flat_map(|numbers| {
                let number = prop_oneof![0_u32..3, 0_u32..200, any::<u32>()];
                proptest::collection::vec(proptest::collection::vec(number, numbers), 1..40)
            }),
            left_out in 0_usize..9,
        ) {
            let numbers = rows[0].len();
            let mut packed = PackedRows::of_numbers(numbers);
            packed.reserve(rows.len());
            for row in &rows {
                packed.push(row);
            }
            prop_assert_eq!(packed.len(), rows.len());
            let taken: Vec<usize> = (0..numbers).filter(|number| *number != left_out).collect();
            let mask = packed.mask(taken.iter().copied());
            let some = |row: usize| taken.iter().map(|&number| rows[row][number]).collect::<Vec<_>>();
            for a in 0..rows.len() {
                let row: Vec<u32> = (0..numbers).map(|number| packed.get(a, number)).collect();
                prop_assert_eq!(&row, &rows[a]);
                for b in 0..rows.len() {
                    prop_assert_eq!(packed.compare(a, b, &mask), some(a).cmp(&some(b)));
                }
            }
        }
    }

    #[test]
    fn a_row_takes_no_more_words_than_its_bits_need() {
        let mut packed = PackedRows::of_numbers(5);
        packed.push(&[0, 0, 0, 0, 0]);
        packed.push(&[19, 49, 9, 999_999, 1]);
        assert_eq!((packed.rows.len(), packed.words), (2, 1));
        packed.push(&[u32::MAX, u32::MAX, 0, 0, 0]);
        // 32 + 32, and 4 + 20 + 1.
        assert_eq!((packed.rows.len(), packed.words), (6, 2));
    }
}
