"""Reference values of the elementary functions (elementary.json): arguments of all sizes, and the value in 1200 bits rounded to float64.

Needs mpmath. Run in this folder: python make_elementary.py
"""

import json
import random

from mpmath import mp, mpf
import mpmath

mp.prec = 1200
random.seed(20)
ROWS = 25


def between(a, b):
    return lambda: random.uniform(a, b)


def sized(low, high, sign=(-1, 1)):
    """Either sign, exponents of 2 from low to high."""
    return lambda: random.choice(sign) * random.uniform(0.5, 1) * 2.0 ** random.randint(low, high)


def near(centre, sign=(-1, 1)):
    return lambda: centre + random.choice(sign) * 2.0 ** random.uniform(-50, -1)


def near_turns():
    """Next to multiples of a quarter turn, where digits of the angle cancel."""
    return float(random.randint(1, 10**6) * mpmath.pi / 2)


SINE = [between(-10, 10), sized(-40, 40), sized(40, 1023), near_turns]
TABLE = {
    "exp": [between(-744, 709.7), between(-1, 1), sized(-60, 3)],
    "expm1": [between(-60, 700), between(-2, 2), sized(-60, 3)],
    "log": [sized(-1070, 1023, (1,)), near(1), between(0.1, 10)],
    "log1p": [sized(-60, 1023, (1,)), near(0), between(-1, 1)],
    "sin": SINE,
    "cos": SINE,
    "tan": SINE,
    "asin": [between(-1, 1), sized(-60, 0), near(1, (-1,))],
    "acos": [between(-1, 1), sized(-60, 0), near(1, (-1,)), near(-1, (1,))],
    "atan": [between(-3, 3), sized(-60, 1023)],
    "sinh": [between(-3, 3), between(-709, 709), sized(-60, 2)],
    "cosh": [between(-3, 3), between(-709, 709), sized(-60, 2)],
    "tanh": [between(-3, 3), between(-25, 25), sized(-60, 2)],
    "asinh": [between(-3, 3), sized(-60, 1023)],
    "acosh": [between(1, 10), near(1, (1,)), sized(1, 1023, (1,))],
    "atanh": [between(-1, 1), sized(-60, -1), near(1, (-1,))],
    "atan2": [(between(-3, 3), between(-3, 3)), (sized(-100, 100), sized(-100, 100))],
    "pow": [
        (between(0.01, 10), between(-10, 10)),
        (sized(-30, 30), lambda: float(random.randint(-30, 30))),
        (near(1), between(-2000, 2000)),
        (lambda: random.choice([0.9, 0.999]), lambda: float(random.randint(1, 6000))),
    ],
}


def row(name, source):
    sources = source if isinstance(source, tuple) else (source,)
    while True:
        args = [one() for one in sources]
        value = getattr(mpmath, "power" if name == "pow" else name)(*map(mpf, args))
        if mpmath.im(value) == 0 and (value == 0 or 2.0**-1000 < abs(value) < mpf(2) ** 1023 or name == "exp"):
            return [*args, float(value)]


table = {name: [row(name, source) for source in sources for _ in range(ROWS)] for name, sources in TABLE.items()}
with open("elementary.json", "w") as file:
    file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(rows)}' for name, rows in table.items()) + "\n}\n")
