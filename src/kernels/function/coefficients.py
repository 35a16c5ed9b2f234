"""Prints the polynomials of exp.rs, log.rs and erf.rs as Rust arrays, lowest power first.

They are minimax by Remez's exchange, in 50 digits: largest(weight |p - f|) is least. After each name stands the base-2
logarithm of that error. Needs mpmath: python3 coefficients.py
"""

import re
import struct

from mpmath import cos, erfc, exp, log, log1p, lu_solve, matrix, mp, mpf, pi, polyval, sqrt

mp.dps = 50


def remez(f, weight, low, high, degree):
    """The coefficients, highest power first, and the error they leave."""
    low, high = mpf(low), mpf(high)
    count = degree + 2
    nodes = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / 4000) for i in range(2000)]
    values = [(x, weight(x), f(x)) for x in grid]
    for _ in range(8):
        rows = [[weight(x) * x**i for i in range(degree + 1)] + [(-1) ** j] for j, x in enumerate(nodes)]
        solved = lu_solve(matrix(rows), matrix([weight(x) * f(x) for x in nodes]))
        p = list(solved)[degree::-1]
        errors = [w * (polyval(p, x) - y) for x, w, y in values]
        # One extremum per run of equal signs.
        nodes, best = [], None
        for x, error in zip(grid, errors):
            if best is not None and (error > 0) != (best[1] > 0):
                nodes.append(best[0])
                best = None
            if best is None or abs(error) > abs(best[1]):
                best = (x, error)
        nodes.append(best[0])
        if len(nodes) != count:
            break
    return p, max(abs(error) for error in errors)


def rounded(x, kind):
    """The nearest float of a kind, f32 or f64."""
    return float(x) if kind == "f64" else struct.unpack("f", struct.pack("f", float(x)))[0]


def literal(x, kind):
    """The shortest decimal that names the nearest float, digits in groups of three."""
    x = rounded(x, kind)
    shortest = next(text for text in (f"{x:.{n}g}" for n in range(1, 18)) if rounded(float(text), kind) == x)
    sign, digits, fraction, power = re.fullmatch(r"(-?)(\d+)\.?(\d*)(e[-+]\d+)?", shortest).groups()
    groups = "_".join(re.findall(r"\d{1,3}", fraction or "0"))
    return f"{sign}{digits}.{groups}{(power or '').replace('e-0', 'e-')}"


def show(name, kind, f, weight, low, high, degree):
    """Prints one polynomial; `rest` is what its first coefficient lost in rounding."""
    p, error = remez(f, weight, low, high, degree)
    print(f"{name}, {kind}: 2^{float(log(error, 2)):.1f}")
    for c in reversed(p):
        print(f"    {literal(c, kind)},")
    print(f"    rest: {literal(p[-1] - mpf(rounded(p[-1], kind)), kind)}")


def tail(centre):
    """(1 + 2 z) e^(z^2) erfc(z) as a function of t = (z - centre) / (z + centre)."""

    def f(t):
        z = centre * (1 + t) / (1 - t)
        return (1 + 2 * z) * exp(z * z) * erfc(z)

    return f


def series(f, first, x):
    """f(x), where the division by x^2 in it would cancel at 0."""
    return first if abs(x) < mpf(10) ** -20 else f(x)


def one(_):
    """The weight of an absolute error."""
    return mpf(1)


HALF = log(2) / 2 * mpf("1.0001")
EDGE = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")


def exponential(r):
    """What exp.rs calls P."""
    return series(lambda r: (exp(r) - 1 - r) / r**2, mpf(1) / 2, r)


def logarithm(z):
    """What log.rs calls Q."""
    return series(lambda z: (log1p(sqrt(z)) - log1p(-sqrt(z)) - 2 * sqrt(z)) / (sqrt(z) * z), mpf(2) / 3, z)


def error_function(z):
    """What erf.rs uses near 0."""
    return series(lambda z: (1 - erfc(sqrt(z))) / sqrt(z), 2 / sqrt(pi), z) - 1


for kind, exp_degree, log_degree, erf_degree, tail_degree, centre, end in (
    ("f32", 4, 2, 6, 10, mpf(3), mpf("10.3")),
    ("f64", 9, 6, 12, 23, mpf(4), mpf("27.5")),
):
    show("(e^r - 1 - r) / r^2", kind, exponential, lambda r: r * r, -HALF, HALF, exp_degree)
    show("(ln((1 + s) / (1 - s)) - 2 s) / s^3 over s^2", kind, logarithm, lambda z: z, mpf("1e-9"), EDGE, log_degree)
    show("erf(x) / x - 1 over x^2", kind, error_function, one, 0, 1, erf_degree)
    last = (end - centre) / (end + centre)
    show("(1 + 2 z) e^(z^2) erfc(z) over (z - c) / (z + c)", kind, tail(centre), one, -1, last, tail_degree)
