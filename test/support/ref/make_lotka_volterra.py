"""Writes lotka-volterra.json, the posterior of hares and lynxes that test/ode.test.ts compares with, by hand and rarely:

    pip install numpyro && python make_lotka_volterra.py PATH/hudson_lynx_hare.json

The model of test/models/posteriordb/hudson_lynx_hare-lotka_volterra.ppl, written again here, by NUTS with four chains. Its differential equation is solved
by Runge-Kutta with 20 steps a year, twice as many as there. An entry is [mean, sd, Monte Carlo standard error of the mean]; names are 1-based. The script
stops where the chains disagree (R-hat above 1.01).
"""
import json
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

numpyro.enable_x64()
HERE = pathlib.Path(__file__).parent
STEPS = 20
DATA = json.loads(pathlib.Path(sys.argv[1]).read_text())
YEARS, Y_INIT, Y = DATA["ts"], jnp.array(DATA["y_init"]), jnp.array(DATA["y"])
assert YEARS == list(range(1, len(YEARS) + 1))


def rate(z, theta):
    return jnp.array([(theta[0] - theta[1] * z[1]) * z[0], (theta[3] * z[0] - theta[2]) * z[1]])


def trajectory(z0, theta):
    """The populations at the years 1, 2, …"""
    h = 1 / STEPS

    def step(_, z):
        k1 = rate(z, theta)
        k2 = rate(z + h / 2 * k1, theta)
        k3 = rate(z + h / 2 * k2, theta)
        k4 = rate(z + h * k3, theta)
        return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    def year(z, _):
        for i in range(STEPS):
            z = step(i, z)
        return z, z

    return jax.lax.scan(year, z0, None, length=len(YEARS))[1]


def model():
    centre, width = jnp.array([1, 0.05, 1, 0.05]), jnp.array([0.5, 0.05, 0.5, 0.05])
    theta = numpyro.sample("theta", dist.TruncatedNormal(centre, width, low=0))
    sigma = numpyro.sample("sigma", dist.LogNormal(-1 * jnp.ones(2), 1))
    z_init = numpyro.sample("z_init", dist.LogNormal(jnp.log(10) * jnp.ones(2), 1))
    numpyro.sample("y_init", dist.LogNormal(jnp.log(z_init), sigma), obs=Y_INIT)
    numpyro.sample("y", dist.LogNormal(jnp.log(trajectory(z_init, theta)), sigma), obs=Y)


def main():
    kernel = numpyro.infer.NUTS(model, target_accept_prob=0.9, init_strategy=numpyro.infer.init_to_median)
    mcmc = numpyro.infer.MCMC(kernel, num_warmup=1000, num_samples=2500, num_chains=4, chain_method="vectorized", progress_bar=False)
    mcmc.run(jax.random.PRNGKey(20260101))
    assert not np.any(mcmc.get_extra_fields()["diverging"]), "divergences"
    moments = {}
    for name, draws in mcmc.get_samples(group_by_chain=True).items():
        for i in range(draws.shape[-1]):
            x = np.asarray(draws[..., i])
            assert split_gelman_rubin(x) < 1.01, (name, i)
            mean, sd = x.mean(), x.std(ddof=1)
            moments[f"{name}[{i + 1}]"] = [float(f"{v:.5g}") for v in (mean, sd, sd / np.sqrt(effective_sample_size(x)))]
    text = json.dumps(moments).replace("], ", "],\n ")
    (HERE / "lotka-volterra.json").write_text(text + "\n")


main()
