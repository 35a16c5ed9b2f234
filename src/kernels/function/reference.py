"""Prints reference.txt: a function, an argument and the correctly rounded result, the numbers as the bits of an f64.

Needs mpmath: python3 reference.py > reference.txt
"""

import random
import struct

from mpmath import erf, erfc, exp, expm1, floor, log, log1p, log10, mp, mpf, pi, sqrt, tanh

mp.dps = 60
LEAST_NORMAL = mpf(2) ** -1022


def sigmoid(x):
    return exp(x) / (1 + exp(x)) if x < 0 else 1 / (1 + exp(-x))


def softplus(x):
    return max(x, mpf(0)) + log1p(exp(-abs(x)))


def normal_cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def normal_pdf(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def bits(x):
    return struct.unpack("Q", struct.pack("d", x))[0]


def rounded(y):
    """The nearest f64, ties to even; mpmath alone would round a subnormal number twice."""
    if abs(y) >= LEAST_NORMAL:
        return float(y)
    steps = abs(y) * mpf(2) ** 1074
    whole = int(floor(steps))
    whole += steps - whole > 0.5 or (steps - whole == 0.5 and whole % 2)
    return struct.unpack("d", struct.pack("Q", whole))[0] * (1 if y >= 0 else -1)


def neighbours(x):
    """The float of x and those beside it."""
    at = bits(float(x))
    return [struct.unpack("d", struct.pack("Q", at + i))[0] for i in (-1, 0, 1)]


def both(numbers):
    return [sign * x for x in numbers for sign in (1, -1)]


# Name, function, lowest and highest argument (None: every positive magnitude), and its hard places.
LN_2 = log(2)
STEPS = [x for k in (0.5, 1.5, 2.5) for x in both(neighbours(LN_2 * k))]
ROOTS = [x for k in (-1074, -1023, -54, -1, 0, 1, 53) for x in neighbours(mpf(2) ** (k + 0.5))]
LESS_1 = [x - 1 for x in ROOTS if x < 16]
FUNCTIONS = (
    ("exp", exp, -745.2, 709.78, STEPS + [-708.4, -709, -744.9, 709.75]),
    ("exp_m1", expm1, -40, 709.78, STEPS + neighbours(17.5 * LN_2) + [709.75]),
    ("tanh", tanh, -19.1, 19.1, STEPS + [18.1, 18.7, 19.0]),
    ("sigmoid", sigmoid, -745.2, 40, STEPS + [-708.4, -709, -744.9]),
    ("softplus", softplus, -745.2, 40, STEPS + [-708.4, -744.9, 700]),
    ("ln", log, None, None, ROOTS + neighbours(1) + [5e-324, 1e-310, 1.7e308]),
    ("ln_1p", log1p, None, None, LESS_1 + neighbours(-1)[:1] + both([1e-300, 1e-17, 3e-16]) + [1.7e308]),
    ("log10", log10, None, None, ROOTS + neighbours(1) + [float(f"1e{k}") for k in range(-300, 309, 19)]),
    ("erf", erf, -5.95, 5.95, both(neighbours(1)) + both([1e-310, 5e-324])),
    ("erfc", erfc, -6, 27.23, both(neighbours(1)) + [26.5, 26.55, 27.2]),
    ("normal_cdf", normal_cdf, -38.49, 8.4, both([1e-17, 1.4]) + [-37.5, -37.6, -38.4]),
    ("normal_pdf", normal_pdf, -38.6, 38.6, both([1e-17, 37.6, 38.5])),
)


def arguments(low, high):
    """A third over the range, a third of order 1, a third over the magnitudes."""
    for i in range(150):
        if low is None:
            yield (random.uniform(0.3, 3), 10.0 ** random.uniform(-18, 18), 10.0 ** random.uniform(-307, 308))[i % 3]
        else:
            magnitude = random.choice([-1, 1]) * 10.0 ** random.uniform(-20, 0.3)
            yield (random.uniform(low, high), random.uniform(max(low, -2), min(high, 2)), magnitude)[i % 3]


random.seed(1)
for name, f, low, high, hard in FUNCTIONS:
    for x in list(arguments(low, high)) + hard:
        print(f"{name} {bits(x):016x} {bits(rounded(f(mpf(x)))):016x}")
