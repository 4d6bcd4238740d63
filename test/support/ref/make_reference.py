"""Writes the reference values of test/special.test.ts, test/tables.test.ts and test/dist.test.ts beside this file, by hand and rarely:

    pip install numpy scipy mpmath && python make_reference.py

Values come from mpmath at 100 digits, from formulas written here and not read off the TypeScript; every density is also compared
with SciPy, so that a slip in a formula stops the script. Arguments are exactly the float64 numbers in the JSON files.
"""
import json
import math
import pathlib
import sys

import mpmath as mp
import numpy as np
from scipy import stats

mp.mp.dps = DIGITS = 100
HERE = pathlib.Path(__file__).parent
M = mp.mpf
LEFT = [1e-12, 1e-6, 1e-3, 0.05, 0.3]
RIGHT = [0.5, 0.2, 0.02, 1e-4, 1e-8]


def number(v):
    """A float64 for JSON; infinities and NaN as strings."""
    v = float(v)
    return v if math.isfinite(v) else ("nan" if v != v else ("inf" if v > 0 else "-inf"))


def log(v):
    return -mp.inf if v == 0 else mp.log(v)


def write(name, document):
    text = json.dumps(document)
    text = text.replace("]], ", "]],\n ").replace("], [", "],\n  [").replace("}, {", "},\n {")
    (HERE / f"{name}.json").write_text(text + "\n")


# ------------------------------------------------------------------------------------------------ special functions

def ndtr(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def ndtri(p):
    """By Newton's method on log P(Z <= x) in the lower half; p is exact."""
    if p > M(1) / 2:
        return -ndtri(1 - p)
    x = M(stats.norm.ppf(float(p)))
    for _ in range(8):
        x -= (mp.log(ndtr(x)) - mp.log(p)) * ndtr(x) / mp.npdf(x)
    return x


def gamma_p(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def gamma_q(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def beta_i(a, b, x):
    """I_x(a, b), also where a or b is 0."""
    if a == 0 or b == 0:
        return M(1) if a == 0 else M(0)
    if x == 0 or x == 1:
        return M(x)
    if max(a, b) < 500:
        return mp.betainc(a, b, 0, x, regularized=True)
    return beta_fraction(a, b, x) if x < (a + 1) / (a + b + 2) else 1 - beta_fraction(b, a, 1 - x)


def beta_fraction(a, b, x):
    """I_x(a, b) from its continued fraction (DLMF 8.17.22), by Lentz's method: mpmath's series takes hours at b = 1e9."""
    value, c, d = M(1), M(1), M(0)
    for m in range(10**6):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)) if m > 0 else None
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for numerator in (odd,) if even is None else (even, odd):
            c, d = 1 + numerator / c, 1 / (1 + numerator * d)
            value *= c * d
        if m > 3 and abs(value - before) < M(10) ** -45 * abs(value):
            break
    return mp.exp(a * log(x) + b * mp.log1p(-x) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)) / a / value


def t_cdf(df, t):
    tail = beta_i(df / 2, M(1) / 2, df / (df + t**2)) / 2
    return tail if t < 0 else 1 - tail


def moved(cdf, density, parameter):
    """How fast a quantile moves with a parameter: minus the derivative of the distribution function over the density."""
    return -mp.diff(cdf, parameter, h=M(10) ** -30) / density


def gamma_slope(a, log_z):
    z = mp.exp(log_z)
    return moved(lambda v: gamma_p(v, z), mp.exp(a * log_z - z - mp.loggamma(a)), a)


def beta_density(a, b, x):
    """That of log(x / (1 - x))."""
    return mp.exp(a * log(x) + b * mp.log1p(-x) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b))


def beta_slope(a, b, u):
    x = 1 / (1 + mp.exp(-u))
    return moved(lambda v: beta_i(v, b, x), beta_density(a, b, x), a)


def von_mises_slope(theta, k):
    """By quadrature of the transport equation, from 0, in 40 digits; both signs of the integrand."""
    with mp.workdps(40):
        mean = mp.besseli(1, k) / mp.besseli(0, k)
        points = [theta * i / 16 for i in range(17)]
        return -mp.quad(lambda t: (mp.cos(t) - mean) * mp.exp(k * (mp.cos(t) - mp.cos(theta))), points)


def arc(k, start, length):
    """P(start <= X <= start + length) of von Mises(0, k), by quadrature in 30 digits, in pieces that are short beside its width,
    and shorter towards the ends, where it may fall fast."""
    with mp.workdps(30):
        if length <= 0:
            return M(0)
        turn = 2 * mp.pi
        near = [turn * n + sign * d for n in range(-3, 4) for sign in (-1, 1) for d in (0, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, mp.pi)]
        ends = [start + length * (M(2) ** -j if low else 1 - M(2) ** -j) for j in range(1, 19) for low in (True, False)]
        cuts = [start, *sorted({c for c in near + ends if start < c < start + length}), start + length]
        return mp.quad(lambda t: mp.exp(k * (mp.cos(t) - 1)), cuts) / (turn * mp.besseli(0, k) * mp.exp(-k))


def log_arc(k, start, length):
    mass = arc(k, start, length)
    return log(mass) if mass < M(1) / 2 else mp.log1p(-arc(k, start + length, 2 * mp.pi - length))


def beta_binomial_cdf(x, n, a, b):
    return mp.fsum(mp.binomial(n, j) * mp.beta(a + j, b + n - j) for j in range(int(x) + 1)) / mp.beta(a, b)


SPECIAL = {
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "digamma": lambda x: mp.psi(0, x),
    "trigamma": lambda x: mp.psi(1, x),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "normalCdf": ndtr,
    "logNormalCdf": lambda x: mp.log(ndtr(x)) if x < 0 else mp.log1p(-ndtr(-x)),
    "normalQuantile": ndtri,
    "log1mExp": lambda x: mp.log(-mp.expm1(x)),
    "log1pExp": lambda x: mp.log1p(mp.exp(x)),
    "polygamma": lambda n, x: mp.psi(int(n), x),
    "logGammaP": lambda a, x: log(gamma_p(a, x)),
    "logGammaQ": lambda a, x: log(gamma_q(a, x)),
    "gammaSlope": gamma_slope,
    "logBetaCdf": lambda a, b, u: log(beta_i(a, b, 1 / (1 + mp.exp(-u)))),
    "betaSlope": beta_slope,
    "logStudentCdf": lambda df, t: log(t_cdf(df, t)),
    "logBetaBinomialCdf": lambda x, n, a, b: log(beta_binomial_cdf(x, n, a, b)),
    "betaBinomialByA": lambda x, n, a, b: mp.diff(lambda v: log(beta_binomial_cdf(x, n, v, b)), a, h=M(10) ** -30),
    "betaBinomialByB": lambda x, n, a, b: mp.diff(lambda v: log(beta_binomial_cdf(x, n, a, v)), b, h=M(10) ** -30),
    "besselI": lambda n, x: mp.besseli(int(n), x),
    "logBesselI0e": lambda x: mp.log(mp.besseli(0, x)) - x,
    "besselGap": lambda x: 1 - mp.besseli(1, x) / mp.besseli(0, x),
    "logVonMisesArc": log_arc,
    "vonMisesSlope": von_mises_slope,
}


def special_points(name):
    rng = np.random.default_rng(20240917)
    if name in ("lgamma", "digamma", "trigamma"):
        wide = list(np.exp(rng.uniform(math.log(1e-4), math.log(1e5), 120)))
        fixed = [1e-300, 1e-5, 0.1, 0.5, 1, 1.4616321449683623, 1.5, 2, 2.5, 3.75, 10, 50.5, 1000, 1e6, 1e15, 1e100, 1 + 1e-10, 2 - 1e-10]
        return wide + fixed + list(-rng.uniform(0.01, 20, 30)) + [-0.5, -1e-8, -1.5, -100.25]
    if name in ("erf", "erfc"):
        return list(rng.uniform(-6, 6, 80)) + [0, 1e-300, 1e-8, 0.1, 0.499, 0.5, 0.501, 1, 2, 3, 5, 8, 12, 20, 26, -0.3, -5, -26]
    if name in ("normalCdf", "logNormalCdf"):
        tail = [-38, -100, -1e3, -1e5] if name == "logNormalCdf" else [-38, -37.5]
        return list(rng.uniform(-10, 10, 80)) + [0, 1e-300, -1e-8, 0.1, 0.5, 1, 2, 3, 5, 8, 12, 20, -12, -20, -37] + tail
    if name == "normalQuantile":
        small = [1e-300, 1e-100, 1e-20, 1e-10, 1e-5]
        return list(rng.uniform(0, 1, 80)) + small + [0.5, 0.075, 0.925, 0.5 + 1e-9, 1 - 1e-5, 1 - 1e-10, 1 - 2.0**-53]
    if name == "log1mExp":
        return list(-np.exp(rng.uniform(math.log(1e-12), math.log(700), 60))) + [-math.log(2), -1e-300, -1e-20]
    if name == "log1pExp":
        return list(rng.uniform(-700, 700, 60)) + [0, 1e-20, -1e-20, 1e5]
    return more_points(name, rng)


def more_points(name, rng):
    """Arguments of functions of several; of distributions at quantiles, 1e-9 tails among them."""
    def wide(low, high, count=60):
        return list(np.exp(rng.uniform(math.log(low), math.log(high), count)))

    def quantiles(frozen):
        p = float(rng.choice([1e-9, 1e-4, *rng.uniform(0.01, 0.99, 4)]))
        return float(frozen.ppf(p)), float(frozen.isf(p))

    if name == "polygamma":
        return [(n, x) for n in (1, 2, 3, 6) for x in wide(1e-3, 1e4, 15) + [-0.3, -7.7]]
    if name in ("logGammaP", "logGammaQ"):
        quantile = [(a, x) for a in wide(1e-3, 1e4) for x in quantiles(stats.gamma(a)) if x > 1e-290]
        return quantile + [(1e-8, 0.3), (1e-8, 5), (0.5, 90), (1e5, 9.8e4), (1e6, 1.001e6), (3, 1e-200)]
    if name == "gammaSlope":
        quantile = [(a, math.log(x)) for a in wide(1e-3, 1e4) for x in quantiles(stats.gamma(a)) if x > 1e-290]
        return quantile + [(0.001, -5000), (0.01, -800), (24, 3), (24, 4.67), (24, 1.69), (24, 5), (23.9, 4.5), (1.5, 0.405), (30, 4.9)]
    if name in ("logBetaCdf", "betaSlope"):
        pairs = list(zip(wide(0.03, 300, 40), wide(0.03, 300, 40))) + [(0.5, 2e3), (4e3, 2), (2e3, 3e3)]
        quantile = [(a, b, math.log(x / (1 - x))) for a, b in pairs for x in quantiles(stats.beta(a, b)) if 1e-290 < x < 1 - 1e-9]
        return quantile + [(0.2, 0.4, -145), (1, 1, 0.5), (2, 3, 40), (0.5, 1e5, -8), (1, 1e9, -17.5)]
    if name == "logStudentCdf":
        return [(df, t) for df in wide(0.1, 1e4, 25) for t in quantiles(stats.t(df))] + [(3, 0), (1e9, -6), (0.01, -1e80)]
    if name in ("logBetaBinomialCdf", "betaBinomialByA", "betaBinomialByB"):
        return [(x, n, a, b) for n, x in ((1, 0), (10, 0), (10, 4), (10, 9), (60, 7), (60, 50), (300, 120))
                for a, b in ((0.5, 0.5), (0.01, 3), (12, 7), (300, 500))]
    if name == "besselI":
        return [(n, x) for n in (0, 1, 2, 5, 40) for x in wide(1e-3, 600, 12) + [-2.5, 25]]
    if name == "logVonMisesArc":
        spread = [(k, float(s), float(s) + float(d)) for k in wide(1e-3, 200, 30) + [1e4]
                  for s, d in (rng.uniform(-3.1, 2.9, 2) / max(1, k / 9) ** 0.5, (rng.uniform(-3.1, 3), 0.1), (-3.1, rng.uniform(0, 6)))]
        arcs = [(k, s, e - s) for k, s, e in spread if 0 < e - s < 6.28]
        return arcs + [(0, 1, 2), (2, -3, 1e-9), (2, 1, 6.2831853), (40, -3.125, 3), (40, 0.125, 3), (1, 9.5, 2.5), (1e6, 0.001, 3)]
    if name == "vonMisesSlope":
        return [(float(t), k) for k in wide(1e-3, 200, 40) + [1e4] for t in rng.uniform(-3.1, 3.1, 2) / max(1, k / 4) ** 0.5]
    return wide(1e-3, 1e4) + [1e-8, 24.99, 25, 60]


def special():
    table = {}
    for name, f in SPECIAL.items():
        points = [tuple(map(float, x)) if isinstance(x, tuple) else (float(x),) for x in special_points(name)]
        if name == "log1pExp":
            mp.mp.dps = 700  # 1 + e^-700
        table[name] = [[*x, number(f(*map(M, x)))] for x in points]
        mp.mp.dps = DIGITS
    write("special", table)


# ------------------------------------------------------------------------------------------------ tables of functions with their slopes
# Per row: the arguments, then all that belongs to them. How fast a quantile moves with a parameter is minus the derivative of the
# distribution function over the density.

def by(f, x):
    return mp.diff(f, x, h=M(10) ** -30)


def gamma_row(a, x):
    by_a = by(lambda v: gamma_p(v, x), a)
    slope = -by_a / mp.exp((a - 1) * log(x) - x - mp.loggamma(a))
    return [gamma_p(a, x), gamma_q(a, x), by_a, slope, slope / x]


def beta_row(a, b, x):
    by_a, by_b = by(lambda v: beta_i(v, b, x), a), by(lambda v: beta_i(a, v, x), b)
    density = beta_density(a, b, x) / (x * (1 - x))
    return [beta_i(a, b, x), by_a, by_b, -by_a / density, -by_b / density]


def bessel_row(k):
    ratio = lambda v: mp.besseli(1, v) / mp.besseli(0, v)
    return [mp.log(mp.besseli(0, k)), mp.log(mp.besseli(1, k)), ratio(k), by(ratio, k)]


def von_mises_row(theta, k):
    density = mp.exp(k * mp.cos(theta)) / (2 * mp.pi * mp.besseli(0, k))
    slope = von_mises_slope(theta, k)
    return [arc(k, -mp.pi, theta + mp.pi), -slope * density, density, slope]


def student_row(t, df):
    by_df = by(lambda v: t_cdf(v, t), df)
    density = mp.gamma((df + 1) / 2) / mp.gamma(df / 2) / mp.sqrt(df * mp.pi) * (1 + t**2 / df) ** (-(df + 1) / 2)
    return [t_cdf(df, t), by_df, -by_df / density]


TABLES = {
    "gammaFunctions": (lambda x: [mp.loggamma(x), mp.psi(0, x), mp.psi(1, x)], [
        1e-5, 0.1, 0.5, 1, 1.5, 2, 2.5, 3.75, 10, 50.5, 1000, 1e6]),
    "gamma": (gamma_row, [
        (0.001, 1e-300), (0.01, 1e-20), (0.1, 1e-6), (0.1, 0.01), (0.1, 0.5), (0.5, 0.2274682115597864), (0.5, 3),
        (1, 0.6931471805599453), (1, 5), (1.5, 0.1), (1.5, 1.5), (2.5, 0.5), (2.5, 7), (5, 5), (10, 3), (10, 10), (10, 25),
        (50, 30), (50, 50), (50, 80), (100, 100), (200, 170), (1000, 1000), (1000, 1100)]),
    "beta": (beta_row, [
        (0.1, 0.1, 0.001), (0.5, 0.5, 0.3), (0.5, 2, 0.01), (1, 1, 0.25), (1, 3, 0.5), (2, 3, 0.4), (2, 3, 0.9), (5, 1.5, 0.7),
        (10, 10, 0.5), (10, 30, 0.2), (50, 20, 0.75), (100, 100, 0.45), (0.01, 5, 1e-30), (300, 500, 0.38)]),
    "bessel": (bessel_row, [
        1e-4, 0.1, 0.5, 1, 2, 5, 8, 10.5, 20, 50, 100, 500]),
    "vonMises": (von_mises_row, [
        (1, 0.01), (1, 0.1), (1, 1), (2.5, 1), (-1, 1), (0.3, 4), (2, 4), (3, 4), (0.2, 10), (1, 10), (0.2, 10.5), (1.5, 10.5),
        (0.3, 20), (1, 20), (0.1, 50), (0.4, 50), (0.1, 100), (0.3, 100)]),
    "normal": (lambda x: [mp.erf(x), mp.erfc(x), SPECIAL["logNormalCdf"](x), SPECIAL["logNormalCdf"](-x)], [
        1e-8, 0.1, 0.5, 1, 2, 3, 5, 8, 12, 20, 38]),
    "student": (student_row, [
        (0.5, 1), (1, 1), (1, 2), (2, 2.5), (0.7, 5), (3, 5), (1, 30), (4, 30), (1, 200)]),
}


def tables():
    def row_of(f, at):
        numbers = [float(v) for v in (at if isinstance(at, tuple) else (at,))]
        return [*numbers, *(number(v) for v in f(*map(M, numbers)))]
    write("tables", {name: [row_of(f, at) for at in points] for name, (f, points) in TABLES.items()})


# ------------------------------------------------------------------------------------------------ distributions
# A family gives, for canonical parameters in mpmath: log density inside the support, cdf and ccdf (or None), mean and variance
# (None: undefined or infinite and not stated), and the frozen SciPy distribution.

def plain(**parts):
    return parts


def normal(mean, sd):
    return plain(
        log=lambda x: -((x - mean) / sd) ** 2 / 2 - log(sd) - log(2 * mp.pi) / 2,
        cdf=lambda x: ndtr((x - mean) / sd), ccdf=lambda x: ndtr((mean - x) / sd),
        mean=mean, variance=sd**2, scipy=stats.norm(float(mean), float(sd)))


def half_normal(sd):
    return plain(
        log=lambda x: log(2) - (x / sd) ** 2 / 2 - log(sd) - log(2 * mp.pi) / 2,
        cdf=lambda x: mp.erf(x / sd / mp.sqrt(2)), ccdf=lambda x: mp.erfc(x / sd / mp.sqrt(2)),
        mean=sd * mp.sqrt(2 / mp.pi), variance=sd**2 * (1 - 2 / mp.pi), scipy=stats.halfnorm(scale=float(sd)), lower=0)


def cauchy(loc, scale):
    return plain(
        log=lambda x: -log(mp.pi * scale * (1 + ((x - loc) / scale) ** 2)),
        cdf=lambda x: mp.acot((loc - x) / scale) / mp.pi if x < loc else 1 - mp.acot((x - loc) / scale) / mp.pi if x > loc else M(1) / 2,
        ccdf=lambda x: mp.acot((x - loc) / scale) / mp.pi if x > loc else 1 - mp.acot((loc - x) / scale) / mp.pi if x < loc else M(1) / 2,
        scipy=stats.cauchy(float(loc), float(scale)))


def half_cauchy(scale):
    return plain(
        log=lambda x: log(2 / (mp.pi * scale * (1 + (x / scale) ** 2))),
        cdf=lambda x: 2 / mp.pi * mp.atan(x / scale), ccdf=lambda x: 2 / mp.pi * mp.atan2(scale, x),
        scipy=stats.halfcauchy(scale=float(scale)), lower=0)


def student_t(df, loc, scale):
    return plain(
        log=lambda x: mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - log(df * mp.pi) / 2 - log(scale)
        - (df + 1) / 2 * mp.log1p(((x - loc) / scale) ** 2 / df),
        cdf=lambda x: t_cdf(df, (x - loc) / scale), ccdf=lambda x: t_cdf(df, (loc - x) / scale),
        mean=loc if df > 1 else mp.nan,
        variance=scale**2 * df / (df - 2) if df > 2 else mp.inf if df > 1 else mp.nan,
        scipy=stats.t(float(df), float(loc), float(scale)))


def half_student_t(df, scale):
    both = student_t(df, M(0), scale)
    mean = 2 * scale * mp.sqrt(df / mp.pi) * mp.gamma((df + 1) / 2) / mp.gamma(df / 2) / (df - 1) if df > 1 else mp.inf
    return plain(
        log=lambda x: log(2) + both["log"](x), mean=mean,
        cdf=lambda x: beta_i(M(1) / 2, df / 2, x**2 / (df * scale**2 + x**2)), ccdf=lambda x: 2 * t_cdf(df, -x / scale),
        variance=scale**2 * df / (df - 2) - mean**2 if df > 2 else mp.inf if df > 1 else mp.nan, folded=both["scipy"], lower=0)


def log_normal(meanlog, sdlog):
    return plain(
        log=lambda x: -((log(x) - meanlog) / sdlog) ** 2 / 2 - log(x * sdlog * mp.sqrt(2 * mp.pi)),
        cdf=lambda x: ndtr((log(x) - meanlog) / sdlog), ccdf=lambda x: ndtr((meanlog - log(x)) / sdlog),
        mean=mp.exp(meanlog + sdlog**2 / 2), variance=mp.expm1(sdlog**2) * mp.exp(2 * meanlog + sdlog**2),
        scipy=stats.lognorm(float(sdlog), scale=float(mp.exp(meanlog))), lower=0)


def exponential(rate):
    return plain(
        log=lambda x: log(rate) - rate * x, cdf=lambda x: -mp.expm1(-rate * x), ccdf=lambda x: mp.exp(-rate * x),
        mean=1 / rate, variance=1 / rate**2, scipy=stats.expon(scale=float(1 / rate)), lower=0)


def gamma(shape, rate):
    return plain(
        log=lambda x: shape * log(rate) + (shape - 1) * log(x) - rate * x - mp.loggamma(shape),
        cdf=lambda x: gamma_p(shape, rate * x), ccdf=lambda x: gamma_q(shape, rate * x),
        mean=shape / rate, variance=shape / rate**2, scipy=stats.gamma(float(shape), scale=float(1 / rate)), lower=0)


def inverse_gamma(shape, scale):
    return plain(
        log=lambda x: shape * log(scale) - (shape + 1) * log(x) - scale / x - mp.loggamma(shape),
        cdf=lambda x: gamma_q(shape, scale / x), ccdf=lambda x: gamma_p(shape, scale / x),
        mean=scale / (shape - 1) if shape > 1 else mp.inf,
        variance=scale**2 / (shape - 1) ** 2 / (shape - 2) if shape > 2 else mp.inf if shape > 1 else mp.nan,
        scipy=stats.invgamma(float(shape), scale=float(scale)), lower=0)


def chi_square(df):
    return plain(
        log=lambda x: (df / 2 - 1) * log(x) - x / 2 - df / 2 * log(2) - mp.loggamma(df / 2),
        cdf=lambda x: gamma_p(df / 2, x / 2), ccdf=lambda x: gamma_q(df / 2, x / 2),
        mean=df, variance=2 * df, scipy=stats.chi2(float(df)), lower=0)


def beta(a, b):
    return plain(
        log=lambda x: (a - 1) * log(x) + (b - 1) * mp.log1p(-x) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b),
        cdf=lambda x: beta_i(a, b, x), ccdf=lambda x: beta_i(b, a, 1 - x),
        mean=a / (a + b), variance=a * b / (a + b) ** 2 / (a + b + 1), scipy=stats.beta(float(a), float(b)), lower=0, upper=1)


def uniform(lower, upper):
    return plain(
        log=lambda x: -log(upper - lower), cdf=lambda x: (x - lower) / (upper - lower), ccdf=lambda x: (upper - x) / (upper - lower),
        mean=(lower + upper) / 2, variance=(upper - lower) ** 2 / 12,
        scipy=stats.uniform(float(lower), float(upper - lower)), lower=lower, upper=upper)


def laplace(loc, scale):
    return plain(
        log=lambda x: -abs(x - loc) / scale - log(2 * scale),
        cdf=lambda x: mp.exp((x - loc) / scale) / 2 if x < loc else 1 - mp.exp((loc - x) / scale) / 2,
        ccdf=lambda x: mp.exp((loc - x) / scale) / 2 if x > loc else 1 - mp.exp((x - loc) / scale) / 2,
        mean=loc, variance=2 * scale**2, scipy=stats.laplace(float(loc), float(scale)))


def logistic(loc, scale):
    return plain(
        log=lambda x: -(x - loc) / scale - log(scale) - 2 * mp.log1p(mp.exp(-(x - loc) / scale)),
        cdf=lambda x: 1 / (1 + mp.exp((loc - x) / scale)), ccdf=lambda x: 1 / (1 + mp.exp((x - loc) / scale)),
        mean=loc, variance=(scale * mp.pi) ** 2 / 3, scipy=stats.logistic(float(loc), float(scale)))


def gumbel(loc, scale):
    return plain(
        log=lambda x: -(x - loc) / scale - mp.exp((loc - x) / scale) - log(scale),
        cdf=lambda x: mp.exp(-mp.exp((loc - x) / scale)), ccdf=lambda x: -mp.expm1(-mp.exp((loc - x) / scale)),
        mean=loc + scale * mp.euler, variance=(scale * mp.pi) ** 2 / 6, scipy=stats.gumbel_r(float(loc), float(scale)))


def weibull(shape, scale):
    g = [mp.gamma(1 + k / shape) for k in (1, 2)]
    return plain(
        log=lambda x: log(shape / scale) + (shape - 1) * log(x / scale) - (x / scale) ** shape,
        cdf=lambda x: -mp.expm1(-((x / scale) ** shape)), ccdf=lambda x: mp.exp(-((x / scale) ** shape)),
        mean=scale * g[0], variance=scale**2 * (g[1] - g[0] ** 2), scipy=stats.weibull_min(float(shape), scale=float(scale)), lower=0)


def pareto(least, shape):
    return plain(
        log=lambda x: log(shape) + shape * log(least) - (shape + 1) * log(x),
        cdf=lambda x: 1 - (least / x) ** shape, ccdf=lambda x: (least / x) ** shape,
        mean=shape * least / (shape - 1) if shape > 1 else mp.inf,
        variance=least**2 * shape / (shape - 1) ** 2 / (shape - 2) if shape > 2 else mp.inf,
        scipy=stats.pareto(float(shape), scale=float(least)), lower=least)


def power(x, y):
    """x log y with 0 log 0 = 0."""
    return M(0) if x == 0 else x * log(y)


def bernoulli(prob):
    return plain(log=lambda x: log(prob) if x == 1 else log(1 - prob),
                 cdf=lambda x: M(1) if x == 1 else 1 - prob, ccdf=lambda x: M(0) if x == 1 else prob, mean=prob, variance=prob * (1 - prob),
                 scipy=stats.bernoulli(float(prob)), discrete=True, lower=0, upper=1)


def categorical(prob):
    return plain(log=lambda x: log(prob[int(x)]), discrete=True, lower=0, upper=len(prob) - 1, **sums(lambda k: prob[k], len(prob)))


def sums(p, count):
    """Tail probabilities of the numbers from 0 to count - 1."""
    return {"cdf": lambda x: mp.fsum(p(k) for k in range(int(x) + 1)) if x < count - 1 else M(1),
            "ccdf": lambda x: mp.fsum(p(k) for k in range(int(x) + 1, count))}


def poisson(rate):
    return plain(log=lambda x: power(x, rate) - rate - mp.loggamma(x + 1),
                 cdf=lambda x: gamma_q(mp.floor(x) + 1, rate), ccdf=lambda x: gamma_p(mp.floor(x) + 1, rate), mean=rate, variance=rate,
                 scipy=stats.poisson(float(rate)), discrete=True, lower=0)


def binomial(n, prob):
    return plain(
        log=lambda x: mp.loggamma(n + 1) - mp.loggamma(x + 1) - mp.loggamma(n - x + 1) + power(x, prob) + power(n - x, 1 - prob),
        cdf=lambda x: beta_i(n - mp.floor(x), mp.floor(x) + 1, 1 - prob),
        ccdf=lambda x: beta_i(mp.floor(x) + 1, n - mp.floor(x), prob),
        mean=n * prob, variance=n * prob * (1 - prob), scipy=stats.binom(int(n), float(prob)), discrete=True, lower=0, upper=n)


def geometric(prob):
    floor = mp.floor
    return plain(log=lambda x: log(prob) + power(x, 1 - prob), mean=(1 - prob) / prob, variance=(1 - prob) / prob**2,
                 cdf=lambda x: -mp.expm1((floor(x) + 1) * mp.log1p(-prob)), ccdf=lambda x: mp.exp((floor(x) + 1) * mp.log1p(-prob)),
                 scipy=stats.geom(float(prob), -1), discrete=True, lower=0)


def negative_binomial(mean, dispersion):
    count = 1 / dispersion
    return plain(
        log=lambda x: mp.loggamma(x + count) - mp.loggamma(count) - mp.loggamma(x + 1)
        + count * log(count / (count + mean)) + power(x, mean / (count + mean)),
        cdf=lambda x: beta_i(count, mp.floor(x) + 1, count / (count + mean)),
        ccdf=lambda x: beta_i(mp.floor(x) + 1, count, mean / (count + mean)),
        mean=mean, variance=mean + dispersion * mean**2,
        scipy=stats.nbinom(float(count), float(count / (count + mean))), discrete=True, lower=0)


def discrete_uniform(lower, upper):
    count = upper - lower + 1
    return plain(log=lambda x: -log(count), cdf=lambda x: (mp.floor(x) - lower + 1) / count, ccdf=lambda x: (upper - mp.floor(x)) / count,
                 mean=(lower + upper) / 2, variance=(count**2 - 1) / 12,
                 scipy=stats.randint(int(lower), int(upper) + 1), discrete=True, lower=lower, upper=upper)


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def beta_binomial(n, a, b):
    def log_p(x):
        return log(mp.binomial(n, x)) + log_beta(a + x, b + n - x) - log_beta(a, b)

    return plain(log=log_p, cdf=lambda x: mp.fsum(mp.exp(log_p(M(k))) for k in range(int(x) + 1)),
                 ccdf=lambda x: mp.fsum(mp.exp(log_p(M(k))) for k in range(int(x) + 1, int(n) + 1)),
                 mean=n * a / (a + b), variance=n * a * b * (a + b + n) / (a + b) ** 2 / (a + b + 1),
                 scipy=stats.betabinom(int(n), float(a), float(b)), discrete=True, lower=0, upper=n)


def von_mises(loc, concentration):
    return plain(log=lambda x: concentration * mp.cos(x - loc) - log(2 * mp.pi * mp.besseli(0, concentration)),
                 cdf=lambda x: arc(concentration, -mp.pi - loc, x + mp.pi), ccdf=lambda x: arc(concentration, x - loc, mp.pi - x),
                 scipy=stats.vonmises(float(concentration), float(loc)), circle=True)


def ordered(cdf):
    """Category k between cuts k - 1 and k of a latent number; of the two tails the one whose difference keeps its digits."""
    def build(eta, cuts):
        ends = [-mp.inf, *cuts, mp.inf]
        def log_p(x):
            low, high = ends[int(x)] - eta, ends[int(x) + 1] - eta
            return log(cdf(high) - cdf(low)) if low < 0 else log(cdf(-low) - cdf(-high))
        return plain(log=log_p, discrete=True, lower=0, upper=len(cuts), **sums(lambda k: mp.exp(log_p(k)), len(cuts) + 1))
    return build


def expit(v):
    return 1 / (1 + mp.exp(-v))


def softmax(v):
    total = mp.fsum(mp.exp(x) for x in v)
    return [mp.exp(x) / total for x in v]


def form(parameters, canonical, *settings):
    return parameters.split(), canonical, settings


same = lambda *p: p  # noqa: E731

# name: family, then for each form its parameters, the map to the canonical ones, settings
DISTS = {
    "normal": (normal, [
        form("mean sd", same, (0, 1), (-3.5, 0.02), (1e4, 250)),
        form("mean variance", lambda m, v: (m, mp.sqrt(v)), (0.25, 2)),
        form("mean precision", lambda m, t: (m, 1 / mp.sqrt(t)), (-1, 5))]),
    "half-normal": (half_normal, [form("sd", same, (1,), (0.03,), (70,))]),
    "cauchy": (cauchy, [form("loc scale", same, (0, 1), (-3, 0.1))]),
    "half-cauchy": (half_cauchy, [form("scale", same, (1,), (5,))]),
    "student-t": (student_t, [form("df loc scale", same, (3, 0, 1), (0.7, 2, 0.1), (4.5, -1, 30), (1e9, 0, 1))]),
    "half-student-t": (half_student_t, [form("df scale", same, (3, 1), (0.8, 0.1), (7, 20))]),
    "log-normal": (log_normal, [form("meanlog sdlog", same, (0, 1), (-2, 0.1), (3, 2.5))]),
    "exponential": (exponential, [form("rate", same, (1,), (0.01,)), form("scale", lambda s: (1 / s,), (3,))]),
    "gamma": (gamma, [
        form("shape rate", same, (2, 3), (0.05, 1), (1, 0.5), (1e4, 10)),
        form("shape scale", lambda a, s: (a, 1 / s), (2.5, 4)),
        form("shape mean", lambda a, m: (a, a / m), (0.6, 7))]),
    "inverse-gamma": (inverse_gamma, [form("shape scale", same, (3, 2), (0.5, 1), (1.5, 0.2))]),
    "chi-square": (chi_square, [form("df", same, (1,), (2,), (9.5,))]),
    "beta": (beta, [
        form("a b", same, (2, 3), (0.2, 0.4), (1, 1), (3e4, 1e5)),
        form("mean size", lambda m, k: (m * k, (1 - m) * k), (0.3, 12))]),
    "uniform": (uniform, [form("lower upper", same, (0, 1), (-3, 11))]),
    "laplace": (laplace, [form("loc scale", same, (0, 1), (5, 0.2))]),
    "logistic": (logistic, [form("loc scale", same, (0, 1), (-2, 0.3))]),
    "gumbel": (gumbel, [form("loc scale", same, (0, 1), (4, 2.5))]),
    "weibull": (weibull, [form("shape scale", same, (1, 2), (0.5, 1), (3.6, 0.2))]),
    "pareto": (pareto, [form("min shape", same, (1, 3), (0.2, 0.8), (50, 1.5))]),
    "bernoulli": (bernoulli, [
        form("prob", same, (0.3,), (0,), (1,), (1e-12,)), form("logit", lambda a: (expit(a),), (0.7,), (-40,), (800,))]),
    "categorical": (categorical, [
        form("prob", same, ([0.25, 0.5, 0.25],), ([0, 1, 0, 0],)),
        form("logit", lambda a: (softmax(a),), ([0.5, -1, 2, 0],), ([0, 900, -900],))]),
    "poisson": (poisson, [
        form("rate", same, (4,), (0,), (0.01,), (3000,)), form("log_rate", lambda a: (mp.exp(a),), (1.5,), (-30,))]),
    "binomial": (binomial, [
        form("n prob", same, (10, 0.3), (5, 0), (5, 1), (100000, 0.001), (0, 0.5)),
        form("n logit", lambda n, a: (n, expit(a)), (12, 0.4), (3, -60))]),
    "geometric": (geometric, [form("prob", same, (0.3,), (0.002,), (1,))]),
    "negative-binomial": (negative_binomial, [
        form("mean dispersion", same, (4, 0.5), (0.01, 3), (20, 1e-9)),
        form("count prob", lambda r, p: (r * p / (1 - p), 1 / r), (3, 0.4), (0.5, 0.9)),
        form("count logit", lambda r, a: (r * mp.exp(a), 1 / r), (2.5, -0.7), (2, 12))]),
}


DISTS.update({
    "von-mises": (von_mises, [form("loc concentration", same, (0, 1), (2, 0.05), (-1.5, 8), (3.1, 60), (0.5, 1e4), (1, 0))]),
    "ordered-logistic": (ordered(lambda t: M(0) if t == -mp.inf else M(1) if t == mp.inf else expit(t)), [
        form("eta cuts", same, (0.3, [-1, 0.5, 2]), (-40, [-1, 3]), (30, [-0.5, 0.25, 1]), (0, [1.5]))]),
    "ordered-probit": (ordered(lambda t: M(0) if t == -mp.inf else M(1) if t == mp.inf else ndtr(t)), [
        form("eta cuts", same, (0.3, [-1, 0.5, 2]), (-12, [-1, 3]), (9, [-0.5, 0.25, 1]))]),
    "discrete-uniform": (discrete_uniform, [form("lower upper", same, (2, 9), (0, 1), (5, 5), (1, 3000))]),
    "beta-binomial": (beta_binomial, [form("n a b", same, (10, 2, 3), (1, 0.5, 0.5), (40, 0.3, 7), (200, 300, 100), (0, 1, 1))]),
})


def exact(v):
    return [M(x) for x in v] if isinstance(v, list) else M(v)


def candidates(family):
    """Points from quantiles: both tails, the middle, and the far tail beyond them."""
    if "scipy" not in family and "folded" not in family:
        return range(int(family["upper"]) + 1)
    if "folded" in family:
        return [family["folded"].isf((1 - p) / 2) for p in LEFT] + [family["folded"].isf(p / 2) for p in RIGHT]
    if "circle" in family:
        centre = float(family["scipy"].mean())
        return sorted({math.remainder(centre + d, 2 * math.pi) for d in (-3.1, -1.2, -0.4, -0.01, 0, 0.03, 0.5, 1, 2, 3.14)})
    points = [family["scipy"].ppf(p) for p in LEFT] + [family["scipy"].isf(p) for p in RIGHT]
    if family.get("discrete"):
        return sorted({int(x) for x in points if x >= 0})
    return [x for x in points + far(family, points) if math.isfinite(x)]


def far(family, points):
    """One point beyond each tail quantile, towards the bound where there is one."""
    low, middle, high = min(points), points[5], max(points)
    below = low + 9 * (low - middle) if "lower" not in family else float(family["lower"]) + (low - float(family["lower"])) * 1e-3
    above = high + 9 * (high - middle) if "upper" not in family else high
    return [below, above]


def outside(family):
    """Where the density is zero: beyond the bounds, between the integers."""
    points = []
    if "lower" in family:
        points.append(float(family["lower"]) - 0.5 if not family.get("discrete") else -1.0)
    if "upper" in family:
        points.append(float(family["upper"]) + 1.0)
    if family.get("discrete"):
        points.append(0.5)
    return points


def row(family, x):
    x = float(x)
    values = [family["log"](M(x))]
    for key in ("cdf", "ccdf"):
        values.append(log(family[key](M(x))) if key in family else None)
    compare_with_scipy(family, x, values[0])
    return [x] + [None if v is None else number(v) for v in values]


def compare_with_scipy(family, x, value):
    if "folded" in family:
        other = math.log(2) + family["folded"].logpdf(x)
    elif "scipy" in family:
        other = family["scipy"].logpmf(x) if family.get("discrete") else family["scipy"].logpdf(x)
    else:
        return
    ours = float(value)
    # SciPy parameters are rounded once more than ours, and its far tails are less exact.
    if not (ours == other or abs(ours - other) <= 1e-4 * max(1, abs(ours))):
        raise SystemExit(f"{build_name(family)} at {x}: formula {ours}, SciPy {other}")


def build_name(family):
    return (family.get("scipy") or family["folded"]).dist.name


def dist_cases(build, forms):
    for parameters, canonical, settings in forms:
        for setting in settings:
            family = build(*canonical(*[exact(v) for v in setting]))
            points = [x for x in dict.fromkeys(float(x) for x in candidates(family))
                      if x >= float(family.get("lower", -math.inf)) and x <= float(family.get("upper", math.inf))
                      and not (x == family.get("lower") and not family.get("discrete"))]
            yield {
                "params": dict(zip(parameters, setting)),
                "mean": None if "mean" not in family else number(family["mean"]),
                "variance": None if "variance" not in family else number(family["variance"]),
                "outside": [] if "scipy" not in family and "folded" not in family else outside(family),
                "points": [row(family, x) for x in points],
            }


# ------------------------------------------------------------------------------------------------ vectors
# Per case: log density at vectors, mean and variance of the entries.

def dirichlet(concentration):
    total = mp.fsum(concentration)
    mean = [a / total for a in concentration]
    return plain(
        log=lambda x: mp.loggamma(total) + mp.fsum(power(a - 1, v) - mp.loggamma(a) for a, v in zip(concentration, x)),
        mean=mean, variance=[m * (1 - m) / (total + 1) for m in mean],
        scipy=lambda x: stats.dirichlet([float(a) for a in concentration]).logpdf(np.array(x, float) / sum(x)))


def orders(n, x):
    return mp.loggamma(n + 1) - mp.fsum(mp.loggamma(v + 1) for v in x)


def multinomial(n, prob):
    return plain(
        log=lambda x: orders(n, x) + mp.fsum(power(v, p) for v, p in zip(x, prob)),
        mean=[n * p for p in prob], variance=[n * p * (1 - p) for p in prob],
        scipy=lambda x: stats.multinomial(int(n), [float(p) for p in prob]).logpmf([int(v) for v in x]))


def dirichlet_multinomial(n, concentration):
    total = mp.fsum(concentration)
    mean = [a / total for a in concentration]
    return plain(
        log=lambda x: orders(n, x) + mp.loggamma(total) - mp.loggamma(n + total)
        + mp.fsum(mp.loggamma(v + a) - mp.loggamma(a) for v, a in zip(x, concentration)),
        mean=[n * m for m in mean], variance=[n * m * (1 - m) * (n + total) / (1 + total) for m in mean],
        scipy=lambda x: stats.dirichlet_multinomial([float(a) for a in concentration], int(n)).logpmf([int(v) for v in x]))


def one_hot(prob):
    return plain(log=lambda x: log(prob[x.index(1)]), mean=prob, variance=[p * (1 - p) for p in prob])


SIMPLEX = [[0.25, 0.25, 0.5], [0.125, 0.75, 0.125], [0.0078125, 0.9765625, 0.015625], [2**-30, 2**-40, 1 - 2**-30 - 2**-40]]
COUNTS = [[2, 3, 5], [0, 0, 10], [10, 0, 0], [1, 8, 1]]
HOT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
VECTORS = {
    "Dirichlet": (dirichlet, SIMPLEX, [
        form("concentration", same, ([2, 3, 0.5],), ([1, 1, 1],), ([0.1, 40, 7],)),
        form("concentration K", lambda a, k: ([a] * int(k),), (0.4, 3), (5, 3))]),
    "OneHotCategorical": (one_hot, HOT, [
        form("prob", same, ([0.25, 0.5, 0.25],), ([0, 0.75, 0.25],)), form("logit", lambda a: (softmax(a),), ([0.5, -1, 2],))]),
    "Multinomial": (multinomial, COUNTS, [
        form("n prob", same, (10, [0.25, 0.5, 0.25]), (10, [0, 0.25, 0.75])),
        form("n logit", lambda n, a: (n, softmax(a)), (10, [0.5, -1, 2]), (10, [0, -90, 1]))]),
    "DirichletMultinomial": (dirichlet_multinomial, COUNTS, [
        form("n concentration", same, (10, [2, 3, 0.5]), (10, [0.1, 40, 7]))]),
}


def vector_cases():
    for name, (build, points, forms) in VECTORS.items():
        for parameters, canonical, settings in forms:
            for setting in settings:
                family = build(*canonical(*[exact(v) for v in setting]))
                rows = [[x, number(family["log"]([M(v) for v in x]))] for x in points]
                for x, value in rows:
                    other = float(family["scipy"](x)) if "scipy" in family else float(value)
                    if not (float(value) == other or abs(float(value) - other) <= 1e-6 * max(1, abs(float(value)))):
                        raise SystemExit(f"{name} at {x}: formula {value}, SciPy {other}")
                yield {
                    "dist": name, "params": dict(zip(parameters, setting)),
                    "mean": [number(v) for v in family["mean"]], "variance": [number(v) for v in family["variance"]], "points": rows,
                }


if __name__ == "__main__":
    only = sys.argv[1:]  # names of files, or all
    if not only or "special" in only:
        special()
    if not only or "tables" in only:
        tables()
    if not only or "vectors" in only:
        write("vectors", {"cases": list(vector_cases())})
    for name, (build, forms) in DISTS.items():
        if only and name not in only:
            continue
        write(name, {"cases": list(dist_cases(build, forms))})
