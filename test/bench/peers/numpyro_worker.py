"""NumPyro as a peer: KIND GUIDE DRAWS DATA.json [--x64] -> lines of protocol.py. Steps are svi.update in one compiled loop, every loss recorded."""

import sys
import time

BEGAN = time.perf_counter()
import json

import jax

jax.config.update("jax_enable_x64", "--x64" in sys.argv)
import jax.numpy as jnp
from jax import lax, random
from numpyro.infer import SVI, Trace_ELBO
from numpyro.optim import Adam

import numpyro_models
import protocol

LOADED = time.perf_counter()
KEPT = 4096  # losses


def main(kind, guide, draws, path):
    with open(path) as file:
        data = json.load(file)
    built = time.perf_counter()
    model, guide, arguments = numpyro_models.build(kind, guide, data)
    svi = SVI(model, guide, Adam(0.01), Trace_ELBO(num_particles=int(draws)))
    state = svi.init(random.key(0), *arguments)

    def steps(state, losses, n, arguments):
        def step(i, carry):
            state, losses = carry
            state, loss = svi.update(state, *arguments)
            return state, losses.at[i % KEPT].set(loss)

        return lax.fori_loop(0, n, step, (state, losses))

    compiled = jax.jit(steps)
    box = [state, jnp.zeros(KEPT)]

    def run(n):
        box[:] = compiled(*box, n, arguments)
        jax.block_until_ready(box[1])

    run(1)
    protocol.say(load=LOADED - BEGAN, compile=time.perf_counter() - built)

    def elbo(draws):
        loss = Trace_ELBO(num_particles=draws).loss
        return -float(loss(random.key(1), svi.get_params(box[0]), model, guide, *arguments))

    protocol.answer(run, elbo)


main(*[word for word in sys.argv[1:] if word != "--x64"])
