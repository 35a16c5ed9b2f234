//! The products by name: checks of sizes, the choice of the tier, rows shared among threads.

use std::ops::Range;

use super::blocks::{Product, Start};
use super::dispatch::run_on;
use super::room::{Blocks, Panel};
use crate::kernels::{Real, Tier};

/// Which of the factors is read transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// C = A B with A (m, k), B (k, n).
    Plain,
    /// C = A^T B with A (k, m), B (k, n).
    LeftTransposed,
    /// C = A B^T with A (m, k), B (n, k).
    RightTransposed,
}

impl Form {
    /// Every form.
    #[cfg(test)]
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::LeftTransposed, Self::RightTransposed];
}

/// C = A B in the given form; `size` is (m, k, n), C is (m, n), all row-major.
///
/// # Panics
/// If a slice's length is not the product of its sides.
pub fn product<F: Real>(form: Form, size: (usize, usize, usize), a: &[F], b: &[F], c: &mut [F]) {
    product_in_pieces(form, size, Start::Zero, 1, a, b, c);
}

/// C += A B in the given form; `size` is (m, k, n), C is (m, n), all row-major.
///
/// # Panics
/// If a slice's length is not the product of its sides.
pub fn product_add<F: Real>(form: Form, size: (usize, usize, usize), a: &[F], b: &[F], c: &mut [F]) {
    product_in_pieces(form, size, Start::Current, 1, a, b, c);
}

/// Multiply-adds below which a piece of a product is not worth waking another thread: some 20 microseconds of work, of
/// which waking takes several.
const PIECE: usize = 1 << 21;

/// Computes the product plus what its chains start from. The rows of a large product are shared among at most `pieces`
/// tasks on rayon's threads; `pieces` is a hint of how many threads are idle. The bits are those of the product on one
/// thread.
///
/// # Panics
/// If a slice's length is not the product of its sides, or the row's is not n.
pub fn product_in_pieces<F: Real>(
    form: Form,
    size: (usize, usize, usize),
    start: Start<'_, F>,
    pieces: usize,
    a: &[F],
    b: &[F],
    c: &mut [F],
) {
    let (m, k, n) = size;
    let worthwhile = m.saturating_mul(k).saturating_mul(n) / PIECE;
    product_on(Tier::current(), form, size, start, pieces.min(worthwhile), (a, b), c);
}

/// Computes the product on a tier of the caller's choice, in at most `pieces` pieces.
pub(super) fn product_on<F: Real>(
    tier: Tier,
    form: Form,
    size: (usize, usize, usize),
    start: Start<'_, F>,
    pieces: usize,
    (a, b): (&[F], &[F]),
    c: &mut [F],
) {
    let (m, k, n) = size;
    assert_eq!(Some(a.len()), m.checked_mul(k), "A is as long as its matrix has entries");
    assert_eq!(Some(b.len()), k.checked_mul(n), "B is as long as its matrix has entries");
    assert_eq!(Some(c.len()), m.checked_mul(n), "C is as long as its matrix has entries");
    if let Start::Row(row) = start {
        assert_eq!(row.len(), n, "the row is as long as C's");
    }
    if m == 0 || n == 0 {
        return;
    }
    let work = |rows: Range<usize>, c: &mut [F]| product_rows(tier, form, size, start, rows, (a, b), c);
    share(n, 0..m, pieces, c, &work);
}

/// Shares the rows of C in the range, each n long, among `pieces` tasks; `c` holds these rows only. Each task gets some
/// of the rows, and their part of `c`.
fn share<F: Real>(
    n: usize,
    rows: Range<usize>,
    pieces: usize,
    c: &mut [F],
    work: &(impl Fn(Range<usize>, &mut [F]) + Sync),
) {
    if pieces <= 1 || rows.len() <= 1 {
        return work(rows, c);
    }
    let (few, count) = (pieces / 2, rows.len() * (pieces / 2) / pieces);
    let middle = rows.start + count;
    let (first, second) = c.split_at_mut(count * n);
    rayon::join(
        || share(n, rows.start..middle, few, first, work),
        || share(n, middle..rows.end, pieces - few, second, work),
    );
}

/// Writes the product for k = 0: what its chains start from.
fn begin<F: Real>(start: Start<'_, F>, n: usize, c: &mut [F]) {
    match start {
        Start::Zero => c.fill(F::zero()),
        Start::Current => {}
        Start::Row(row) => c.chunks_exact_mut(n).for_each(|c| c.copy_from_slice(row)),
    }
}

/// Computes the rows of C in the range: `a` and `b` are whole, `c` (rows, n) holds those rows only.
fn product_rows<F: Real>(
    tier: Tier,
    form: Form,
    (m, k, n): (usize, usize, usize),
    start: Start<'_, F>,
    rows: Range<usize>,
    (a, b): (&[F], &[F]),
    c: &mut [F],
) {
    // Bounds of slices that are read through pointers.
    assert!(rows.start <= rows.end && rows.end <= m, "rows {rows:?} of {m}");
    assert!(a.len() == m * k && b.len() == k * n && c.len() == rows.len() * n, "slices are as long as their matrices");
    if rows.is_empty() {
        return;
    }
    if k == 0 {
        return begin(start, n, c);
    }
    let (a, a_steps) = match form {
        Form::Plain | Form::RightTransposed => (&a[rows.start * k..rows.end * k], (k, 1)),
        Form::LeftTransposed => (&a[rows.start..], (1, m)),
    };
    let size = (rows.len(), k, n);
    let b_transposed = form == Form::RightTransposed;
    let panel = &mut Panel::new();
    let product = Product { size, a, a_steps, b, b_transposed, c, start, panel, blocks: None };
    if product.wants_blocks() { in_blocks(tier, product) } else { run_on(tier, product) }
}

/// Computes a product in blocks. The function is not inlined, so that small products do without so large a stack frame.
#[inline(never)]
fn in_blocks<F: Real>(tier: Tier, product: Product<F>) {
    let blocks = Some(&mut Blocks::new());
    run_on(tier, Product { blocks, ..product });
}
