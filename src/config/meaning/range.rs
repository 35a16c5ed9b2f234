//! Ranges of numbers that are computed when asked for, so that one of 10^12 values costs nothing until it is refused.
//!
//! Value i of a linear range is from + i step, never a running sum; of a logarithmic one from (to / from)^(i / (n - 1)).
//! Floats are rounded to 15 (12 where logarithmic) significant digits: { from = 0.1, to = 0.3, step = 0.1 } holds the
//! 0.3 that a reader would type, and so the same runs.

use toml::Value;

use crate::kernels;

/// Numbers at even distances, or at even ratios.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    form: Form,
    count: u64,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Whole {
        from: i64,
        step: i64,
    },
    Linear {
        from: f64,
        step: f64,
        last: f64,
    },
    Logarithmic {
        from: f64,
        to: f64,
    },
    /// Logarithmic over whole numbers, each once.
    Rounded(Vec<i64>),
}

/// A number as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::config) enum Number {
    Whole(i64),
    Float(f64),
}

impl Number {
    pub(in crate::config) fn f64(self) -> f64 {
        match self {
            Self::Whole(n) => n as f64,
            Self::Float(x) => x,
        }
    }
}

/// How close, in steps, the last value of { from, to, step } must come to `to` to be `to`.
const REACHES: f64 = 1e-9;

impl Range {
    /// { from, count }: steps of 1. None where the values leave the numbers.
    pub(in crate::config) fn counted(from: Number, count: u64) -> Option<Self> {
        match from {
            Number::Whole(from) => Self::whole(from, 1, count),
            Number::Float(from) => Self::linear(from, 1.0, from + (count - 1) as f64, count),
        }
    }

    /// { from, to, step }, up to and including `to` where a step lands there; step > 0 and from <= to.
    pub(in crate::config) fn stepped(from: Number, to: Number, step: Number) -> Option<Self> {
        if let (Number::Whole(from), Number::Whole(to), Number::Whole(step)) = (from, to, step) {
            let count = (i128::from(to) - i128::from(from)) / i128::from(step) + 1;
            return Self::whole(from, step, u64::try_from(count).ok()?);
        }
        let (from, to, step) = (from.f64(), to.f64(), step.f64());
        let steps = (to - from) / step + REACHES;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats saturates")]
        let count = (steps as u64).saturating_add(1);
        let reached = from + (count - 1) as f64 * step;
        let last = if (to - reached).abs() <= 2.0 * REACHES * step { to } else { tidy(reached, 14) };
        Self::linear(from, step, last, count)
    }

    /// { from, to, count }: both ends included; from <= to.
    pub(in crate::config) fn between(from: Number, to: Number, count: u64) -> Option<Self> {
        let gaps = count - 1;
        if let (Number::Whole(from), Number::Whole(to)) = (from, to) {
            let distance = i128::from(to) - i128::from(from);
            if gaps == 0 || distance % i128::from(gaps) == 0 {
                let step = distance.checked_div(i128::from(gaps)).unwrap_or(1);
                return Self::whole(from, i64::try_from(step).ok()?, count);
            }
        }
        let (from, to) = (from.f64(), to.f64());
        Self::linear(from, (to - from) / gaps.max(1) as f64, to, count)
    }

    /// { from, to, count, scale = "log" }: both ends included; 0 < from <= to.
    pub(in crate::config) fn logarithmic(from: Number, to: Number, count: u64) -> Self {
        Self { form: Form::Logarithmic { from: from.f64(), to: to.f64() }, count }
    }

    /// Rounds the values to whole numbers, each once: for keys that take no others.
    pub(in crate::config) fn rounded(self) -> Self {
        let mut whole: Vec<i64> = (0..self.count)
            .map(|i| match self.get(i) {
                #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
                Value::Float(x) => x.round() as i64,
                other => other.as_integer().expect("a range holds numbers"),
            })
            .collect();
        whole.dedup();
        Self { count: whole.len() as u64, form: Form::Rounded(whole) }
    }

    fn whole(from: i64, step: i64, count: u64) -> Option<Self> {
        let last = i128::from(from) + i128::from(step) * i128::from(count - 1);
        i64::try_from(last).ok()?;
        Some(Self { form: Form::Whole { from, step }, count })
    }

    fn linear(from: f64, step: f64, last: f64, count: u64) -> Option<Self> {
        (step.is_finite() && last.is_finite()).then_some(Self { form: Form::Linear { from, step, last }, count })
    }

    /// The number of values, at least 1.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// False: a range has a first value.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Value number `i`, from 0.
    ///
    /// # Panics
    /// If `i` is not below [`Range::len`].
    pub fn get(&self, i: u64) -> Value {
        assert!(i < self.count, "the range has {} values", self.count);
        let is_last = i == self.count - 1;
        match &self.form {
            Form::Whole { from, step } => {
                Value::Integer(from + step * i64::try_from(i).expect("the last value was checked"))
            }
            Form::Linear { from, .. } | Form::Logarithmic { from, .. } if i == 0 => Value::Float(*from),
            Form::Linear { last, .. } if is_last => Value::Float(*last),
            Form::Linear { from, step, last } => {
                let x = tidy(from + i as f64 * step, 14);
                // What is left of a difference of equal numbers is zero.
                let is_zero = x.abs() < 1e-12 * from.abs().max(last.abs());
                Value::Float(if is_zero { 0.0 } else { x })
            }
            Form::Logarithmic { to, .. } if is_last => Value::Float(*to),
            Form::Logarithmic { from, to } => {
                let whole = kernels::ln(*to) - kernels::ln(*from);
                Value::Float(tidy(kernels::exp(kernels::ln(*from) + whole * (i as f64 / (self.count - 1) as f64)), 11))
            }
            Form::Rounded(values) => Value::Integer(values[usize::try_from(i).expect("a vector's index")]),
        }
    }
}

/// `x` rounded to 1 + `digits` significant decimal digits.
fn tidy(x: f64, digits: usize) -> f64 {
    format!("{x:.digits$e}").parse().expect("a printed float is a float")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Number::{Float, Whole};

    fn all(range: Option<Range>) -> Vec<f64> {
        let range = range.expect("the numbers are in range");
        (0..range.len()).map(|i| range.get(i).as_float().unwrap_or_else(|| panic!("value {i} is whole"))).collect()
    }

    fn whole(range: Option<Range>) -> Vec<i64> {
        let range = range.expect("the numbers are in range");
        (0..range.len()).map(|i| range.get(i).as_integer().unwrap_or_else(|| panic!("value {i} is a float"))).collect()
    }

    #[test]
    fn whole_ends_give_whole_numbers_where_they_fit() {
        assert_eq!(whole(Range::counted(Whole(3), 4)), [3, 4, 5, 6]);
        assert_eq!(whole(Range::stepped(Whole(5), Whole(20), Whole(5))), [5, 10, 15, 20]);
        assert_eq!(whole(Range::stepped(Whole(5), Whole(19), Whole(5))), [5, 10, 15]);
        assert_eq!(whole(Range::between(Whole(10), Whole(50), 5)), [10, 20, 30, 40, 50]);
        assert_eq!(all(Range::between(Whole(0), Whole(1), 5)), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert!(Range::counted(Whole(i64::MAX), 2).is_none());
    }

    #[test]
    fn floats_are_the_numbers_that_a_reader_would_type() {
        assert_eq!(all(Range::stepped(Float(0.1), Float(0.5), Float(0.1))), [0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(all(Range::stepped(Float(0.1), Float(0.25), Float(0.1))), [0.1, 0.2]);
        assert_eq!(all(Range::between(Float(-0.3), Float(0.3), 7)), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]);
        assert_eq!(all(Range::counted(Float(0.5), 3)), [0.5, 1.5, 2.5]);
        assert_eq!(all(Some(Range::logarithmic(Float(1e-4), Float(0.1), 4))), [1e-4, 1e-3, 1e-2, 0.1]);
    }

    #[test]
    fn a_logarithmic_range_of_whole_numbers_holds_each_once() {
        let range = Range::logarithmic(Whole(1), Whole(100), 9).rounded();
        assert_eq!(whole(Some(range)), [1, 2, 3, 6, 10, 18, 32, 56, 100]);
        assert_eq!(whole(Some(Range::logarithmic(Whole(1), Whole(3), 9).rounded())), [1, 2, 3]);
    }

    #[test]
    fn a_range_of_any_size_costs_nothing() {
        let range = Range::counted(Whole(0), 1_000_000_000_000).expect("in range");
        assert_eq!(range.get(999_999_999_999), Value::Integer(999_999_999_999));
        let beyond = Range::stepped(Float(0.0), Float(1e300), Float(1e-300)).expect("its size is what refuses it");
        assert_eq!(beyond.len(), u64::MAX);
    }
}
