// The bench is sound, without a clock: its workloads are models that compile with their data, ratios are right on given numbers, and its page has its places.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { adaptiveChunks } from "./bench/chunks.ts";
import { lastError } from "./bench/child.ts";
import { ratioOf, spreadOf } from "./bench/ratios.ts";
import type { Steps } from "./bench/results.ts";
import {
  between,
  coldTable,
  fittedTable,
  growthTable,
  ratiosTable,
  runsText,
  stepsTable,
  time,
  unableText,
} from "./bench/tables.ts";
import { everyWorkload, growth, modelOf } from "./bench/workloads.ts";

describe("workloads", () => {
  // The largest differs from its smaller sister in the number of rows alone.
  const small = everyWorkload.filter(({ name }) => name !== "W2-data-100");

  test.each(small.map((workload) => [workload.name, workload] as const))("%s compiles with its data", (_, workload) => {
    const guide = workload.guide === "written" ? {} : { guide: workload.guide };
    const { prepared, wishes } = compile(modelOf(workload), workload.data(), {
      method: "adam",
      particles: workload.draws,
      ...guide,
    });
    expect(prepared.method.name).toBe("adam");
    expect(wishes.particles).toBe(workload.draws);
  });

  test("data are the same at every call", () => {
    for (const { data } of small) expect(data()).toEqual(data());
  });

  test("names are unique, and series are made of them", () => {
    const names = everyWorkload.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { steps } of growth) for (const name of steps) expect(names).toContain(name);
  });
});

describe("ratios", () => {
  test("median and ends, of odd and even counts", () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 });
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  test("are taken within rounds: a slow moment that both share leaves no trace", () => {
    expect(ratioOf([20, 200, 40], [1, 10, 2])).toEqual({ median: 20, low: 20, high: 20 });
    expect(ratioOf([20, 200, 40], [2, 10, 1])).toEqual({ median: 20, low: 10, high: 40 });
  });
});

describe("chunks", () => {
  test("take every step that they count, for the time asked", async () => {
    let taken = 0;
    const timed = adaptiveChunks((steps) => {
      taken += steps;
      const until = performance.now() + Math.min(steps, 5);
      while (performance.now() < until);
    });
    const { steps, seconds } = await timed(0.02);
    expect(steps).toBe(taken);
    expect(seconds).toBeGreaterThanOrEqual(0.02);
  });
});

const steps = (microseconds: readonly number[]): Steps => ({
  microseconds,
  load: 0.5,
  compile: 0.25,
  elbo: -31.5,
  megabytes: 80,
});

describe("tables", () => {
  const titles = [
    ["A", "first"],
    ["B", "second"],
  ] as const;
  const found = {
    A: { "Variate f64": steps([1, 2, 4]), "Variate f32": steps([0.5, 1, 1]), NumPyro: steps([10, 20, 80]) },
    B: { "Variate f64": steps([1000, 3000, 2000]), NumPyro: { unable: "it is not installed" } },
  };

  test("steps: the median in its unit, a dash where there is none", () => {
    expect(stepsTable(titles, found).split("\n").slice(2)).toEqual([
      "| A first | 2.00 µs | 1.00 µs | 20.0 µs |",
      "| B second | 2.00 ms | – | – |",
    ]);
    expect([0.0912, 45.67, 999, 1234, 2.5e6].map(time)).toEqual(["0.091 µs", "45.7 µs", "999 µs", "1.23 ms", "2.50 s"]);
  });

  test("ratios: of each to ours, and of NumPyro to ours in single precision", () => {
    const [head, , first, second] = ratiosTable(titles, found).split("\n");
    expect(head).toContain("| Variate f32 ÷ Variate f64 | NumPyro ÷ Variate f64 | NumPyro ÷ Variate f32 |");
    expect(first).toBe("| A first | 0.50 (0.25–0.50) | 10.0 (10.0–20.0) | 20.0 (20.0–80.0) |");
    expect(second).toBe("| B second | – | – | – |");
  });

  test("growth: factors of ten, in the order of the series", () => {
    expect(
      growthTable([{ what: "rows", steps: ["A", "B", "C"] }], found)
        .split("\n")
        .slice(2),
    ).toEqual(["| rows × 1 | 2.00 µs | 1.00 µs | 20.0 µs | 10.0 (10.0–20.0) |", "| rows × 10 | 2.00 ms | – | – | – |"]);
  });

  test("what is missing is named, with where it was wanted", () => {
    expect(unableText([found])).toBe("- Missing: NumPyro: it is not installed (B)");
  });

  test("each says when and how its rows were measured: once where all are alike, else by name", () => {
    const run = (date: string, busy: number) => ({ date, settings: "5 rounds of 0.5 s", busy });
    const runs = { A: run("2026-11-21", 0.42), B: run("2026-11-21", 1.8), C: run("2026-11-22", 0.5) };
    expect(runsText(["A", "B", "B", "missing"], runs)).toBe(
      "Measured on 2026-11-21: 5 rounds of 0.5 s; load average 0.4 to 1.8.",
    );
    expect(runsText(["A", "C"], runs)).toBe(
      "A measured on 2026-11-21: 5 rounds of 0.5 s; load average 0.4. C measured on 2026-11-22: 5 rounds of 0.5 s; load average 0.5.",
    );
    expect(runsText(["missing"], runs)).toBe("");
  });

  test("processes and fits", () => {
    const cold = {
      A: { Variate: { seconds: [0.5, 0.4], megabytes: 100 }, NumPyro: { seconds: [5, 6], megabytes: null } },
    };
    expect(coldTable(titles, cold).split("\n").slice(2)).toEqual([
      "| first | Variate | 0.45 (0.40–0.50) s | 1.00 (1.00–1.00) | 100 MB |",
      "| first | NumPyro | 5.50 (5.00–6.00) s | 12.5 (10.0–15.0) | – |",
    ]);
    const fitted = {
      "A, meanfield": {
        optimum: -1,
        systems: {
          Variate: { seconds: [0.5, 0.7], gaps: [0.01, 0.02] },
          NumPyro: { seconds: [null, 9], gaps: [0.3, 0.04] },
        },
      },
      "B, meanfield": { optimum: -1, systems: { Variate: { seconds: [null], gaps: [null] } } },
    };
    expect(fittedTable(fitted).split("\n").slice(2)).toEqual([
      "| A, meanfield | 2 of 2 | 0.60 s | 0.020 | 1 of 2 | 9.00 s | 0.300 |",
      "| B, meanfield | 0 of 1 | – | failed | – | – | – |",
    ]);
  });

  test("a page is changed between its markers alone, and lacks none", () => {
    const page = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb";
    expect(between(page, "x", "new")).toBe("a\n<!-- bench:x -->\n\nnew\n\n<!-- /bench:x -->\nb");
    expect(between(between(page, "x", "new"), "x", "new")).toBe(between(page, "x", "new"));
    expect(() => between(page, "y", "new")).toThrow("bench:y");
    const chapter = readFileSync("docs/performance.md", "utf8");
    for (const name of ["machine", "steps", "ratios", "growth", "compile", "cold", "oracles"])
      expect(() => between(chapter, name, "")).not.toThrow();
  });

  test("an error is the line that names it", () => {
    expect(lastError("Trace:\n  at x\nTypeError: no\n\nNode.js v20")).toBe("TypeError: no");
    expect(lastError("killed")).toBe("killed");
  });
});
