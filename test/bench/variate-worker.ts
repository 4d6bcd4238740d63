// Variate as a system of the bench: NAME PRECISION → lines as in peers/protocol.py. Steps are those that `--method adam` takes.

import { compile } from "../../src/compile.ts";
import { ascend } from "../../src/fit/ascent.ts";
import { firstWeight } from "../../src/fit/score-weight.ts";
import { meanAndSd } from "../../src/fit/summary.ts";
import { stochasticTarget } from "../../src/run/stochastic-target.ts";
import { answer, say } from "./answer.ts";
import { everyWorkload, modelOf, type Workload } from "./workloads.ts";

/** That of the peers' Adam, too. */
const RATE = 0.01;

type Stepper = {
  readonly run: (steps: number) => void;
  readonly elbo: (draws: number) => number;
  readonly compile: number;
};

function stepper(workload: Workload, precision: "f64" | "f32"): Stepper {
  const data = workload.data();
  const began = performance.now();
  const guide = workload.guide === "written" ? {} : { guide: workload.guide };
  const { prepared, engine, wishes } = compile(modelOf(workload), data, {
    method: "adam",
    particles: workload.draws,
    precision,
    ...guide,
  });
  const setup = { particles: wishes.particles, seed: 0, batch: {} };
  const { target } = stochasticTarget(prepared, engine.engine, setup, []);
  let [params, from] = [target.start, 0];
  const run = (length: number): void => {
    const end = ascend(target, { params, from, length, rate: RATE, weight: firstWeight("total") }, () => {});
    if ("failure" in end) throw new Error("the gradient is not finite");
    params = end.average;
    from += length;
  };
  run(1);
  const compiled = (performance.now() - began) / 1000;
  return { run, compile: compiled, elbo: (draws) => meanAndSd(target.values(params, draws, 1)).mean };
}

const [name = "", precision] = process.argv.slice(2);
const workload = everyWorkload.find((w) => w.name === name);
if (workload === undefined) throw new Error(`no workload ${name}`);
const loaded = performance.now() / 1000;
const steps = stepper(workload, precision === "f32" ? "f32" : "f64");
say({ load: loaded, compile: steps.compile });
await answer(steps.run, steps.elbo);
