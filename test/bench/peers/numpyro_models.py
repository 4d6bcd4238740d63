"""The workloads in NumPyro: by kind, the model, its guide and its arguments, from the data that Variate gets. Priors and guides are the same."""

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from jax import lax
from numpyro.distributions import constraints
from numpyro.infer.autoguide import AutoMultivariateNormal, AutoNormal


def eight_schools(y, sigma):
    mu = numpyro.sample("mu", dist.Normal(0.0, 5.0))
    tau = numpyro.sample("tau", dist.HalfCauchy(5.0))
    with numpyro.plate("J", y.shape[0]):
        z = numpyro.sample("z", dist.Normal(0.0, 1.0))
        numpyro.sample("y", dist.Normal(mu + tau * z, sigma), obs=y)


def logistic(x, switched):
    beta = numpyro.sample("beta", dist.Normal(jnp.zeros(x.shape[1]), 10.0).to_event(1))
    with numpyro.plate("N", x.shape[0]):
        numpyro.sample("switched", dist.Bernoulli(logits=x @ beta), obs=switched)


def radon(county, floor, log_radon, counties):
    sigma_y = numpyro.sample("sigma_y", dist.HalfNormal(1.0))
    sigma_alpha = numpyro.sample("sigma_alpha", dist.HalfNormal(1.0))
    mu_alpha = numpyro.sample("mu_alpha", dist.Normal(0.0, 10.0))
    beta = numpyro.sample("beta", dist.Normal(0.0, 10.0))
    with numpyro.plate("J", counties.shape[0]):
        raw = numpyro.sample("alpha_raw", dist.Normal(0.0, 1.0))
    alpha = mu_alpha + sigma_alpha * raw
    with numpyro.plate("N", log_radon.shape[0]):
        numpyro.sample("log_radon", dist.Normal(alpha[county] + beta * floor, sigma_y), obs=log_radon)


def autoregression(lags, y):
    alpha = numpyro.sample("alpha", dist.Normal(0.0, 10.0))
    beta = numpyro.sample("beta", dist.Normal(jnp.zeros(lags.shape[1]), 10.0).to_event(1))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
    with numpyro.plate("T", y.shape[0]):
        numpyro.sample("y", dist.Normal(alpha + lags @ beta, sigma), obs=y)


def hidden_markov(y, centre):
    states = centre.shape[0]
    move = numpyro.sample("move", dist.Dirichlet(jnp.ones((states, states))).to_event(1))
    mu = numpyro.sample("mu", dist.Normal(centre, 1.0).to_event(1))
    sd = numpyro.sample("sd", dist.HalfNormal(jnp.ones(states)).to_event(1))
    log_move = jnp.log(move)
    emission = dist.Normal(mu, sd).log_prob(y[:, None])

    def forward(before, here):
        return jax.nn.logsumexp(before[:, None] + log_move, axis=0) + here, None

    last, _ = lax.scan(forward, emission[0] - jnp.log(float(states)), emission[1:])
    numpyro.factor("y", jax.nn.logsumexp(last))


def topics(counts, start):
    documents, (topics_, words) = counts.shape[0], start.shape
    topic = numpyro.sample("topic", dist.Dirichlet(jnp.full((topics_, words), 0.1)).to_event(1))
    with numpyro.plate("D", documents):
        share = numpyro.sample("share", dist.Dirichlet(jnp.full((topics_,), 0.3)))
        numpyro.factor("w", (counts * jnp.log(share @ topic)).sum(-1))


def topics_guide(counts, start):
    documents, (topics_, _) = counts.shape[0], start.shape
    a = numpyro.param("a", start, constraint=constraints.positive)
    b = numpyro.param("b", jnp.ones((documents, topics_)), constraint=constraints.positive)
    numpyro.sample("topic", dist.Dirichlet(a).to_event(1))
    with numpyro.plate("D", documents):
        numpyro.sample("share", dist.Dirichlet(b))


def gaussian_mixture(points, components):
    k = components.shape[0]
    share = numpyro.sample("share", dist.Dirichlet(jnp.ones(k)))
    mu = numpyro.sample("mu", dist.Normal(jnp.zeros((k, 2)), 5.0).to_event(2))
    sd = numpyro.sample("sd", dist.HalfNormal(jnp.ones((k, 2))).to_event(2))
    with numpyro.plate("N", points.shape[0]):
        both = dist.Normal(mu, sd).to_event(1)
        numpyro.sample("x", dist.MixtureSameFamily(dist.Categorical(share), both), obs=points)


def arguments(kind, d):
    """What a model is called with."""
    real = lambda key: jnp.asarray(np.asarray(d[key], np.float64))
    if kind == "radon":
        county = jnp.asarray(np.asarray(d["county_idx"], np.int32) - 1)
        return county, real("floor_measure"), real("log_radon"), jnp.zeros(d["J"])
    if kind == "autoregression":
        y, k = np.asarray(d["y"], np.float64), d["K"]
        return jnp.asarray(np.stack([y[k - 1 - i : -1 - i] for i in range(k)], 1)), jnp.asarray(y[k:])
    if kind == "gaussian-mixture":
        return jnp.stack([real("x"), real("y")], 1), jnp.zeros(d["K"])
    names = {
        "eight-schools": ("y", "sigma"),
        "logistic": ("x", "switched"),
        "hidden-markov": ("y", "centre"),
        "topics": ("counts", "start"),
    }
    return tuple(real(name) for name in names[kind])


def build(kind, guide, data):
    """(model, guide, arguments)"""
    model = globals()[kind.replace("-", "_")]
    if guide == "written":
        return model, globals()[f"{model.__name__}_guide"], arguments(kind, data)
    family = AutoMultivariateNormal if guide == "fullrank" else AutoNormal
    return model, family(model), arguments(kind, data)
