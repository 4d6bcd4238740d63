"""Pyro as a peer: KIND GUIDE DRAWS DATA.json -> lines of protocol.py. Eager steps, draws vectorised, validation off, as its users run it."""

import time

BEGAN = time.perf_counter()
import json
import sys

import numpy as np
import pyro
import pyro.distributions as dist
import torch
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoMultivariateNormal, AutoNormal
from pyro.optim import Adam

import protocol

LOADED = time.perf_counter()
pyro.enable_validation(False)


def eight_schools(d):
    y, sigma = torch.tensor(d["y"], dtype=torch.float32), torch.tensor(d["sigma"], dtype=torch.float32)

    def model():
        mu = pyro.sample("mu", dist.Normal(0.0, 5.0))
        tau = pyro.sample("tau", dist.HalfCauchy(torch.tensor(5.0)))
        with pyro.plate("J", len(y)):
            z = pyro.sample("z", dist.Normal(0.0, 1.0))
            pyro.sample("y", dist.Normal(mu + tau * z, sigma), obs=y)

    return model


def logistic(d):
    x, y = (torch.tensor(np.asarray(d[key], np.float32)) for key in ("x", "switched"))

    def model():
        beta = pyro.sample("beta", dist.Normal(torch.zeros(x.shape[1]), 10.0).to_event(1))
        logits = beta @ x.T  # [N], or [draws, 1, N]
        with pyro.plate("N", len(y)):
            pyro.sample("y", dist.Bernoulli(logits=logits.squeeze(-2) if logits.dim() == 3 else logits), obs=y)

    return model


def main(kind, family, draws, path):
    with open(path) as file:
        data = json.load(file)
    built = time.perf_counter()
    model = {"eight-schools": eight_schools, "logistic": logistic}[kind](data)
    guide = (AutoMultivariateNormal if family == "fullrank" else AutoNormal)(model)
    bound = lambda n: Trace_ELBO(num_particles=n, vectorize_particles=n > 1, max_plate_nesting=1)
    svi = SVI(model, guide, Adam({"lr": 0.01}), bound(int(draws)))

    def run(n):
        for _ in range(n):
            svi.step()

    def elbo(draws):
        with torch.no_grad():
            return -bound(draws).loss(model, guide)

    run(1)
    protocol.say(load=LOADED - BEGAN, compile=time.perf_counter() - built)
    protocol.answer(run, elbo)


main(*sys.argv[1:])
