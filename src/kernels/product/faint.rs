//! Products of numbers so small that their sums, or they themselves, are subnormal: the same bits, nearly as fast as any.
//!
//! Gradients that vanish end there, and many CPUs take a hundred times as long over a multiply-add that reads or makes a
//! subnormal number. So both factors are raised by powers of two until their product counts units of the smallest
//! subnormal number (2^-149 in f32), where every number is a normal one. Every link of a chain has to be rounded as it
//! would have been: to a whole number of units below 2^23 of them. How, depends on how large the sums of a row can come
//! ([`Kind`]); no part of a sum of products is larger than the product of the factors' Euclidean norms.
//!
//! For larger sums, let s be the exact value of a b + c, and c1 what a multiply-add makes of it. Where |c1| >= 2^23, c1 is
//! the answer, as scaling by a power of two changes no rounding. Elsewhere s is rounded in another sum, s - m, which lies
//! where neighbours are a unit apart, 2^23 <= |s - m| <= 2^24, while c - m is exact: m is 2^24 in the direction of c where
//! s has the sign of c, and 2^23 where it has the other. Both are even, so that ties go to the same side. (Beyond 2^47, c
//! alone has no room for m. Where products come to less than 2^45 units, such a c is never brought below 2^23 at once.) A
//! sum that rounds to zero has the sign of s. (See [`crate::kernels::units`]; its quick link leaves signs of zeros open.)

use super::blocks::{DEPTH, Part, Product, parts};
use super::chains::{self, Links};
use super::extent::{Extent, largest};
use super::low;
use super::multiply::{Start, whole};
use super::raised::WIDTH;
use super::room::{Panel, RaisedA, RaisedB, Sums};
use crate::kernels::tier::Pass;
use crate::kernels::units::{costs, in_units, raised};
use crate::kernels::{Real, Tier};

/// Rows that are looked at before any of them runs.
pub(super) const ROWS: usize = 128;

/// A stretch of k as short as a time step of a usual batch.
const SHORT: usize = 64;

/// How the chains of a row are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As any others: few of their sums are subnormal, or none. Or they are no numbers.
    Ordinary,
    /// In units, link by link: eight times as long as an ordinary one.
    Faint,
    /// So, and with a look at sums that are too large for a link in units.
    Mixed,
    /// So, if sums come to 2^22 units, which is not likely.
    NearlyLow,
    /// In units, in the ordinary kernel: no sum comes to 2^22 of them.
    Low,
    /// Not at all: every sum is rounded to zero, and only its sign is to be found.
    Zero,
    /// Not at all: of A or of B all is zero, and every chain keeps what it starts from.
    Still,
}

/// What a look at a few entries of a product's factors suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// All rows are ordinary.
    Ordinary,
    /// Some may not be.
    Small,
    /// All of A may be zero, or all of B.
    Zero,
}

/// A product of which some rows may not be ordinary.
pub(super) struct Small<'a, F> {
    pub(super) tier: Tier,
    pub(super) product: Product<'a, F>,
}

/// Below this, no sum comes to 2^22 units. Every link adds half a unit at most by its rounding, and the squares of the
/// norms are rounded, too.
#[inline(always)]
fn low<F: Real>() -> F {
    F::of(0.48) * F::NORMAL
}

/// Where single products come to fewer units than this, subnormal sums take longer than units do, link by link: the
/// early sums of a chain are the smallest, and one of 16 lanes is enough. Tried with training on an Intel CPU.
#[inline(always)]
fn faint<F: Real>() -> F {
    F::of(2048.0) * F::NORMAL
}

/// Below this, few sums come to 2^22 units: of many products, most cancel.
#[inline(always)]
fn nearly_low<F: Real>() -> F {
    F::of(8.0) * low()
}

/// From here on, 2^45 units in f32, a product may cancel a sum that is too large for a link in units.
#[inline(always)]
fn exact<F: Real>() -> F {
    F::NORMAL / F::ONE_UNIT
}

impl<F: Real> Product<'_, F> {
    /// Whether some rows may not be ordinary on a CPU that takes long over subnormal numbers: a look at a few entries of
    /// every part of k, as parts may be of different time steps. Where all that is looked at of A or of B is zero, there
    /// may be no product at all.
    #[inline]
    pub(super) fn looks_small(&self) -> bool {
        if !costs() {
            return false;
        }
        let mut is_zero = true;
        for part in parts(self.size.1, DEPTH) {
            match self.look(part) {
                Look::Small => return true,
                Look::Ordinary => is_zero = false,
                Look::Zero => {}
            }
        }
        is_zero
    }

    /// A look at a few entries of these k: the largest of B is held against each of A.
    #[inline]
    fn look(&self, (k0, depth): Part) -> Look {
        const LOOKS: usize = 8;
        let (m, k, n) = self.size;
        let (row, step) = self.a_steps;
        let at = |length: usize, look: usize| look * length / LOOKS;
        let of_a = |look| self.a[at(m, look) * row + (k0 + at(depth, look)) * step];
        let of_b = |look| {
            let (q, j) = (k0 + at(depth, look), at(n, look));
            self.b[if self.b_transposed { j * k + q } else { q * n + j }]
        };
        let b = (0..LOOKS).map(of_b).fold(F::zero(), F::larger);
        if b == F::zero() || (0..LOOKS).all(|look| of_a(look) == F::zero()) {
            return Look::Zero;
        }
        let raised_b = raised(b, F::HALVES[1]);
        let is_small =
            |a: F| a != F::zero() && (a.is_below(F::FAINT) || raised(a, F::HALVES[0]).abs() * raised_b < faint());
        let is_small = b.is_below(F::FAINT) || (0..LOOKS).map(of_a).any(is_small);
        if is_small { Look::Small } else { Look::Ordinary }
    }

    /// Entry (i, j) of what the chains start from at k0.
    #[inline(always)]
    pub(super) fn start_of(&self, k0: usize, i: usize, (j0, width): Part) -> Option<&[F]> {
        let n = self.size.2;
        match self.start {
            Start::Zero if k0 == 0 => None,
            Start::Row(start) if k0 == 0 => Some(&start[j0..j0 + width]),
            Start::Zero | Start::Row(_) | Start::Current => Some(&self.c[i * n + j0..][..width]),
        }
    }
}

impl<F: Real> Pass for Small<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (m, k, _) = self.product.size;
        let mut rooms = Rooms { b: RaisedB::new(), a: RaisedA::new(), sums: Sums::new() };
        for part in parts(k, DEPTH) {
            if part.1 < k && self.product.look(part) == Look::Ordinary {
                self.ordinary_rows(part, (0, m));
                continue;
            }
            let (extent, mut longest) = (self.product.extent_of_b(part), None);
            for rows in parts(m, ROWS) {
                // Short parts are looked at in the same loop, as what runs them is much code.
                let (mut done, mut depth) = (0, part.1);
                while done < part.1 {
                    let (is_short, piece) = (depth < part.1, (part.0 + done, depth.min(part.1 - done)));
                    let (b, mut longest_here) = (if is_short { self.product.extent_of_b(piece) } else { extent }, None);
                    let kinds = self.kinds(piece, rows, b, if is_short { &mut longest_here } else { &mut longest });
                    let kinds = &kinds[..rows.1];
                    if part.1 == k && rows.1 == m && kinds.iter().all(|&kind| kind == Kind::Ordinary) {
                        return whole(self.tier, self.product);
                    }
                    if !is_short && part.1 < k && SHORT < part.1 && kinds.contains(&Kind::Ordinary) {
                        // It looked small: in a shorter part, rows may not be ordinary.
                        depth = SHORT;
                        continue;
                    }
                    self.rows(piece, rows.0, kinds, b, &mut rooms);
                    done += piece.1;
                }
            }
        }
    }
}

/// Room for what is raised.
struct Rooms {
    b: RaisedB,
    a: RaisedA,
    sums: Sums,
}

/// The numbers of some rows.
struct Rows {
    rows: [usize; ROWS],
    count: usize,
}

impl Rows {
    /// Those of a kind, of rows that begin with number `i0`.
    fn of(kind: Kind, kinds: &[Kind], i0: usize) -> Self {
        let mut found = Self { rows: [0; ROWS], count: 0 };
        for (i, &other) in (i0..).zip(kinds) {
            if other == kind {
                found.rows[found.count] = i;
                found.count += 1;
            }
        }
        found
    }

    fn all(&self) -> &[usize] {
        &self.rows[..self.count]
    }
}

impl<F: Real> Small<'_, F> {
    /// The rows from `i0` on, which are of these kinds, carried on by these k.
    #[inline(always)]
    fn rows(&mut self, part: Part, i0: usize, kinds: &[Kind], b: Extent<F>, rooms: &mut Rooms) {
        self.plain_rows(part, i0, kinds);
        if kinds.iter().all(|kind| matches!(kind, Kind::Ordinary | Kind::Still)) {
            return;
        }
        let (faint, mixed) = (Rows::of(Kind::Faint, kinds, i0), Rows::of(Kind::Mixed, kinds, i0));
        let (nearly_low, low) = (Rows::of(Kind::NearlyLow, kinds, i0), Rows::of(Kind::Low, kinds, i0));
        let zero = Rows::of(Kind::Zero, kinds, i0);
        let n = self.product.size.2;
        for j0 in (0..n).step_by(WIDTH) {
            let columns = (j0, WIDTH.min(n - j0));
            let b = self.product.raise_b(self.tier, part, columns, b, &mut rooms.b);
            for (rows, links) in [(&faint, Links::Quick), (&mixed, Links::Any), (&nearly_low, Links::Tried)] {
                chains::rows(&mut self.product, part, (rows.all(), links), columns, &b, &mut rooms.a);
            }
            let room = (&mut rooms.a, &mut rooms.sums);
            low::rows(self.tier, &mut self.product, part, low.all(), columns, &b, room);
            low::zero_rows(&mut self.product, part, zero.all(), columns, &b);
        }
    }

    /// How each of these rows is to be run. The norm of B is found once, where it is asked for.
    #[inline(always)]
    fn kinds(&self, part: Part, rows: Part, b: Extent<F>, longest_of_b: &mut Option<F>) -> [Kind; ROWS] {
        let (n, (i0, height)) = (self.product.size.2, rows);
        let (depth, tiny) = (F::of(part.1 as f64), [raised(F::FAINT, F::HALVES[0]), raised(F::FAINT, F::HALVES[1])]);
        let quarter = F::of(0.25) * F::ONE_UNIT;
        let largest_starts = self.largest_starts(part.0, (i0, height));
        let largest_of_a = self.product.largest_of_a(part, (i0, height));
        let largest_b = raised(b.largest, F::HALVES[1]);
        let (mut kinds, mut is_open, mut are_open) = ([Kind::Ordinary; ROWS], [false; ROWS], false);
        for (i, (kind, &largest_a)) in kinds.iter_mut().zip(&largest_of_a[..height]).enumerate() {
            let raised_a = raised(largest_a, F::HALVES[0]);
            // No norm is less than the largest entry.
            let least = raised_a * largest_b;
            if least == F::zero() && (largest_a == F::zero() || largest_b == F::zero()) {
                // Both are finite: of an infinite one the product is no number.
                if self.product.start_of(part.0, i0 + i, (0, n)).is_none_or(stays) {
                    *kind = Kind::Still;
                }
            } else if least.is_finite() && (least < depth * faint() || raised_a < tiny[0] || largest_b < tiny[1]) {
                let most = depth * least + largest_starts[i];
                if most < quarter {
                    *kind = Kind::Zero;
                } else if most < low() {
                    *kind = Kind::Low;
                } else if least >= nearly_low() && least < faint() && most.is_finite() {
                    *kind = Kind::Faint;
                } else {
                    // Only the norms tell.
                    (is_open[i], are_open) = (true, true);
                }
            }
        }
        if are_open {
            self.settle_by_norms(
                part,
                rows,
                (b, longest_of_b),
                (&largest_of_a, &largest_starts),
                (&mut kinds, &is_open),
            );
        }
        self.tell_mixed(part, rows, largest_b, (&largest_of_a, &largest_starts), &mut kinds);
        kinds
    }

    /// How each of these rows is to be run of which only the norms tell.
    #[inline(always)]
    fn settle_by_norms(
        &self,
        part: Part,
        (i0, height): Part,
        (b, longest_of_b): (Extent<F>, &mut Option<F>),
        (largest_of_a, largest_starts): (&[F; ROWS], &[F; ROWS]),
        (kinds, is_open): (&mut [Kind; ROWS], &[bool; ROWS]),
    ) {
        let (depth, tiny) = (F::of(part.1 as f64), [raised(F::FAINT, F::HALVES[0]), raised(F::FAINT, F::HALVES[1])]);
        let quarter = F::of(0.25) * F::ONE_UNIT;
        let longest_b = match *longest_of_b {
            Some(longest) => longest,
            None => self.product.longest_of_b(part, b.largest),
        };
        *longest_of_b = Some(longest_b);
        let lengths = self.product.lengths_of_a(part, (i0, height), largest_of_a);
        for (i, (kind, &length)) in kinds.iter_mut().zip(&lengths[..height]).enumerate() {
            if !is_open[i] {
                continue;
            }
            let sums = length * longest_b;
            let most = sums + largest_starts[i];
            let is_faint = sums < depth * faint() || length < tiny[0] || longest_b < tiny[1];
            // So large are they only where one factor is tiny and the other huge.
            let is_faint = is_faint && sums < exact();
            // It is 0 of a row much smaller than its neighbours, and no number where one of them has an infinite entry.
            *kind = match length > F::zero() && most.is_finite() {
                // No sum comes to half a unit.
                true if most < quarter => Kind::Zero,
                true if most < low() => Kind::Low,
                true if is_faint && most < nearly_low() => Kind::NearlyLow,
                true if is_faint => Kind::Faint,
                _ => Kind::Ordinary,
            };
        }
    }

    /// Finds among the ordinary rows those of which some sums are large, but too many links are slow: with entries, or of a
    /// column, much smaller than the others.
    #[inline(always)]
    fn tell_mixed(
        &self,
        part: Part,
        (i0, height): Part,
        largest_b: F,
        (largest_of_a, largest_starts): (&[F; ROWS], &[F; ROWS]),
        kinds: &mut [Kind; ROWS],
    ) {
        if !kinds[..height].contains(&Kind::Ordinary) {
            return;
        }
        let depth = F::of(part.1 as f64);
        let column = raised(self.product.least_column_of_b(part), F::HALVES[1]);
        // A product with less is small in that column, and what is subnormal is slow everywhere.
        let limit = Real::max(faint::<F>() / column / F::HALVES[0].0, F::LEAST);
        let counts = self.product.count_small_of_a(part, (i0, height), limit);
        for (i, kind) in kinds[..height].iter_mut().enumerate() {
            let most = depth * (raised(largest_of_a[i], F::HALVES[0]) * largest_b);
            // In one link of 16 or more; a slow one takes as long as 40 links in units.
            if *kind == Kind::Ordinary && counts[i] * F::of(16.0) > depth && (most + largest_starts[i]).is_finite() {
                *kind = if most < exact() { Kind::Faint } else { Kind::Mixed };
            }
        }
    }

    /// The largest magnitudes that the chains of these rows start from at k0, in units.
    #[inline(always)]
    fn largest_starts(&self, k0: usize, (i0, height): Part) -> [F; ROWS] {
        let n = self.product.size.2;
        match self.product.start {
            Start::Zero if k0 == 0 => [F::zero(); ROWS],
            // Of all rows, as they start alike.
            Start::Row(start) if k0 == 0 => [in_units(largest(start)); ROWS],
            Start::Zero | Start::Row(_) | Start::Current => {
                let mut found = [F::zero(); ROWS];
                for (i, found) in (i0..).zip(&mut found[..height]) {
                    *found = in_units(largest(&self.product.c[i * n..][..n]));
                }
                found
            }
        }
    }

    /// The rows from `i0` on that need no raised factors, carried on by these k.
    #[inline(always)]
    fn plain_rows(&mut self, part: Part, i0: usize, kinds: &[Kind]) {
        let mut i = 0;
        while i < kinds.len() {
            let alike = kinds[i..].iter().take_while(|&&kind| kind == kinds[i]).count();
            let rows = (i0 + i, alike);
            match kinds[i] {
                Kind::Ordinary => self.ordinary_rows(part, rows),
                Kind::Still => self.still_rows(part, rows),
                Kind::Faint | Kind::Mixed | Kind::NearlyLow | Kind::Low | Kind::Zero => {}
            }
            i += alike;
        }
    }

    /// These rows, of which all products are zeros: their chains stay, or are begun and stay.
    #[inline(always)]
    fn still_rows(&mut self, (k0, _): Part, (i, count): Part) {
        let n = self.product.size.2;
        let c = &mut self.product.c[i * n..(i + count) * n];
        match self.product.start {
            Start::Zero if k0 == 0 => c.fill(F::zero()),
            Start::Row(start) if k0 == 0 => c.chunks_exact_mut(n).for_each(|c| c.copy_from_slice(start)),
            Start::Zero | Start::Row(_) | Start::Current => {}
        }
    }

    /// These rows, carried on by these k as any others.
    #[inline(always)]
    fn ordinary_rows(&mut self, (k0, depth): Part, (i, count): Part) {
        let Product { size: (_, k, n), a, a_steps, b, b_transposed, ref mut c, start, .. } = self.product;
        let start = if k0 == 0 { start } else { Start::Current };
        let (a, c) = (&a[i * a_steps.0..], &mut c[i * n..(i + count) * n]);
        let (size, ks, panel) = ((count, k, n), (k0, depth), &mut Panel::new());
        whole(self.tier, Product { size, ks, a, a_steps, b, b_transposed, c, start, panel, blocks: None });
    }
}

/// Whether a chain that starts from these keeps them, whatever zeros are added: all but -0 do.
#[inline(always)]
fn stays<F: Real>(start: &[F]) -> bool {
    let mut stays = true;
    for &x in start {
        stays &= x != F::zero() || !x.is_signed_like(-F::zero());
    }
    stays
}

/// Whether some of them, which are not subnormal, is zero.
#[inline(always)]
pub(super) fn has_zero<F: Real>(sums: &[F]) -> bool {
    // All of them, which takes less time than a look at one after the other.
    let mut has_zero = false;
    for &sum in sums {
        has_zero |= sum == F::zero();
    }
    has_zero
}
