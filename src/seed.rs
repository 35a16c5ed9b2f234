//! (seed, stream) -> random numbers: one independent stream per purpose, never one stream in the order of draws, so
//! that runs which differ only in activation, init or flags share their normal draws and their order of examples.
//!
//! Bits come from ChaCha8 (Bernstein 2008) with the seed as key and the stream as nonce. Normal numbers come from the
//! inverse of the normal distribution function, so that one uniform draw is one normal draw and both inits of a
//! comparison see the same luck. Every draw is made in f64, whatever the run's precision.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::kernels::{ln, sqrt};

/// What a stream of random numbers is for. `layer` counts from 1, the head last; `epoch` counts from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The initial weights of a layer.
    Weights {
        /// Which layer.
        layer: usize,
    },
    /// The initial biases of a layer.
    Biases {
        /// Which layer.
        layer: usize,
    },
    /// The permutation of an epoch.
    Order {
        /// Which epoch.
        epoch: usize,
    },
    /// The class centres of synthetic data.
    Centres,
    /// The training inputs of synthetic data.
    TrainInputs,
    /// The test inputs of synthetic data.
    TestInputs,
    /// The labels of synthetic data.
    Labels,
    /// The initial weights of a layer from its own state one time step before, gate after gate.
    RecurrentWeights {
        /// Which layer.
        layer: usize,
    },
    /// The sequences of a training step.
    Sequences {
        /// Which step, from 0.
        step: usize,
    },
    /// The sequences of the test.
    TestSequences,
}

impl Stream {
    /// The nonce: the purpose in the high 16 bits, the index below.
    fn nonce(self) -> u64 {
        let (purpose, index) = match self {
            Self::Weights { layer } => (1, layer),
            Self::Biases { layer } => (2, layer),
            Self::Order { epoch } => (3, epoch),
            Self::Centres => (4, 0),
            Self::TrainInputs => (5, 0),
            Self::TestInputs => (6, 0),
            Self::Labels => (7, 0),
            Self::RecurrentWeights { layer } => (8, layer),
            Self::Sequences { step } => (9, step),
            Self::TestSequences => (10, 0),
        };
        (purpose << 48) | index as u64
    }
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of `seed` for one purpose.
    pub fn new(seed: u64, stream: Stream) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..13].copy_from_slice(b"vgrun");
        let mut bits = ChaCha8Rng::from_seed(key);
        bits.set_stream(stream.nonce());
        Self(bits)
    }

    /// Uniform on (0, 1), never an end point: the middle of one of 2^52 equal cells.
    pub fn uniform(&mut self) -> f64 {
        let cell = self.0.next_u64() >> 12;
        (cell as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
    }

    /// Uniform on (-1, 1).
    pub fn symmetric(&mut self) -> f64 {
        2.0 * self.uniform() - 1.0
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// Uniform on 0..n without bias (Lemire 2019, "Fast random integer generation in an interval").
    ///
    /// # Panics
    /// If n is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "an empty range has no number");
        let n = n as u64;
        let threshold = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.0.next_u64()) * u128::from(n);
            let (high, low) = ((wide >> 64) as u64, wide & u128::from(u64::MAX));
            if low >= u128::from(threshold) {
                return usize::try_from(high).expect("below n, which was a usize");
            }
        }
    }

    /// Fills `order` with a uniform permutation of 0..len (Fisher and Yates).
    pub fn permutation(&mut self, order: &mut [usize]) {
        for (i, slot) in order.iter_mut().enumerate() {
            *slot = i;
        }
        for i in (1..order.len()).rev() {
            order.swap(i, self.below(i + 1));
        }
    }
}

/// The inverse of the standard normal distribution function, for 0 < p < 1, to about 1e-16 relative: algorithm AS 241
/// (Wichura 1988, PPND16), whose coefficients these are.
fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        let above = [
            3.387_132_872_796_366_5,
            133.141_667_891_784_38,
            1_971.590_950_306_551_3,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ];
        let below = [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_854,
        ];
        return q * polynomial(&above, r) / polynomial(&below, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = sqrt(-ln(tail));
    let x = if r <= 5.0 {
        let above = [
            1.423_437_110_749_683_5,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            7.745_450_142_783_414e-4,
        ];
        let below = [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            5.475_938_084_995_345e-4,
            1.050_750_071_644_416_9e-9,
        ];
        polynomial(&above, r - 1.6) / polynomial(&below, r - 1.6)
    } else {
        let above = [
            6.657_904_643_501_103,
            5.463_784_911_164_114,
            1.784_826_539_917_291_3,
            0.296_560_571_828_504_87,
            0.026_532_189_526_576_124,
            0.001_242_660_947_388_078_4,
            2.711_555_568_743_487_6e-5,
            2.010_334_399_292_288_1e-7,
        ];
        let below = [
            1.0,
            0.599_832_206_555_888,
            0.136_929_880_922_735_8,
            0.014_875_361_290_850_615,
            7.868_691_311_456_133e-4,
            1.846_318_317_510_054_7e-5,
            1.421_511_758_316_446e-7,
            2.044_263_103_389_939_8e-15,
        ];
        polynomial(&above, r - 5.0) / polynomial(&below, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}

/// sum of c_i x^i, by Horner's rule.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_streams_are_these_numbers_on_every_machine() {
        let mut weights = Random::new(0, Stream::Weights { layer: 1 });
        let drawn: Vec<u64> = (0..3).map(|_| weights.normal().to_bits()).collect();
        assert_eq!(drawn, [4_612_239_737_290_019_240, 13_809_696_333_463_943_338, 13_833_506_216_303_997_055]);
        let mut order = [0; 8];
        Random::new(1, Stream::Order { epoch: 2 }).permutation(&mut order);
        assert_eq!(order, [3, 2, 7, 1, 5, 6, 0, 4]);
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_index() {
        let first = |seed, stream| Random::new(seed, stream).uniform().to_bits();
        let all = [
            first(0, Stream::Weights { layer: 1 }),
            first(0, Stream::Weights { layer: 2 }),
            first(0, Stream::Biases { layer: 1 }),
            first(0, Stream::RecurrentWeights { layer: 1 }),
            first(0, Stream::Order { epoch: 1 }),
            first(1, Stream::Weights { layer: 1 }),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(!all[..i].contains(a));
        }
    }

    #[test]
    fn the_quantile_inverts_the_distribution_function() {
        // Phi(x) = erfc(-x / sqrt 2) / 2; the relative error of p is x p'(x) / p times that of x.
        for i in 1..2000 {
            let x = f64::from(i) * 0.004 - 8.2;
            let p = 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
            assert!((normal_quantile(p) - x).abs() < 1e-13 * (1.0 + x.abs()), "{x}: {}", normal_quantile(p));
        }
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn normal_draws_have_the_moments_of_a_normal_distribution() {
        let mut random = Random::new(3, Stream::TrainInputs);
        let draws: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let moment = |k: i32| draws.iter().map(|x| x.powi(k)).sum::<f64>() / 1e5;
        // Four standard errors of each moment: sqrt(var / n).
        assert!(moment(1).abs() < 4.0 * (1.0_f64 / 1e5).sqrt());
        assert!((moment(2) - 1.0).abs() < 4.0 * (2.0_f64 / 1e5).sqrt());
        assert!(moment(3).abs() < 4.0 * (15.0_f64 / 1e5).sqrt());
        assert!((moment(4) - 3.0).abs() < 4.0 * (96.0_f64 / 1e5).sqrt());
    }

    #[test]
    fn bounded_draws_are_even_and_permutations_are_complete() {
        let mut random = Random::new(5, Stream::Labels);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[random.below(7)] += 1;
        }
        assert!(counts.iter().all(|c| (*c - 10_000_i32).abs() < 400), "{counts:?}");
        let mut order = vec![0; 100];
        random.permutation(&mut order);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..100));
    }
}
