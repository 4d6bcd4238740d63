"""What a user of NumPyro writes: KIND DATA.json -> the posterior means and sds of the sites, as JSON. AutoNormal, Adam, 20,000 steps."""

import json
import sys

import jax
from jax import random
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoNormal
from numpyro.optim import Adam

import numpyro_models
import protocol

kind, path = sys.argv[1:]
with open(path) as file:
    data = json.load(file)
model, guide, arguments = numpyro_models.build(kind, "meanfield", data)
svi = SVI(model, guide, Adam(0.01), Trace_ELBO())
fit = svi.run(random.key(0), 20_000, *arguments, progress_bar=False)
draws = guide.sample_posterior(random.key(1), fit.params, sample_shape=(1000,))
summary = {name: [value.mean(0).tolist(), value.std(0).tolist()] for name, value in draws.items()}
protocol.say(summary=summary, megabytes=protocol.peak_megabytes())
