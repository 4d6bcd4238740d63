"""Writes lotka-volterra.json, the posterior of hares and lynxes that test/ode.test.ts compares with, by hand and rarely:

    pip install numpy scipy && python make_lotka_volterra.py PATH/hudson_lynx_hare.json

The model of test/models/posteriordb/hudson_lynx_hare-lotka_volterra.ppl, written again here on the logarithms of its eight parameters, by
importance sampling: a Student's t around the mode, then one around the mean and covariance that it gave. The differential equation is solved by
Runge-Kutta with 20 steps a year, twice as many as there. An entry is [mean, sd, Monte Carlo standard error of the mean]; names are 1-based. The
script stops where the weights are uneven, or where two halves of the draws disagree.
"""
import json
import pathlib
import sys

import numpy as np
from scipy import optimize, stats

HERE = pathlib.Path(__file__).parent
STEPS, DF, DRAWS = 20, 7, 200_000
DATA = json.loads(pathlib.Path(sys.argv[1]).read_text())
YEARS, Y_INIT, Y = DATA["ts"], np.array(DATA["y_init"]), np.array(DATA["y"])
assert YEARS == list(range(1, len(YEARS) + 1))
NAMES = [f"theta[{i}]" for i in (1, 2, 3, 4)] + ["sigma[1]", "sigma[2]", "z_init[1]", "z_init[2]"]
rng = np.random.default_rng(20260101)


def rate(hare, lynx, theta):
    return (theta[0] - theta[1] * lynx) * hare, (theta[3] * hare - theta[2]) * lynx


def trajectory(hare, lynx, theta):
    """The populations at the years 1, 2, …, a row of each per draw."""
    h = 1 / STEPS
    for _ in YEARS:
        for _ in range(STEPS):
            a1, b1 = rate(hare, lynx, theta)
            a2, b2 = rate(hare + h / 2 * a1, lynx + h / 2 * b1, theta)
            a3, b3 = rate(hare + h / 2 * a2, lynx + h / 2 * b2, theta)
            a4, b4 = rate(hare + h * a3, lynx + h * b3, theta)
            hare, lynx = hare + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4), lynx + h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
        yield hare, lynx


def log_p(u):
    """log density, up to a constant, of draws u [n, 8] of the logarithms of NAMES; -inf where the populations leave what a float64 holds."""
    with np.errstate(all="ignore"):
        theta, sigma, start = np.exp(u[:, :4]).T, np.exp(u[:, 4:6]).T, np.exp(u[:, 6:]).T
        centre, width = np.array([1, 0.05, 1, 0.05])[:, None], np.array([0.5, 0.05, 0.5, 0.05])[:, None]
        total = np.sum(-0.5 * ((theta - centre) / width) ** 2, axis=0) + u[:, :4].sum(axis=1)  # the Jacobian of exp
        total += np.sum(stats.norm.logpdf(u[:, 4:6], -1, 1), axis=1) + np.sum(stats.norm.logpdf(u[:, 6:], np.log(10), 1), axis=1)
        for seen, level in [(Y_INIT, start), *zip(Y, trajectory(*start, theta))]:
            for p in (0, 1):
                total += -0.5 * ((np.log(seen[p]) - np.log(level[p])) / sigma[p]) ** 2 - np.log(sigma[p])
    return np.where(np.isfinite(total), total, -np.inf)


def mode():
    start = np.log([0.5, 0.025, 0.8, 0.025, 0.25, 0.25, 34, 6])
    found = optimize.minimize(lambda u: -log_p(u[None])[0], start, method="Nelder-Mead", options={"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-6, "fatol": 1e-9})
    return found.x


def curvature(u, h=1e-3):
    """The covariance of the Gaussian that fits at the mode: the inverse of minus the second differences."""
    n = len(u)
    eye = h * np.eye(n)
    at = lambda i, j, a, b: log_p((u + a * eye[i] + b * eye[j])[None])[0]
    hessian = [[(at(i, j, 1, 1) - at(i, j, 1, -1) - at(i, j, -1, 1) + at(i, j, -1, -1)) / (4 * h * h) for j in range(n)] for i in range(n)]
    return np.linalg.inv(-np.array(hessian))


def weighted(centre, covariance, n):
    """Draws of a Student's t and their normalised importance weights."""
    proposal = stats.multivariate_t(centre, covariance, df=DF, seed=rng)
    u = proposal.rvs(n)
    log_w = log_p(u) - proposal.logpdf(u)
    w = np.exp(log_w - log_w.max())
    return u, w / w.sum()


def main():
    centre = mode()
    covariance = curvature(centre)
    u, w = weighted(centre, covariance, DRAWS // 10)
    centre = w @ u
    covariance = (w[:, None] * (u - centre)).T @ (u - centre)
    u, w = weighted(centre, covariance, DRAWS)
    size = 1 / np.sum(w**2)
    assert size > DRAWS / 5 and w.max() < 1e-3, (size, w.max())
    x = np.exp(u)
    mean = w @ x
    sd = np.sqrt(w @ (x - mean) ** 2)
    error = np.sqrt(w**2 @ (x - mean) ** 2)
    half = DRAWS // 2
    halves = [w[s] @ x[s] / w[s].sum() for s in (slice(half), slice(half, None))]
    assert np.all(np.abs(halves[0] - halves[1]) < 6 * error * 2), "the halves disagree"
    moments = {name: [float(f"{v:.5g}") for v in row] for name, row in zip(NAMES, zip(mean, sd, error))}
    (HERE / "lotka-volterra.json").write_text(json.dumps(moments).replace("], ", "],\n ") + "\n")


main()
