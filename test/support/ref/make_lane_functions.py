"""Reference values of functions on lanes (lane-functions.json): per precision rows of arguments, the value rounded to float64, and what it has lost.

Arguments of every size that the precision has, those that are denormal included. Needs mpmath. Run in this folder: python make_lane_functions.py
"""

import json
import random
import struct

from mpmath import mp, mpf
import mpmath

mp.prec = 1300
random.seed(6)
ROWS = 30
SINGLE = {"smallest": -149, "normal": -126, "largest": 127, "digits": 24, "exp": 88}
DOUBLE = {"smallest": -1074, "normal": -1022, "largest": 1023, "digits": 53, "exp": 709}


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def table(of):
    either = (-1, 1)

    def sized(low, high, sign=either):
        return lambda: random.choice(sign) * random.uniform(1, 2) * 2.0 ** random.randint(low, high - 1)

    def between(a, b):
        return lambda: random.uniform(a, b)

    def near(centre, sign=either, least=-of["digits"], most=-1):
        return lambda: centre + random.choice(sign) * 2.0 ** random.uniform(least, most)

    small = sized(of["smallest"] + 1, -10)
    large = sized(1, of["largest"])
    up = (1,)
    exps = [between(-1, 1), between(-of["exp"] + 1.5, of["exp"] + 0.7), sized(-of["digits"], 4), small]
    angles = [between(-10, 10), between(-1e5, 1e5), sized(-60, 16), lambda: float(random.randint(1, 60000) * mpmath.pi / 2), small]
    normals = [between(-1, 1), between(-6, 6), between(-12, 0), small]
    positive = [sized(-30, 20, up), between(0, 3), between(0, 20), near(1), near(2), sized(20, min(100, of["largest"] - 8), up)]
    return {
        "exp": exps,
        "expm1": exps,
        "log": [sized(of["smallest"] + 1, of["largest"], up), near(1), between(0.1, 10)],
        "log1p": [near(0), between(-1, 1), small, sized(1, of["largest"], up)],
        "log1mExp": [between(-2, 0), between(-30, 0), sized(of["normal"], 0, (-1,))],
        "sigmoid": exps,
        "softplus": exps + [large],
        "logSigmoid": exps,
        "tanh": [between(-1, 1), between(-20, 20), small, large],
        "sin": angles,
        "cos": angles,
        "tan": angles,
        "atan": [between(-3, 3), between(-0.5, 0.5), small, large],
        "pow": [
            (between(0.01, 10), between(-10, 10)),
            (sized(-8, 8), lambda: float(random.randint(-9, 9))),
            (near(1, most=-8), between(-200, 200)),
        ],
        "lgamma": positive,
        "digamma": positive,
        "trigamma": positive,
        "erf": normals,
        "erfc": normals,
        "normalCdf": normals,
        "logNormalCdf": normals + [between(-1e4, 0)],
        "normalQuantile": [between(0, 1), sized(-120, -1, up), near(1, (-1,)), between(0.05, 0.95)],
    }


def quantile(p):
    if p > 0.5:
        return -quantile(1 - p)
    if p == 0.5:
        return mpf(0)
    x = -mpmath.sqrt(-2 * mpmath.log(p))
    with mp.workprec(300):
        for _ in range(60):
            step = (mpmath.ncdf(x) - p) / mpmath.npdf(x)
            x -= max(min(step, mpf(1)), mpf(-1)) if abs(step) > 1 else step
            if abs(step) < mpf(2) ** -150:
                return x
    raise ValueError(p)


def softplus(x):
    return mpmath.log1p(mpmath.exp(x))


FUNCTIONS = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "log1mExp": lambda x: mpmath.log(-mpmath.expm1(x)),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": softplus,
    "logSigmoid": lambda x: -softplus(-x),
    "tanh": mpmath.tanh,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "atan": mpmath.atan,
    "pow": mpmath.power,
    "lgamma": mpmath.loggamma,
    "digamma": mpmath.digamma,
    "trigamma": lambda x: mpmath.psi(1, x),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "normalCdf": mpmath.ncdf,
    "logNormalCdf": lambda x: mpmath.log(mpmath.ncdf(x)),
    "normalQuantile": quantile,
}
SLOW = {"lgamma", "digamma", "trigamma", "logNormalCdf", "erfc", "normalCdf", "normalQuantile", "erf"}


def row(name, sources, of):
    while True:
        args = [one() for one in sources]
        if of is SINGLE:
            args = [single(x) for x in args]
        with mp.workprec(400 if name in SLOW else 1300):
            try:
                value = FUNCTIONS[name](*map(mpf, args))
            except (ValueError, ZeroDivisionError):
                continue
            limits = mpf(2) ** of["normal"], mpf(2) ** of["largest"]
            if mpmath.im(value) != 0 or not (limits[0] < abs(value) < limits[1]):
                continue
            return [*args, float(value), float(value - mpf(float(value)))]


def rows(of):
    return {
        name: [row(name, source if isinstance(source, tuple) else (source,), of) for source in sources for _ in range(ROWS)]
        for name, sources in table(of).items()
    }


with open("lane-functions.json", "w") as file:
    parts = [
        f'"{precision}": {{\n' + ",\n".join(f'"{name}": {json.dumps(own)}' for name, own in rows(of).items()) + "\n}"
        for precision, of in (("f64", DOUBLE), ("f32", SINGLE))
    ]
    file.write("{\n" + ",\n".join(parts) + "\n}\n")
