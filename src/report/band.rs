//! One number of a cell over its seeds: the mean and range of the values that can be drawn, and how many values are
//! marked as 0, underflowed, infinite or not a number.

use crate::metric::RowStatus;
use crate::names::named;

named! {
    /// What is special about a number, and must be seen in every figure that shows it. Of several in one place the last
    /// counts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Mark {
        /// It is 0 for a reason of the network.
        Zero = "zero",
        /// It is 0 because slopes or activations are too small for the run's precision.
        Underflow = "underflow",
        /// It is not a number.
        Nan = "not a number",
        /// It is infinite.
        Inf = "infinite",
    }
}

impl Mark {
    /// Returns the mark of a norm's log10 in a row of this status. The status covers all gradients of the row, so it
    /// alone does not say which of them it speaks of.
    pub fn of(log10: f64, status: RowStatus) -> Option<Self> {
        match log10 {
            f64::NEG_INFINITY if status == RowStatus::Underflow => Some(Self::Underflow),
            f64::NEG_INFINITY => Some(Self::Zero),
            f64::INFINITY => Some(Self::Inf),
            log10 => log10.is_nan().then_some(Self::Nan),
        }
    }
}

/// How many of some numbers have each mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks([u32; Mark::ALL.len()]);

impl Marks {
    /// How many have this one.
    pub fn count(&self, mark: Mark) -> u32 {
        self.0[mark as usize]
    }

    /// The marks that some have, in the order of [`Mark::ALL`].
    pub fn present(&self) -> impl Iterator<Item = Mark> {
        let counts = self.0;
        Mark::ALL.into_iter().filter(move |mark| counts[*mark as usize] > 0)
    }

    /// The one that is shown where there is room for one.
    pub fn worst(&self) -> Option<Mark> {
        self.present().last()
    }

    /// Counts a number's mark, if it has one.
    pub fn add(&mut self, mark: Option<Mark>) {
        if let Some(mark) = mark {
            self.0[mark as usize] += 1;
        }
    }
}

/// One number over the seeds of a cell; of norms, here and in all figures, the log10, so that the mean is the geometric
/// one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Seeds with a finite value, of which the rest is taken.
    pub n: u32,
    /// Their mean; NaN of none.
    pub mean: f64,
    /// The least of them; NaN of none.
    pub low: f64,
    /// The greatest of them; NaN of none.
    pub high: f64,
    /// What is special about the seeds' values. An underflow that is not 0 is among the finite ones, too.
    pub marks: Marks,
}

impl Band {
    /// Whether there is something to draw as a point.
    pub fn is_finite(&self) -> bool {
        self.n > 0
    }
}

/// A [`Band`] whose values come one by one.
#[derive(Debug, Clone, Copy)]
pub(super) struct BandBuilder {
    n: u32,
    sum: f64,
    low: f64,
    high: f64,
    marks: Marks,
}

impl Default for BandBuilder {
    fn default() -> Self {
        Self { n: 0, sum: 0.0, low: f64::INFINITY, high: f64::NEG_INFINITY, marks: Marks::default() }
    }
}

impl BandBuilder {
    /// Adds the log10 of a norm in a row of this status, rounded by `recorded` as tables show it.
    pub(super) fn add_norm(&mut self, log10: f64, status: RowStatus, recorded: impl Fn(f64) -> f64) {
        self.marks.add(Mark::of(log10, status));
        self.take(recorded(log10));
    }

    /// Adds a log10 that was taken before, such as a mean of several: -inf is that of 0.
    pub(super) fn add_log10(&mut self, log10: f64, recorded: impl Fn(f64) -> f64) {
        self.add_norm(log10, RowStatus::Ok, recorded);
    }

    /// Adds a number as it is.
    pub(super) fn add(&mut self, x: f64) {
        self.marks.add(match x {
            f64::INFINITY | f64::NEG_INFINITY => Some(Mark::Inf),
            x => x.is_nan().then_some(Mark::Nan),
        });
        self.take(x);
    }

    fn take(&mut self, x: f64) {
        if x.is_finite() {
            self.n += 1;
            self.sum += x;
            self.low = self.low.min(x);
            self.high = self.high.max(x);
        }
    }

    pub(super) fn mean(&self) -> f64 {
        if self.n == 0 {
            return f64::NAN;
        }
        // A mean lies between its values; rounding must not say otherwise.
        (self.sum / f64::from(self.n)).clamp(self.low, self.high)
    }

    pub(super) fn marks(&self) -> Marks {
        self.marks
    }

    pub(super) fn band(&self) -> Band {
        let Self { n, low, high, marks, .. } = *self;
        let or_nan = |x: f64| if n == 0 { f64::NAN } else { x };
        Band { n, mean: self.mean(), low: or_nan(low), high: or_nan(high), marks }
    }
}
