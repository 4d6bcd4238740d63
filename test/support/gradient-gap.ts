// The gradient of a model's log density in all coordinates against central differences.

import { compile } from "../../src/compile.ts";
import { reference } from "../../src/exec/reference.ts";
import { fixedTarget } from "../../src/run/fixed-target.ts";
import type { RawData } from "../../src/result.ts";

/** The largest difference, relative to the size of the derivative where that is above one, at `at` in every coordinate. */
export function gradientGap(text: string, data: RawData, at = 0.1, h = 1e-5): number {
  const { target } = fixedTarget(
    compile({ path: "m.ppl", text }, data, { guide: "meanfield" }).prepared,
    reference,
    [],
  );
  const none = new Float64Array(0);
  const x = new Float64Array(target.dim).map((_, i) => at * Math.cos(i));
  const value = (shift: number, i: number): number =>
    target.values(
      x.map((v, j) => (j === i ? v + shift : v)),
      none,
      none,
      1,
    )[0]!;
  const { gradX } = target.evaluate(x, none, none, 1);
  return Math.max(
    ...gradX.map((found, i) => Math.abs(found - (value(h, i) - value(-h, i)) / (2 * h)) / Math.max(1, Math.abs(found))),
  );
}
