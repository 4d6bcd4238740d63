// How draws of continuous distributions move with their parameters: every row has a derivative, and where a distribution function is
// known, that of the draw is the one which keeps its probability.

import { describe, expect, test } from "vitest";
import { dists } from "../src/dist/index.ts";

describe("continuous rows", () => {
  const continuous = dists.filter((row) => !row.discrete && row.improper !== true);
  test("a good number", () => expect(continuous.length).toBeGreaterThan(25));
  test.each(continuous.map((row) => [row.name, row] as const))("%s moves with its parameters", (_, { draw }) =>
    expect(["pathwise", "implicit"]).toContain(draw.kind),
  );
  test.each(continuous.filter((row) => row.rank === 0).map((row) => [row.name, row] as const))(
    "%s has a distribution function, so that mixtures of it do too",
    (_, row) => expect(row.logCdf !== undefined && row.logCcdf !== undefined).toBe(true),
  );
});
