// A report of a record gives each of its fields.

import { expect, test } from "vitest";
import { infer, simulate } from "../src/index.ts";

const TEXT = `data { dim N; y: real[N] }
model {
  sample m ~ Normal(0, 1)
  plate i in N { observe y[i] ~ Normal(m, 1)  let part = { mean: m, at: { here: m * y[i] } }  report q[i] = part }
  report both = { once: m, list: [m, 2 * m] }
  let r = { three: 3 * m }
  report r
}
predict { report four = 2 * both.list[1]  report again = { five: both.once * 5 } }`;

test("after a fit", async () => {
  const { sites, reports, predicted, labels } = await infer({ path: "m.ppl", text: TEXT }, { y: [0.5, 2] });
  const m = sites["m"]!.mean as number;
  expect(Object.keys(reports)).toEqual(["q.mean", "q.at.here", "both.once", "both.list", "r.three"]);
  const close = (found: unknown, wanted: readonly number[]): void =>
    [found].flat().forEach((x, i) => expect(x).toBeCloseTo(wanted[i]!, 8));
  close(reports["q.mean"]!.mean, [m, m]);
  close(reports["q.at.here"]!.mean, [0.5 * m, 2 * m]);
  close(reports["both.list"]!.mean, [m, 2 * m]);
  close(reports["r.three"]!.mean, [3 * m]);
  close(predicted["four"]!.mean, [4 * m]);
  close(predicted["again.five"]!.mean, [5 * m]);
  expect(labels["q.at.here"]!.dims).toEqual(["N"]);
});

test("before it", () => {
  const { sites, reports } = simulate({ path: "m.ppl", text: TEXT }, { y: [0.5, 2] }, { draws: 3 });
  expect(reports["both.list"]!.shape).toEqual([2]);
  expect(reports["r.three"]!.values[2]).toBeCloseTo(3 * sites["m"]!.values[2]!, 10);
});
