//! Loops over elements, compiled for every tier.
//!
//! A loop becomes vector code only if what it calls is inlined. A closure of a few operations always is; longer
//! formulas implement [`Unary`] or [`Binary`] with an `#[inline(always)]` method, since a closure cannot be marked so.
//! A closure that calls methods of its arguments names their types: `|x: F| x.abs()`.

use std::array;

use super::Real;
use super::tier::{Pass, Tier};

/// A scalar function of one argument.
pub trait Unary<F: Real> {
    /// f(x); must be `#[inline(always)]`.
    fn at(&self, x: F) -> F;
}

/// A scalar function of two arguments.
pub trait Binary<F> {
    /// f(y, x); must be `#[inline(always)]`.
    fn at(&self, y: F, x: F) -> F;
}

impl<F: Real, G: Fn(F) -> F> Unary<F> for G {
    #[inline(always)]
    fn at(&self, x: F) -> F {
        self(x)
    }
}

impl<F, G: Fn(F, F) -> F> Binary<F> for G {
    #[inline(always)]
    fn at(&self, y: F, x: F) -> F {
        self(y, x)
    }
}

pub(super) struct Map<'a, F, U> {
    pub(super) x: &'a [F],
    pub(super) y: &'a mut [F],
    pub(super) f: U,
}

impl<F: Real, U: Unary<F>> Pass for Map<'_, F, U> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y = self.f.at(x);
        }
    }
}

pub(super) struct MapZip<'a, F, B> {
    pub(super) x: &'a [F],
    pub(super) y: &'a mut [F],
    pub(super) f: B,
}

impl<F: Real, B: Binary<F>> Pass for MapZip<'_, F, B> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y = self.f.at(*y, x);
        }
    }
}

struct Zip<'a, F, G, const R: usize, const W: usize> {
    read: [&'a [F]; R],
    write: [&'a mut [F]; W],
    f: G,
}

impl<F: Real, G: Fn([F; R], [F; W]) -> [F; W], const R: usize, const W: usize> Pass for Zip<'_, F, G, R, W> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { read, mut write, f } = self;
        let read_len = read.iter().map(|x| x.len()).min().unwrap_or(usize::MAX);
        let n = write.iter().map(|y| y.len()).min().unwrap_or(0).min(read_len);
        // Cut to one length, so that the compiler sees every index in bounds.
        let read = read.map(|x| &x[..n]);
        let write = write.each_mut().map(|y| &mut y[..n]);
        for i in 0..n {
            let y = f(array::from_fn(|k| read[k][i]), array::from_fn(|k| write[k][i]));
            for k in 0..W {
                write[k][i] = y[k];
            }
        }
    }
}

/// y = f(x).
pub fn map<F: Real>(x: &[F], y: &mut [F], f: impl Unary<F>) {
    Tier::current().run(Map { x, y, f });
}

/// y = f(y, x).
pub fn map_zip<F: Real>(x: &[F], y: &mut [F], f: impl Binary<F>) {
    Tier::current().run(MapZip { x, y, f });
}

/// The entries number i of the slices in `write` become f(entries i of `read`, entries i of `write`), for every i that
/// all slices have. `f` is to be a closure of some operations.
pub fn zip<F: Real, const R: usize, const W: usize>(
    read: [&[F]; R],
    write: [&mut [F]; W],
    f: impl Fn([F; R], [F; W]) -> [F; W],
) {
    Tier::current().run(Zip { read, write, f });
}

/// y = x + s y: a residual branch y joins the stream x.
pub fn add_scaled<F: Real>(x: &[F], s: F, y: &mut [F]) {
    if s == F::one() {
        map_zip(x, y, |y, x| x + y);
    } else {
        map_zip(x, y, move |y, x| x + s * y);
    }
}

/// y = s x.
pub fn scale<F: Real>(x: &[F], s: F, y: &mut [F]) {
    map(x, y, move |x| s * x);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize, seed: u32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 + 0.3) * 0.37 - f32::from(u16::try_from(seed).expect("small"))).collect()
    }

    #[test]
    fn every_tier_gives_what_a_plain_loop_gives_at_every_length() {
        for n in 0..70 {
            let (x, y, z) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
            for tier in Tier::available() {
                let mut got = y.clone();
                tier.run(Map { x: &x, y: &mut got, f: |x| x * 3.0 - 1.0 });
                assert!(got.iter().zip(&x).all(|(&got, x)| got == x * 3.0 - 1.0), "{tier:?}, {n}");
                let mut got = y.clone();
                tier.run(MapZip { x: &x, y: &mut got, f: |y, x| y - 0.1 * x });
                assert!(got.iter().zip(x.iter().zip(&y)).all(|(&got, (x, y))| got == y - 0.1 * x), "{tier:?}, {n}");
                let (mut first, mut second) = (y.clone(), z.clone());
                tier.run(Zip {
                    read: [&x[..]],
                    write: [&mut first[..], &mut second[..]],
                    f: |[x]: [f32; 1], [y, z]: [f32; 2]| [y + x * z, x - y],
                });
                for i in 0..n {
                    assert_eq!((first[i], second[i]), (y[i] + x[i] * z[i], x[i] - y[i]), "{tier:?}, {n}");
                }
            }
        }
    }
}
