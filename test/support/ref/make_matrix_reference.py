"""Writes matrix.json, the reference values of test/matrix-dist.test.ts, beside this file, by hand and rarely:

    pip install numpy scipy && python make_matrix_reference.py

Densities are SciPy's; that of LKJCholesky is that of the correlation matrix, normalised by the formula of Lewandowski, Kurowicka
and Joe (2009), equation 16, times the volume of the map from L. Arguments are exactly the float64 numbers in the JSON file.
"""
import json
import math
import pathlib

import numpy as np
from scipy import special, stats

rng = np.random.default_rng(20240917)
HERE = pathlib.Path(__file__).parent


def spd(n, spread=1.0):
    a = rng.normal(size=(n, n))
    scale = np.exp(spread * rng.normal(size=n))
    m = (a @ a.T / n + 0.3 * np.eye(n)) * np.outer(scale, scale)
    return (m + m.T) / 2


def case(dist, params, points, density, mean=None, variance=None):
    def plain(v):
        return v.tolist() if isinstance(v, np.ndarray) else v

    return {
        "dist": dist, "params": {k: plain(v) for k, v in params.items()},
        "points": [[plain(x), density(x)] for x in points],
        "mean": plain(mean), "variance": plain(variance),
    }


def normals():
    for n in (1, 2, 4):
        mean, cov = rng.normal(size=n), spd(n)
        law = stats.multivariate_normal(mean, cov)
        points = list(law.rvs(3, random_state=rng).reshape(3, n)) + [mean, mean + 40 * np.sqrt(np.diag(cov))]
        moments = {"mean": mean, "variance": np.diag(cov).copy()}
        yield case("MultivariateNormal", {"mean": mean, "cov": cov}, points, law.logpdf, **moments)
        chol = np.linalg.cholesky(cov)
        yield case("MultivariateNormal", {"mean": mean, "chol": chol}, points, law.logpdf, **moments)
        precision = np.linalg.inv(cov)
        precision = (precision + precision.T) / 2
        yield case("MultivariateNormal", {"mean": mean, "precision": precision}, points, law.logpdf, **moments)


def students():
    for n, df in ((1, 3.0), (3, 4.5), (2, 30.0), (3, 0.8)):
        loc, shape = rng.normal(size=n), spd(n, 0.5)
        law = stats.multivariate_t(loc, shape, df)
        points = list(np.asarray(law.rvs(3, random_state=rng)).reshape(3, n)) + [loc, loc + 1e4]
        variance = np.diag(shape) * df / (df - 2) if df > 2 else None
        yield case("MultivariateStudentT", {"df": df, "loc": loc, "chol": np.linalg.cholesky(shape)}, points,
                   lambda x: float(law.logpdf(x)), loc if df > 1 else None, variance)


def log_volume(L):
    """log |d R / d L| of the entries below the diagonal: prod_i L_ii^(K - i), i = 1 ... K."""
    K = len(L)
    return sum((K - 1 - i) * math.log(L[i, i]) for i in range(K))


def lkj_log_density(R, eta):
    K = len(R)
    log_c = 0.0
    for k in range(1, K):
        b = eta + (K - 1 - k) / 2
        log_c += (2 * eta - 2 + K - k) * (K - k) * math.log(2) + (K - k) * special.betaln(b, b)
    return (eta - 1) * np.linalg.slogdet(R)[1] - log_c


def correlations():
    for K, eta in ((1, 1.0), (2, 1.0), (2, 3.5), (3, 0.6), (5, 2.0)):
        points = []
        for _ in range(3):
            s = spd(K)
            d = 1 / np.sqrt(np.diag(s))
            points.append(np.linalg.cholesky(s * np.outer(d, d)))
        yield case("LKJCholesky", {"K": K, "eta": eta}, points, lambda L: lkj_log_density(L @ L.T, eta) + log_volume(L))


def wisharts():
    for n, df in ((1, 2.5), (2, 1.2), (3, 7.0), (4, 60.5)):
        scale = spd(n, 0.5)
        law = stats.wishart(df, scale)
        points = [law.rvs(random_state=rng).reshape(n, n) for _ in range(3)]
        points = [x for x in points if np.linalg.eigvalsh(x)[0] > 1e-3 * np.trace(x)] + [scale * df]
        diagonal = np.diag(scale)
        yield case("Wishart", {"df": df, "scale": scale}, points, lambda x: float(law.logpdf(x)), df * scale,
                   df * (scale**2 + np.outer(diagonal, diagonal)))
    for n, df in ((1, 5.5), (2, 1.6), (3, 9.0)):
        scale = spd(n, 0.5)
        law = stats.invwishart(df, scale)
        points = [np.linalg.inv(stats.wishart(df + 2, np.linalg.inv(scale)).rvs(random_state=rng).reshape(n, n)) for _ in range(3)]
        points = [(x + x.T) / 2 for x in points]
        m = df - n - 1
        diagonal = np.diag(scale)
        variance = ((m + 2) * scale**2 + m * np.outer(diagonal, diagonal)) / ((m + 1) * m**2 * (m - 2)) if m > 2 else None
        yield case("InverseWishart", {"df": df, "scale": scale}, points, lambda x: float(law.logpdf(x)),
                   scale / m if m > 0 else None, variance)


if __name__ == "__main__":
    cases = [c for family in (normals, students, correlations, wisharts) for c in family()]
    text = ",\n ".join(json.dumps(c) for c in cases)
    (HERE / "matrix.json").write_text('{"cases": [' + text + "]}\n")
