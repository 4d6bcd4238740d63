// Every refusal of the table, with its reason and a hint.

import { describe, expect, test } from "vitest";
import type { Facts, Site } from "../src/estimator/estimator.ts";
import { estimators } from "../src/estimator/index.ts";
import type { Node } from "../src/ir/node.ts";
import { scalar } from "../src/op/index.ts";
import { refusalsOf } from "./support/exact-checks.ts";
import { models, type ModelName } from "./support/exact-models.ts";
import { compiled } from "./support/exact-replicates.ts";
import { rowOf } from "./support/one-site.ts";

type Refused = readonly [
  name: ModelName,
  site: string,
  estimator: string,
  setup: { readonly particles?: number; readonly objective?: string },
  reason: RegExp,
];

const ALONE = { particles: 1 };
const PAIR = { particles: 2 };
const BOUNDED = { particles: 2, objective: "iwae" };
const NOT_LISTED = /its values cannot be listed/;
const LOGARITHM = /takes a logarithm of a mean over draws/;
const MEETING = /members of a plate meet in the likelihood of y/;
const LISTED_ROWS = estimators
  .filter((e) => e.refuses({ ...unlisted(), states: null }, facts(), {})?.reason.match(NOT_LISTED))
  .map((e) => e.name);

/** A site that has nothing to offer, under an objective that asks for nothing. */
function unlisted(): Site {
  const guide = { logProb: (value: Node) => value, logits: null };
  return {
    name: "x",
    span: { source: { path: "", text: "" }, start: 0, end: 0 },
    plates: [],
    axes: [],
    guide,
    frozen: guide,
    draw: () => scalar(0),
    path: "explicit",
    states: null,
    supportMoves: false,
    sequential: false,
    noise: () => scalar(0),
    learned: () => scalar(0),
    kl: () => null,
    components: null,
  };
}

function facts(): Facts {
  return { objective: "elbo", linear: true, particles: 2, meeting: [], rough: [], below: [] };
}

describe("refusals", () => {
  const cases: readonly Refused[] = [
    ["twoIndices", "z", "enumerate", ALONE, MEETING],
    ["wholeIndex", "z", "enumerate", ALONE, MEETING],
    ["openedTwice", "z", "enumerate", ALONE, MEETING],
    ...LISTED_ROWS.flatMap((row): Refused[] => [
      ["vector", "z", row, PAIR, NOT_LISTED],
      ["discreteAbove", "x", row, PAIR, NOT_LISTED],
      ["count", "n", row, PAIR, NOT_LISTED],
    ]),
    ...["path", "total", "adaptive", "implicit", "analytic-kl"].map((row): Refused => [
      "discreteAbove",
      "z",
      row,
      ALONE,
      /a discrete value does not move smoothly/,
    ]),
    ...["dreg", "stl-iwae"].map((row): Refused => [
      "discreteAbove",
      "z",
      row,
      BOUNDED,
      /a discrete value does not move smoothly/,
    ]),
    ["discreteBelow", "z", "total", ALONE, /a discrete value does not move smoothly/],
    ["count", "n", "path", PAIR, /does not move smoothly with its parameters/],
    ...["loo", "vargrad"].map((row): Refused => ["discreteAbove", "z", row, ALONE, /there is only one particle/]),
    ["discreteAbove", "x", "loo", ALONE, /there is only one particle/],
    ["discreteAbove", "z", "vimco", { particles: 1, objective: "iwae" }, /meant for a bound of several draws/],
    ...["vimco"].map((row): Refused => ["discreteAbove", "z", row, PAIR, /meant for a bound of several draws/]),
    ...["dreg", "stl-iwae"].map((row): Refused => [
      "discreteAbove",
      "x",
      row,
      PAIR,
      /meant for a bound of several draws/,
    ]),
    ...["enumerate", "loo", "vargrad", "nvil"].map((row): Refused => ["discreteAbove", "z", row, BOUNDED, LOGARITHM]),
    ["conjugate", "mu", "analytic-kl", BOUNDED, LOGARITHM],
    ["conjugate", "mu", "path", BOUNDED, /the score of log q is multiplied by the draws' weights/],
    ["conjugate", "mu", "adaptive", BOUNDED, /the score of log q is multiplied by the draws' weights/],
    ["conjugate", "mu", "implicit", ALONE, /its draw is a smooth map of noise already/],
    ["conjugate", "mu", "stratified", ALONE, /its guide is no mixture/],
    ["discreteBelow", "x", "dreg", BOUNDED, /the guide of z .*reads it/],
    ["moving", "x", "path", ALONE, /the guide's support moves with its parameters/],
    ["moving", "x", "path(weight=0.3)", ALONE, /the guide's support moves with its parameters/],
    ["moving", "x", "adaptive", ALONE, /the guide's support moves with its parameters/],
    ["moving", "x", "dreg", BOUNDED, /the guide's support moves with its parameters/],
    ...["score", "loo", "ema", "nvil", "vargrad"].map((row): Refused => [
      "moving",
      "x",
      row,
      PAIR,
      /misses the boundary/,
    ]),
    ["moving", "x", "vimco", BOUNDED, /misses the boundary/],
    ...["st", "gumbel", "st-gumbel", "gumbel-rao", "reinmax", "reinmax-rao", "reinmax-cv", "reinmax-rk2", "rebar"].map(
      (row): Refused => ["opaque", "b", row, ALONE, /likelihood of y.* no derivative in the value/],
    ),
    ["chain", "a", "rebar", ALONE, /the draw of b jumps as the relaxed value moves/],
    ["chain", "a", "arm", ALONE, /it has 3 states, not two/],
    ["discreteAbove", "x", "path(weight=1.5)", ALONE, /is not a number between 0 and 1/],
    ["discreteAbove", "x", "path(wait=1)", ALONE, /it has no option `wait`/],
    ["chain", "b", "st(temperature=0)", ALONE, /temperature = 0 is not a positive number/],
    ["chain", "b", "reinmax(temperature=0.7)", ALONE, /temperature = 0.7 is not at least 1/],
    ["chain", "b", "gumbel-rao(draws=1.5)", ALONE, /draws = 1.5 is not a whole number above 0/],
    ["chain", "b", 'reinmax-cv(subtract="both")', ALONE, /subtract = both is not independent/],
    ["chain", "b", 'rebar(eta="big")', ALONE, /eta = big is not a number/],
    ["chain", "b", "ema(rate=2)", ALONE, /rate = 2 is not between 0 and 1/],
    ["discreteAbove", "x", "reinforce", ALONE, /no estimator of this name/],
  ];
  test.each(cases)("%s: %s=%s, %o", (name, site, estimator, setup, reason) => {
    const [first] = refusalsOf(models[name], { estimators: { [site]: estimator }, ...setup });
    expect(first).toMatchObject({ code: "PPL508", message: expect.stringMatching(reason) as unknown });
    expect(first!.hint).not.toBe("");
  });

  test("every row that can refuse is refused somewhere", () => {
    for (const { name } of estimators.filter((e) => !["score"].includes(e.name)))
      expect(
        cases.some(([, , row]) => row.startsWith(name)),
        name,
      ).toBe(true);
    expect(LISTED_ROWS.length).toBeGreaterThan(14);
  });

  test("a batch inside a logarithm, unless all latents are in its plate", () => {
    const setup = { particles: 2, objective: "iwae", batch: { N: 1 } };
    const [first] = refusalsOf(models.hierarchy, { ...setup, estimators: { mu: "total", x: "total" } });
    expect(first).toMatchObject({ code: "PPL507" });
    expect(refusalsOf(models.guarded, { ...setup, batch: { J: 2 }, estimators: { z: "score" } })).toEqual([]);
  });

  test("sites that one guide draws together have one estimator", () => {
    const [first] = refusalsOf(models.fullRank, { estimators: { mu: "path", e: "total" } });
    expect(first).toMatchObject({
      code: "PPL508",
      message: expect.stringMatching(
        /`total` cannot be used for `e`: one fullrank guide draws mu, e together, and `path` is asked for `mu`/,
      ) as unknown,
    });
    const [kl] = refusalsOf(models.fullRank, { estimators: { mu: "analytic-kl" } });
    expect(kl).toMatchObject({
      code: "PPL508",
      message: expect.stringMatching(/whose divergence has no closed form/) as unknown,
    });
    const { chosen } = compiled(models.fullRank, { estimators: { e: "total" } });
    expect(chosen.get("mu")).toMatchObject({
      estimator: { name: "total" },
      reason: "drawn together with e, for which it was asked",
    });
  });

  test("members that the guide carries from step to step are not swapped together", () => {
    for (const row of [
      "gumbel",
      "ar",
      "ars",
      "arsm",
      "ars+",
      "arsm+",
      "arm",
      "disarm",
      "rebar",
      "relax",
      "enumerate",
    ]) {
      const refusal = rowOf(row).refuses(
        { ...unlisted(), states: { count: 2, fromHot: (hot) => hot }, sequential: true },
        facts(),
        {},
      );
      expect(refusal?.reason, row).toMatch(/the guide carries the site from step to step/);
    }
  });
});
