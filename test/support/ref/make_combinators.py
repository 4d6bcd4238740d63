"""Writes combinators.json, the reference values of test/combinators.test.ts, by hand and rarely:

    pip install mpmath && python make_combinators.py

Values come from mpmath at 60 digits: densities and distribution functions are written here from their definitions, those of a combination from
the sentence that defines it. A case is a distribution as a program writes it and points [x, log p, log P(X <= x), log P(X > x)].
"""
import json
import math
import pathlib

import mpmath as mp

mp.mp.dps = 60
HERE = pathlib.Path(__file__).parent
M = mp.mpf


class Law:
    """`pdf`: density or probability; `cdf`, `ccdf`: P(X <= x), P(X > x); `whole`: values are whole numbers."""

    def __init__(self, pdf, cdf, ccdf, whole=False):
        self.pdf, self.cdf, self.ccdf, self.whole = pdf, cdf, ccdf, whole


def normal(mean, sd):
    z = lambda x: (x - M(mean)) / M(sd) / mp.sqrt(2)
    return Law(lambda x: mp.exp(-z(x) ** 2) / (M(sd) * mp.sqrt(2 * mp.pi)), lambda x: mp.erfc(-z(x)) / 2, lambda x: mp.erfc(z(x)) / 2)


def gamma(shape, rate):
    a, b = M(shape), M(rate)
    return Law(lambda x: b ** a * x ** (a - 1) * mp.exp(-b * x) / mp.gamma(a) if x > 0 else M(0),
               lambda x: mp.gammainc(a, 0, b * x, regularized=True) if x > 0 else M(0),
               lambda x: mp.gammainc(a, b * x, mp.inf, regularized=True) if x > 0 else M(1))


def weibull(shape, scale):
    z = lambda x: (x / M(scale)) ** M(shape)
    return Law(lambda x: M(shape) / M(scale) * (x / M(scale)) ** (M(shape) - 1) * mp.exp(-z(x)), lambda x: -mp.expm1(-z(x)), lambda x: mp.exp(-z(x)))


def student(df, loc, scale):
    v, s = M(df), M(scale)
    t = lambda x: (x - M(loc)) / s
    tail = lambda u: mp.betainc(v / 2, M(1) / 2, 0, v / (v + u * u), regularized=True) / 2  # P(T > u), u >= 0
    upper = lambda u: tail(u) if u >= 0 else 1 - tail(u)
    pdf = lambda x: mp.gamma((v + 1) / 2) / mp.gamma(v / 2) / mp.sqrt(v * mp.pi) / s * (1 + t(x) ** 2 / v) ** (-(v + 1) / 2)
    return Law(pdf, lambda x: upper(-t(x)), lambda x: upper(t(x)))


def beta(a, b):
    a, b = M(a), M(b)
    return Law(lambda x: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b), lambda x: mp.betainc(a, b, 0, x, regularized=True),
               lambda x: mp.betainc(a, b, x, 1, regularized=True))


def uniform(low, high):
    at = lambda x: min(max((x - M(low)) / (M(high) - M(low)), M(0)), M(1))
    return Law(lambda x: 1 / (M(high) - M(low)) if low <= x <= high else M(0), at, lambda x: 1 - at(x))


def counts(p, last):
    """`last`: a count beyond which nothing is left."""
    total = lambda low, high: mp.fsum(p(k) for k in range(low, high + 1))
    return Law(lambda x: p(int(x)) if x >= 0 else M(0), lambda x: total(0, int(mp.floor(x))) if x >= 0 else M(0),
               lambda x: total(int(mp.floor(x)) + 1, last) if x >= 0 else M(1), True)


poisson = lambda rate: counts(lambda k: mp.exp(-M(rate)) * M(rate) ** k / mp.factorial(k), 300)
binomial = lambda n, q: counts(lambda k: mp.binomial(n, k) * M(q) ** k * (1 - M(q)) ** (n - k) if k <= n else M(0), n)
bernoulli = lambda q: binomial(1, q)


def von_mises(loc, concentration):
    """From -π on; P(X <= x) by quadrature, in pieces around the mean direction."""
    m, k = M(loc), M(concentration)
    pdf = lambda x: mp.exp(k * mp.cos(x - m)) / (2 * mp.pi * mp.besseli(0, k))
    area = lambda a, b: mp.quad(pdf, [a + (b - a) * i / 24 for i in range(25)]) if b > a else M(0)
    return Law(pdf, lambda x: area(-mp.pi, x), lambda x: area(x, mp.pi))


# ------------------------------------------------------------------------------------------------ combinations

def truncated(law, lower=None, upper=None):
    """Given that lower <= X <= upper. P(a < X <= b) is the difference of the tail probabilities on the side where they are small."""
    step = 1 if law.whole else 0
    between = lambda a, b: (law.cdf(b) if b is not None else M(1)) - (law.cdf(a) if a is not None else M(0)) \
        if b is not None and law.cdf(b) < M(1) / 2 else (law.ccdf(a) if a is not None else M(1)) - (law.ccdf(b) if b is not None else M(0))
    below = None if lower is None else M(lower) - step
    top = None if upper is None else M(upper)
    mass = between(below, top)
    inside = lambda x: (lower is None or x >= lower) and (upper is None or x <= upper)
    return Law(lambda x: law.pdf(x) / mass if inside(x) else M(0), lambda x: between(below, x) / mass,
               lambda x: between(x, top) / mass, law.whole)


def censored(law, lower=None, upper=None):
    def p(x):
        if lower is not None and x <= lower:
            return law.cdf(x)
        if upper is not None and x >= upper:
            return law.ccdf(x - 1 if law.whole else x)
        return law.pdf(x)
    return Law(p, lambda x: M(1) if upper is not None and x >= upper else law.cdf(x),
               lambda x: M(0) if upper is not None and x >= upper else law.ccdf(x), law.whole)


def mixture(weights, laws):
    total = lambda f: lambda x: mp.fsum(M(w) * f(law)(x) for w, law in zip(weights, laws))
    return Law(total(lambda law: law.pdf), total(lambda law: law.cdf), total(lambda law: law.ccdf), laws[0].whole)


def zero_inflated(law, prob):
    q = M(prob)
    at_zero = lambda x: (q if x == 0 else M(0)) + ((1 - q) * law.pdf(x) if law.whole or x != 0 else M(0))
    return Law(at_zero, lambda x: (q if x >= 0 else 0) + (1 - q) * law.cdf(x), lambda x: (0 if x >= 0 else q) + (1 - q) * law.ccdf(x), law.whole)


two = mixture([0.3, 0.7], [normal(-1, 1), normal(2, 0.5)])
CASES = [
    ("Truncated(Normal(1, 2), lower = 0.5, upper = 3)", truncated(normal(1, 2), 0.5, 3), [0.5, 0.75, 1.5, 2.9, 3]),
    ("Truncated(Normal(0, 1), lower = 20)", truncated(normal(0, 1), 20), [20, 20.01, 20.5, 24]),
    ("Truncated(Normal(0, 1), lower = -38, upper = -37)", truncated(normal(0, 1), -38, -37), [-38, -37.5, -37.01, -37]),
    ("Truncated(Normal(0, 1), lower = 8, upper = 8.5)", truncated(normal(0, 1), 8, 8.5), [8, 8.1, 8.4, 8.5]),
    ("Truncated(Gamma(2.5, 1.5), lower = 1)", truncated(gamma(2.5, 1.5), 1), [1, 1.5, 4, 30]),
    ("Truncated(Exponential(2), lower = 0, upper = 0.75)", truncated(gamma(1, 2), None, 0.75), [0.125, 0.5, 0.75]),
    ("Truncated(StudentT(3, 1, 2), upper = -4)", truncated(student(3, 1, 2), None, -4), [-4, -5, -50]),
    ("Truncated(Beta(2, 5), lower = 0.25, upper = 0.9)", truncated(beta(2, 5), 0.25, 0.9), [0.25, 0.5, 0.875]),
    ("Truncated(VonMises(1, 2), lower = -0.5, upper = 2.5)", truncated(von_mises(1, 2), -0.5, 2.5), [-0.5, 0.25, 2, 2.5]),
    ("Truncated(VonMises(-2, 3), lower = 1, upper = 3)", truncated(von_mises(-2, 3), 1, 3), [1, 1.5, 3]),
    ("Truncated(Poisson(3), lower = 2)", truncated(poisson(3), 2), [2, 3, 7, 30]),
    ("Truncated(Binomial(10, 0.25), lower = 1, upper = 4)", truncated(binomial(10, 0.25), 1, 4), [1, 2, 4]),
    ("Truncated(Poisson(30), upper = 2)", truncated(poisson(30), None, 2), [0, 1, 2]),
    ("Truncated(Mixture([0.3, 0.7], [Normal(-1, 1), Normal(2, 0.5)]), lower = 0)", truncated(two, 0), [0, 0.5, 2, 4]),
    ("Truncated(Truncated(Normal(0, 1), lower = -1), upper = 2)", truncated(normal(0, 1), -1, 2), [-1, 0, 1.5]),
    ("Censored(Normal(0, 1), lower = -1, upper = 1.5)", censored(normal(0, 1), -1, 1.5), [-1, -0.5, 0, 1.5]),
    ("Censored(Weibull(1.5, 2), upper = 3)", censored(weibull(1.5, 2), None, 3), [0.5, 2, 3]),
    ("Censored(Normal(0, 1), upper = -40)", censored(normal(0, 1), None, -40), [-41, -40]),
    ("Censored(VonMises(1, 2), upper = 2)", censored(von_mises(1, 2), None, 2), [-3, 1, 2]),
    ("Censored(Poisson(4), lower = 2, upper = 6)", censored(poisson(4), 2, 6), [2, 3, 5, 6]),
    ("Mixture([0.25, 0.75], [Normal(0, 1), StudentT(4, 3, 0.5)])", mixture([0.25, 0.75], [normal(0, 1), student(4, 3, 0.5)]), [-40, 0, 2.5, 3, 90]),
    ("Mixture([0, 1], [Normal(0, 1), Normal(3, 0.5)])", normal(3, 0.5), [-10, 0, 3]),
    ("Mixture([0.2, 0.3, 0.5], [k in 3: Gamma(1 + k, 2)])", mixture([0.2, 0.3, 0.5], [gamma(1, 2), gamma(2, 2), gamma(3, 2)]), [0.01, 1, 5]),
    ("Mixture([0.5, 0.5], [Exponential(1), Uniform(2, 5)])", mixture([0.5, 0.5], [gamma(1, 1), uniform(2, 5)]), [1, 2, 3, 5, 7]),
    ("Mixture([0.4, 0.6], [Poisson(2), Binomial(6, 0.75)])", mixture([0.4, 0.6], [poisson(2), binomial(6, 0.75)]), [0, 3, 6, 9]),
    ("Mixture([0.3, 0.7], [Bernoulli(0.2), Bernoulli(0.9)])", bernoulli(0.3 * 0.2 + 0.7 * 0.9), [0, 1]),
    ("Mixture([0.25, 0.75], [Mixture([0.5, 0.5], [Normal(-4, 1), Normal(-2, 1)]), Normal(3, 1)])",
     mixture([0.125, 0.125, 0.75], [normal(-4, 1), normal(-2, 1), normal(3, 1)]), [-3, 0, 3]),
    ("Mixture([0.25, 0.75], [Delta(0), Poisson(2)])", zero_inflated(poisson(2), 0.25), [0, 1, 5]),
    ("Mixture([0.25, 0.75], [Delta(0), Exponential(2)])", zero_inflated(gamma(1, 2), 0.25), [0, 0.5, 3]),
    ("ZeroInflated(Poisson(2), 0.3)", zero_inflated(poisson(2), 0.3), [0, 1, 5]),
    ("ZeroInflated(Binomial(5, 0.4), 0.2)", zero_inflated(binomial(5, 0.4), 0.2), [0, 2, 5]),
    ("ZeroInflated(Bernoulli(0.75), prob = 0.5)", zero_inflated(bernoulli(0.75), 0.5), [0, 1]),
    ("ZeroInflated(Truncated(Poisson(2), lower = 1), 0.3)", zero_inflated(truncated(poisson(2), 1), 0.3), [0, 1, 5]),
    ("ZeroInflated(Gamma(0.5, 1), 0.4)", zero_inflated(gamma(0.5, 1), 0.4), [0, 0.25, 3]),
    ("ZeroInflated(Poisson(2), 0)", poisson(2), [0, 3]),
    ("ZeroInflated(Normal(0, 1), 0.5)", zero_inflated(normal(0, 1), 0.5), [-1, 0, 2]),
]


def number(v):
    """A float64 for JSON; infinities as strings."""
    v = float(v)
    return v if math.isfinite(v) else ("inf" if v > 0 else "-inf")


def log(v):
    return -mp.inf if v == 0 else mp.log(v)


def point(law, x):
    at = M(x)
    return [x, number(log(law.pdf(at))), number(log(law.cdf(at))), number(log(law.ccdf(at)))]


cases = [{"dist": text, "whole": law.whole, "points": [point(law, x) for x in xs]} for text, law, xs in CASES]
(HERE / "combinators.json").write_text("[\n" + ",\n".join(" " + json.dumps(case) for case in cases) + "\n]\n")
