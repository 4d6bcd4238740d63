// The guide's parameters by name: from a run, from a fit, from a file; and as a file has them.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { nearest } from "../base/suggest.ts";
import { locName, logSdName, scaleName } from "../build/gaussian.ts";
import { planOf } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Leaf } from "../build/state.ts";
import type { Engine } from "../exec/engine.ts";
import { ascend } from "../fit/ascent.ts";
import type { Guide } from "../fit/guide.ts";
import { firstWeight } from "../fit/score-weight.ts";
import type { Nested } from "../result.ts";
import { startOf } from "./fixed-target.ts";
import { buildObjective, guideLeaves, splitLeaves } from "./graphs.ts";
import type { Params } from "./replicates.ts";
import { stochasticTarget, type StochasticSetup } from "./stochastic-target.ts";
import * as math from "../op/special/elementary.ts";

/** Steps of a run that leaves the start, where gradients are not those of a fit, and its step size. */
export const SHORT_RUN = 64;
const RATE = 0.1;

/** As a file has them: unconstrained, a number for a single entry, else a list. */
export const written = (params: Params): Readonly<Record<string, number | readonly number[]>> =>
  Object.fromEntries(
    Object.entries(params).map(([name, values]) => [name, values.length === 1 ? (values[0] as number) : [...values]]),
  );

const leavesIn = (prepared: Prepared): readonly Leaf[] =>
  guideLeaves(buildObjective(prepared, planOf(prepared, "leaves"), {}, []));

/** After a short run of stochastic steps; at the start itself where that run meets gradients that are not finite. */
export function afterShortRun(
  prepared: Prepared,
  engine: Engine,
  setup: StochasticSetup,
): { readonly params: Params; readonly steps: number } {
  const { target, leaves } = stochasticTarget(prepared, engine, setup, []);
  const lambda = [...prepared.chosen.values()].some(({ estimator }) => estimator.name === "adaptive")
    ? "adaptive"
    : "total";
  const end = ascend(
    target,
    { params: target.start, from: 0, length: SHORT_RUN, rate: RATE, weight: firstWeight(lambda) },
    () => undefined,
  );
  const failed = "failure" in end || !end.average.every(Number.isFinite);
  const values = splitLeaves(leaves, failed ? target.start : end.average);
  const params = Object.fromEntries(
    leaves.flatMap(({ name, learned }) => (learned ? [] : [[name, values[name] as Float64Array]])),
  );
  return { params, steps: failed ? 0 : SHORT_RUN };
}

/** Parameters that a file gives; those that it does not name stay at their start. Adds to `report` what does not fit
 *  the guide. */
export function givenParams(prepared: Prepared, given: Readonly<Record<string, Nested>>, report: Report): Params {
  const leaves = leavesIn(prepared);
  const values = splitLeaves(leaves, startOf(leaves, prepared));
  for (const [name, value] of Object.entries(given)) {
    const leaf = leaves.find((one) => one.name === name);
    const flat = flatten(value);
    const fault =
      leaf === undefined
        ? "the guide has no such parameter"
        : !flat.every(Number.isFinite)
          ? "it is not finite"
          : flat.length !== leaf.size
            ? `it has ${flat.length} number${flat.length === 1 ? "" : "s"}, and the guide's parameter ${leaf.size}`
            : null;
    if (fault === null) values[name] = Float64Array.from(flat);
    else {
      const near = nearest(
        name,
        leaves.map((one) => one.name),
      );
      const hint =
        leaf !== undefined
          ? undefined
          : near === null
            ? `its parameters are ${leaves.map((one) => one.name).join(", ")}`
            : `did you mean \`${near}\`?`;
      report.push(
        diagnose("PPL511", { kind: "run" }, { option: `the value of \`${name}\` in --at`, reason: fault }, { hint }),
      );
    }
  }
  return values;
}

const flatten = (value: Nested): readonly number[] => (typeof value === "number" ? [value] : value.flatMap(flatten));

/** Of a fitted guide, the reverse of `gaussianOf`; `points` are the leaves of the graph that draws. */
export function paramsOf({ layout: { blocks } }: Prepared, points: readonly Leaf[], guide: Guide): Params {
  const params: Record<string, Float64Array> = { ...splitLeaves(points, guide.points) };
  let next = 0;
  for (const { name, family, offset, size } of blocks) {
    params[locName(name)] = guide.mean.slice(offset, offset + size);
    if (family === "fullrank") params[scaleName(name)] = rawScale(guide.scales[next++] as Float64Array, size);
    else
      params[logSdName(name)] = Float64Array.from({ length: size }, () =>
        math.log((guide.scales[next++] as Float64Array)[0] as number),
      );
  }
  return params;
}

/** The diagonal of L is kept as a logarithm. */
const rawScale = (lower: Float64Array, size: number): Float64Array =>
  lower.map((value, i) => (i % (size + 1) === 0 ? math.log(value) : value));
