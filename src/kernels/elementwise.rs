//! Loops over elements, compiled for every tier.
//!
//! A loop becomes vector code only if what it calls is inlined. A closure of a few operations always is; longer
//! formulas implement [`Unary`] or [`Binary`] with an `#[inline(always)]` method, since a closure cannot be marked so.
//! A closure that calls methods of its arguments names their types: `|x: F| x.abs()`.

use std::array;

use super::Real;
use super::tier::{Pass, Tier};
use super::units::{costs, is_low, is_moderate, is_small, low_product_of, moderate_product_of};

/// A scalar function of one argument.
pub trait Unary<F: Real> {
    /// f(x); must be `#[inline(always)]`.
    fn at(&self, x: F) -> F;

    /// From this magnitude of x on, f(x) may be subnormal, or be made of such numbers, over which many CPUs take long.
    #[inline(always)]
    fn far(&self) -> F {
        F::of(f64::INFINITY)
    }

    /// The same bits as f(x), without such numbers beyond [`Unary::far`]; must be `#[inline(always)]`.
    #[inline(always)]
    fn at_far(&self, x: F) -> F {
        self.at(x)
    }
}

/// y = f(x), of a few.
#[inline(always)]
fn fill<F: Real>(f: &impl Unary<F>, x: &[F], y: &mut [F]) {
    let far = f.far();
    let mut largest = F::zero();
    if far < F::of(f64::INFINITY) {
        for &x in x {
            largest = largest.larger(x);
        }
    }
    if largest.is_below(far) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f.at(x);
        }
    } else {
        // Also where subnormal numbers cost a CPU little, this is the quicker way.
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f.at_far(x);
        }
    }
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
        for (y, x) in self.y.chunks_mut(BLOCK).zip(self.x.chunks(BLOCK)) {
            fill(&self.f, x, y);
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

/// Entries of which factors are made before they are multiplied.
const BLOCK: usize = 512;

/// y f(x), or x f(x) where y is x `ITSELF`; and where factors `VANISH`, 0 where one of an infinite number is 0.
struct Weigh<'a, F, U, const ITSELF: bool, const VANISH: bool> {
    x: &'a [F],
    y: &'a mut [F],
    f: U,
}

impl<F: Real, U: Unary<F>, const ITSELF: bool, const VANISH: bool> Pass for Weigh<'_, F, U, ITSELF, VANISH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut factors = [F::zero(); BLOCK];
        for (y, x) in self.y.chunks_mut(BLOCK).zip(self.x.chunks(BLOCK)) {
            let factors = &mut factors[..y.len()];
            fill(&self.f, x, factors);
            if costs() && has_small::<F, ITSELF>(x, y, factors) {
                if ITSELF {
                    y.copy_from_slice(&x[..y.len()]);
                }
                weigh_small::<F, VANISH>(y, factors);
            } else if ITSELF {
                for ((y, &x), &factor) in y.iter_mut().zip(x).zip(&*factors) {
                    *y = weighed::<F, VANISH>(x, factor, x * factor);
                }
            } else {
                for (y, &factor) in y.iter_mut().zip(&*factors) {
                    *y = weighed::<F, VANISH>(*y, factor, *y * factor);
                }
            }
        }
    }
}

/// Whether some product of a y, or of an x where that is y `ITSELF`, and a factor may read or make a subnormal number.
#[inline(always)]
fn has_small<F: Real, const ITSELF: bool>(x: &[F], y: &[F], factors: &[F]) -> bool {
    let (lowest, _) = F::extremes(if ITSELF { &x[..y.len()] } else { y });
    let (lowest_factor, _) = F::extremes(factors);
    is_small(lowest, lowest_factor)
}

/// Multiplies each y by its factor, some of them near subnormal.
#[inline(always)]
fn weigh_small<F: Real, const VANISH: bool>(y: &mut [F], factors: &[F]) {
    let ((_, largest), (_, largest_factor)) = (F::extremes(y), F::extremes(factors));
    if is_low(largest, largest_factor) {
        for (y, &factor) in y.iter_mut().zip(factors) {
            *y = low_product_of(*y, factor);
        }
    } else if is_moderate(largest, largest_factor) {
        for (y, &factor) in y.iter_mut().zip(factors) {
            *y = moderate_product_of(*y, factor);
        }
    } else {
        for (y, &factor) in y.iter_mut().zip(factors) {
            *y = weighed::<F, VANISH>(*y, factor, *y * factor);
        }
    }
}

/// The product, but where factors vanish 0 for an infinite y that its factor makes 0.
#[inline(always)]
fn weighed<F: Real, const VANISH: bool>(y: F, factor: F, product: F) -> F {
    if VANISH && factor == F::zero() && y.abs() == F::of(f64::INFINITY) { factor } else { product }
}

/// y = y f(x); the same bits nearly as fast where they are subnormal.
pub fn weigh<F: Real>(x: &[F], y: &mut [F], f: impl Unary<F>) {
    Tier::current().run(Weigh::<F, _, false, false> { x, y, f });
}

/// y = x f(x); the same bits nearly as fast where they are subnormal.
pub fn weigh_itself<F: Real>(x: &[F], y: &mut [F], f: impl Unary<F>) {
    Tier::current().run(Weigh::<F, _, true, false> { x, y, f });
}

/// y = x f(x), and 0 where f(x) is 0 and x infinite, as it is where f vanishes faster than x grows; the same bits nearly as
/// fast where they are subnormal.
pub fn vanish_itself<F: Real>(x: &[F], y: &mut [F], f: impl Unary<F>) {
    Tier::current().run(Weigh::<F, _, true, true> { x, y, f });
}

/// y += x.
pub fn add_assign<F: Real>(x: &[F], y: &mut [F]) {
    map_zip(x, y, |y, x| y + x);
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
                let mut got = y.clone();
                tier.run(Weigh::<_, _, false, false> { x: &x, y: &mut got, f: |x| x - 2.0 });
                assert!(got.iter().zip(x.iter().zip(&y)).all(|(&got, (x, y))| got == y * (x - 2.0)), "{tier:?}, {n}");
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

    #[test]
    fn what_is_weighed_has_the_bits_of_a_product_wherever_it_is_subnormal() {
        fn check<F: Real>(power: impl Fn(i32) -> F, lowest: i32) {
            let digits = |i: usize| F::of(1.0 + ((i * 7919) % 65_537) as f64 / 65_537.0);
            let sign = |i: usize| if i.is_multiple_of(3) { -F::one() } else { F::one() };
            for exponent in (lowest - 2..lowest + 70).chain([-20, 0, 20]) {
                for factor in [-70, -30, -3, -1, 0, 1, 5] {
                    let y: Vec<F> = (0..150)
                        .map(|i| sign(i) * digits(i) * power(exponent + i32::try_from(i % 4).expect("small")))
                        .collect();
                    let x: Vec<F> = (0..150).map(|i| sign(i / 2) * digits(i + 7) * power(factor)).collect();
                    for special in [0.0, -0.0, f64::INFINITY, f64::NAN, 1.0] {
                        let (mut y, mut x) = (y.clone(), x.clone());
                        (y[70], x[71], x[140]) = (F::of(special), F::of(special), F::of(special));
                        for tier in Tier::available() {
                            let mut got = y.clone();
                            tier.run(Weigh::<_, _, false, false> { x: &x, y: &mut got, f: |x| x });
                            let bits = |x: F| if x.f64().is_nan() { 0 } else { x.f64().to_bits() };
                            for (&got, (&y, &x)) in got.iter().zip(y.iter().zip(&x)) {
                                assert_eq!(bits(got), bits(y * x), "{tier:?}: {y:?} times {x:?} is {:?}", y * x);
                            }
                            // A share of itself, and none of an infinite one.
                            let share =
                                |y: F| F::of(if y.abs().f64() > 1e100 { 0.0 } else { 0.3 + 0.2 * y.f64().signum() });
                            tier.run(Weigh::<_, _, true, true> { x: &y, y: &mut got, f: share });
                            for (&got, &y) in got.iter().zip(&y) {
                                let expected = weighed::<F, true>(y, share(y), y * share(y));
                                assert_eq!(bits(got), bits(expected), "{tier:?}: {y:?} is {got:?}");
                            }
                        }
                    }
                }
            }
        }
        check::<f32>(|n| <f32 as Real>::of(f64::exp2(f64::from(n))), -149);
        check::<f64>(|n| f64::exp2(f64::from(n / 2)) * f64::exp2(f64::from(n - n / 2)), -1074);
    }
}
