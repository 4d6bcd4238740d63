"""The lines between the bench and a peer: {"ask": "time", "seconds": s} -> {"steps": n, "seconds": t, "cpu": processor time}, {"ask": "elbo", "draws": n} -> {"elbo": e}."""

import json
import math
import resource
import sys
import time


def say(**reply):
    print(json.dumps(reply), flush=True)


def peak_megabytes():
    """Of this process alone. The usage that the system keeps starts from the parent's memory at the fork."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except FileNotFoundError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def chunks_for(seconds, run, chunk, most):
    """Runs chunks of a growing or shrinking length, each about a third of the time asked for."""
    steps, began, busy = 0, time.perf_counter(), time.process_time()
    while True:
        t = time.perf_counter()
        run(chunk)
        now = time.perf_counter()
        steps += chunk
        if now - began >= seconds:
            return dict(steps=steps, seconds=now - began, cpu=time.process_time() - busy), chunk
        chunk = max(1, min(most, int(chunk * seconds / 3 / max(now - t, 1e-9)) + 1))


def answer(run, elbo, most=100_000):
    """run(n) takes n steps and waits for them; elbo(draws) estimates the ELBO now."""
    chunk = 1
    for line in sys.stdin:
        ask = json.loads(line)
        if ask["ask"] == "time":
            timed, chunk = chunks_for(ask["seconds"], run, chunk, most)
            say(**timed)
        elif ask["ask"] == "elbo":
            found = elbo(ask["draws"])
            say(elbo=found if math.isfinite(found) else None, megabytes=peak_megabytes())
