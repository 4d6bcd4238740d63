// How a run of optimiser steps is cut into calls, and what becomes of its values.

import { afterEach, describe, expect, test, vi } from "vitest";
import { ascend } from "../src/fit/ascent.ts";
import type { StochasticTarget } from "../src/fit/target.ts";

afterEach(() => vi.restoreAllMocks());

/** A target whose steps take so many milliseconds each; the value of a step is its number, NaN where it is lost. */
function ticking(msPerStep: number, isLost: (step: number) => boolean = () => false) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const calls: number[] = [];
  const target = {
    begin: ({ from }: { from: number }) => ({ step: from, leaves: {} }),
    advance: ({ step }: { step: number }, steps: number) => {
      calls.push(steps);
      now += steps * msPerStep;
      const values = Float64Array.from({ length: steps }, (_, i) => (isLost(step + i) ? NaN : step + i));
      return { to: { step: step + steps, leaves: {} }, values };
    },
    reached: () => ({ params: Float64Array.of(1), average: Float64Array.of(2), weight: {} }),
    gradient: () => ({ value: NaN, gradient: Float64Array.of(NaN), score: null }),
  } as unknown as StochasticTarget;
  const run = (length: number, onStep: (value: number) => void = () => {}) =>
    ascend(target, { params: Float64Array.of(0), from: 5, length, rate: 1, weight: {} as never }, onStep);
  return { run, calls };
}

describe("calls", () => {
  test("grow eightfold while they are short, and end with the run", () => {
    const { run, calls } = ticking(1e-5);
    run(5000);
    expect(calls).toEqual([1, 8, 64, 512, 4096, 319]);
  });

  test("grow to ten milliseconds and no further", () => {
    const { run, calls } = ticking(0.5);
    run(100);
    expect(calls).toEqual([1, 8, 20, 20, 20, 20, 11]);
  });

  test("stay at one step where that takes longer", () => {
    const { run, calls } = ticking(40);
    run(4);
    expect(calls).toEqual([1, 1, 1, 1]);
  });

  test("grow by a clock that stands still", () => {
    const { run, calls } = ticking(0);
    run(80);
    expect(calls).toEqual([1, 8, 64, 7]);
  });
});

describe("values", () => {
  test("are told step by step, in their order, and given at the end", () => {
    const told: number[] = [];
    const end = ticking(1e-5).run(300, (value) => told.push(value));
    expect(told).toEqual(Array.from({ length: 300 }, (_, i) => 5 + i));
    expect("values" in end && [...end.values]).toEqual(told);
  });

  test("that are lost are counted; too many of them within some steps end the run there", () => {
    const seldom = ticking(1e-5, (step) => step % 20 === 0).run(1000);
    expect("skipped" in seldom && seldom.skipped).toBe(50);
    const often = ticking(1e-5, (step) => step >= 100 && step % 2 === 0).run(1000);
    expect(often).toEqual({ failure: "not-finite", step: 138, parameter: 0 });
  });
});
