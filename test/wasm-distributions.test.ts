// Every row of the table of distributions on the WebAssembly engine, in both precisions: density, tails, a draw, and all their gradients as one graph.

import { describe, expect, test } from "vitest";
import type { Dist } from "../src/dist/dist.ts";
import { drawOf } from "../src/dist/draw.ts";
import { dists } from "../src/dist/index.ts";
import { hasTails, logCcdf, logCdf, logProb, type Instance } from "../src/dist/instance.ts";
import type { Node } from "../src/ir/node.ts";
import { grad } from "../src/pass/grad.ts";
import { instanceOf, leafValues, POINTS, pointsOf, settings, titled, valueLeaf } from "./support/dist-cases.ts";
import { withWeights } from "./support/finite-difference.ts";
import {
  flat,
  instanceOn,
  leafNumbers,
  matrixCases,
  titledCases,
  valueOn,
  vectorCases,
} from "./support/matrix-cases.ts";
import { judged } from "./support/rounded.ts";
import { leafName, paramsBelow, type Sizes, type Values } from "./support/run-graph.ts";

/** Whole numbers, and categories. */
const isWhole = (dist: Dist, leaf: Node): boolean =>
  leafName(leaf) === "x"
    ? dist.discrete
    : dist.forms.some((form) =>
        form.params.some((p) => p.name === leafName(leaf) && (p.support === "count" || p.support === "int")),
      );

/** Outputs on the axis of points, and the gradients of weighted sums of them. */
function withGradients(
  dist: Dist,
  nodes: Readonly<Record<string, Node>>,
  values: Values,
  sizes: Sizes,
): { outputs: Record<string, Node>; all: Values } {
  const each = Object.entries(nodes).map(([name, node]) => {
    const { weighted, all } = withWeights(node, values, sizes);
    const wrt = paramsBelow([node]).filter((leaf) => !isWhole(dist, leaf));
    const found = grad(weighted, wrt).map((g, i) => [`${name} by ${leafName(wrt[i]!)}`, g] as const);
    return { outputs: [[name, node] as const, ...found], all };
  });
  return {
    outputs: Object.fromEntries(each.flatMap(({ outputs }) => outputs)),
    all: Object.assign({}, ...each.map(({ all }) => all)) as Values,
  };
}

function functionsOf(d: Instance, x: Node, event: readonly number[]): Record<string, Node> {
  const { dist } = d;
  return {
    density: logProb(d, x),
    ...(hasTails(dist) ? { below: logCdf(d, x)!, above: logCcdf(d, x)! } : {}),
    ...(dist.draw.kind === "none" ? {} : { draw: drawOf(d, { site: "site", axes: [POINTS], shape: event }) }),
  };
}

function expectAgreement(dist: Dist, nodes: Readonly<Record<string, Node>>, values: Values, count: number): void {
  const sizes = { [POINTS]: count };
  const { outputs, all } = withGradients(dist, nodes, values, sizes);
  for (const precision of ["f64", "f32"] as const) {
    const gap = judged({ outputs }, all, { params: values, sizes, seed: 7, step: 0 }, precision);
    expect(gap.error, `${precision}: ${JSON.stringify(gap)}`).toBeLessThan(1);
    expect(gap.counted).toBeGreaterThanOrEqual(0.5 * gap.finite);
  }
}

describe("of numbers", () => {
  test.each(titled(settings))("%s", (_, s) => {
    const xs = pointsOf(s);
    const d = instanceOf(s);
    expectAgreement(s.dist, functionsOf(d, valueLeaf(d), []), leafValues(s, xs), xs.length);
  });
});

describe("of vectors and matrices", () => {
  test.each(titledCases([...vectorCases, ...matrixCases]))("%s", (_, c) => {
    const d = instanceOn(c, [POINTS]);
    const x = valueOn(c, [POINTS]);
    const count = c.points.length;
    const values = leafNumbers(
      c,
      count,
      c.points.flatMap(([at]) => flat(at)),
    );
    expectAgreement(c.dist, functionsOf(d, x, x.shape), values, count);
  });
});

test("every row but improper ones and points is there", () => {
  const tested = new Set([...settings.map((s) => s.dist), ...[...vectorCases, ...matrixCases].map((c) => c.dist)]);
  const others = dists.filter((dist) => !tested.has(dist));
  expect(
    others.filter((dist) => dist.improper !== true && dist.supportKind !== "point").map(({ name }) => name),
  ).toEqual([]);
});
