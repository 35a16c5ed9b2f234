//! Loops over elements.

use super::Real;

/// y = f(x).
#[inline(always)]
pub fn map<F: Real>(x: &[F], y: &mut [F], f: impl Fn(F) -> F) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
}

/// y = f(y, x).
#[inline(always)]
pub fn map_zip<F: Real>(x: &[F], y: &mut [F], f: impl Fn(F, F) -> F) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(*y, x);
    }
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
        map_zip(x, y, |y, x| x + s * y);
    }
}

/// y = s x.
pub fn scale<F: Real>(x: &[F], s: F, y: &mut [F]) {
    map(x, y, |x| s * x);
}
