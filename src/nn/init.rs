//! Initial weights: W (fan_in, fan_out) is drawn entry by entry from standard normal (or uniform) numbers.
//! [`Init::origin`] has the table of them.
//!
//! Uniform means U(-sqrt(3 var), sqrt(3 var)): the same variance.

use serde::{Deserialize, Serialize};

use crate::kernels::{Real, sqrt};
use crate::names::named;
use crate::seed::Random;

named! {
    /// The distribution of the initial weights of a layer.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(missing_docs, reason = "`origin` says what each one is")]
    pub enum Init {
        #[serde(alias = "xavier", alias = "glorot")]
        XavierNormal = "xavier_normal",
        XavierUniform = "xavier_uniform",
        #[serde(alias = "he", alias = "kaiming")]
        HeNormal = "he_normal",
        HeUniform = "he_uniform",
        HeFanOutNormal = "he_fan_out_normal",
        #[serde(alias = "lecun")]
        LecunNormal = "lecun_normal",
        LecunUniform = "lecun_uniform",
        Orthogonal = "orthogonal",
        PytorchDefault = "pytorch_default",
    }
}

/// What an init is, as a person reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Other names that configs may use.
    pub aliases: &'static [&'static str],
    /// How entries are distributed.
    pub distribution: &'static str,
    /// The variance of one weight at gain 1.
    pub variance: &'static str,
    /// The paper that proposed it, or who uses it.
    pub paper: &'static str,
}

impl Init {
    /// Its distribution, and where it comes from.
    #[rustfmt::skip]
    pub fn origin(self) -> Origin {
        let row = |aliases, distribution, variance, paper| Origin { aliases, distribution, variance, paper };
        match self {
            Self::XavierNormal => row(&["xavier", "glorot"], "normal", "2 / (fan_in + fan_out)", "Glorot and Bengio 2010"),
            Self::XavierUniform => row(&[], "uniform", "2 / (fan_in + fan_out)", "Glorot and Bengio 2010"),
            Self::HeNormal => row(&["he", "kaiming"], "normal", "2 / fan_in", "He et al. 2015"),
            Self::HeUniform => row(&[], "uniform", "2 / fan_in", "He et al. 2015"),
            Self::HeFanOutNormal => row(&[], "normal", "2 / fan_out", "He et al. 2015"),
            Self::LecunNormal => row(&["lecun"], "normal", "1 / fan_in", "LeCun et al. 1998"),
            Self::LecunUniform => row(&[], "uniform", "1 / fan_in", "LeCun et al. 1998"),
            Self::Orthogonal => row(&[], "orthonormal", "1 / max(fan_in, fan_out)", "Saxe et al. 2014"),
            Self::PytorchDefault => row(&[], "uniform, biases too; recurrent: one bias, torch adds up two", "1 / (3 fan_in); recurrent: 1 / (3 H)", "torch.nn"),
        }
    }

    /// Variance of one weight at gain 1. For `orthogonal` that of an entry of a random orthonormal frame.
    pub fn variance(self, fan_in: usize, fan_out: usize) -> f64 {
        let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
        match self {
            Self::XavierNormal | Self::XavierUniform => 2.0 / (fan_in + fan_out),
            Self::HeNormal | Self::HeUniform => 2.0 / fan_in,
            Self::HeFanOutNormal => 2.0 / fan_out,
            Self::LecunNormal | Self::LecunUniform => 1.0 / fan_in,
            Self::Orthogonal => 1.0 / fan_in.max(fan_out),
            Self::PytorchDefault => 1.0 / (3.0 * fan_in),
        }
    }

    /// Fills W (fan_in, fan_out), row-major, `gain` times the distribution.
    pub fn fill<F: Real>(self, random: &mut Random, (fan_in, fan_out): (usize, usize), gain: f64, w: &mut [F]) {
        let std = gain * sqrt(self.variance(fan_in, fan_out));
        match self {
            Self::XavierNormal | Self::HeNormal | Self::HeFanOutNormal | Self::LecunNormal => {
                w.iter_mut().for_each(|w| *w = F::from_f64(std * random.normal()));
            }
            Self::XavierUniform | Self::HeUniform | Self::LecunUniform | Self::PytorchDefault => {
                let bound = std * sqrt(3.0);
                w.iter_mut().for_each(|w| *w = F::from_f64(bound * random.symmetric()));
            }
            Self::Orthogonal => {
                let frame = orthonormal(random, fan_in, fan_out);
                w.iter_mut().zip(frame).for_each(|(w, q)| *w = F::from_f64(gain * q));
            }
        }
    }
}

/// A uniformly random (rows, columns) matrix with orthonormal columns, or rows where there are fewer of those: the Q
/// of a normal matrix by Gram-Schmidt, each vector orthogonalised twice, which reaches machine precision (Giraud et
/// al. 2005).
fn orthonormal(random: &mut Random, rows: usize, columns: usize) -> Vec<f64> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    // Draw in row-major order of the result, then gather the vectors, so that square cases match the normal inits.
    let draws: Vec<f64> = (0..rows * columns).map(|_| random.normal()).collect();
    let tall = rows >= columns;
    let entry = |vector: usize, i: usize| if tall { i * columns + vector } else { vector * columns + i };
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    for vector in 0..count {
        let mut v: Vec<f64> = (0..length).map(|i| draws[entry(vector, i)]).collect();
        for _ in 0..2 {
            for q in &basis {
                let along: f64 = q.iter().zip(&v).map(|(q, v)| q * v).sum();
                v.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
            }
        }
        let norm = sqrt(v.iter().map(|v| v * v).sum::<f64>());
        v.iter_mut().for_each(|v| *v /= norm);
        basis.push(v);
    }
    let mut frame = vec![0.0; rows * columns];
    for (vector, q) in basis.iter().enumerate() {
        for (i, &q) in q.iter().enumerate() {
            frame[entry(vector, i)] = q;
        }
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;

    fn draw(init: Init, size: (usize, usize), gain: f64) -> Vec<f64> {
        let mut w = vec![0.0; size.0 * size.1];
        init.fill(&mut Random::new(1, Stream::Weights { layer: 1 }), size, gain, &mut w);
        w
    }

    #[test]
    fn every_init_has_mean_zero_and_its_stated_variance() {
        for init in Init::ALL {
            for (size, gain) in [((200, 100), 1.0), ((100, 200), 1.5), ((128, 128), 0.5)] {
                let w = draw(init, size, gain);
                let n = w.len() as f64;
                let variance = gain * gain * init.variance(size.0, size.1);
                let mean = w.iter().sum::<f64>() / n;
                let got = w.iter().map(|w| w * w).sum::<f64>() / n;
                assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "{init:?}: mean {mean}");
                // Four standard errors of a normal's variance.
                assert!((got / variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{init:?}: {got} not {variance}");
            }
        }
    }

    #[test]
    fn uniform_inits_stay_within_their_bounds() {
        let w = draw(Init::PytorchDefault, (64, 64), 1.0);
        assert!(w.iter().all(|w| w.abs() < 0.125));
        assert!(w.iter().any(|w| w.abs() > 0.124));
    }

    #[test]
    fn orthogonal_weights_have_orthonormal_rows_or_columns() {
        for (rows, columns) in [(7, 7), (9, 4), (4, 9), (1, 5)] {
            let w = draw(Init::Orthogonal, (rows, columns), 1.0);
            let dot = |a: usize, b: usize| -> f64 {
                if rows >= columns {
                    (0..rows).map(|i| w[i * columns + a] * w[i * columns + b]).sum()
                } else {
                    (0..columns).map(|j| w[a * columns + j] * w[b * columns + j]).sum()
                }
            };
            for a in 0..rows.min(columns) {
                for b in 0..rows.min(columns) {
                    let want = if a == b { 1.0 } else { 0.0 };
                    assert!((dot(a, b) - want).abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn normal_inits_share_their_draws() {
        let (he, xavier) = (draw(Init::HeNormal, (8, 8), 1.0), draw(Init::XavierNormal, (8, 8), 1.0));
        assert!(he.iter().zip(&xavier).all(|(h, x)| (h / x - 2.0_f64.sqrt()).abs() < 1e-14));
    }
}
