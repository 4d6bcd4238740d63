// Noise that the module makes: the words of the generator bit by bit, uniform and normal numbers equal to the interpreter's, in every layout and batch.

import { describe, expect, test } from "vitest";
import type { Inputs } from "../src/exec/engine.ts";
import { reference } from "../src/exec/reference.ts";
import { wasm, wasmWith } from "../src/exec/wasm.ts";
import type { Node } from "../src/ir/node.ts";
import { mul, noise, param, scalar, sumAxis } from "../src/op/index.ts";
import { hashSite, noiseSource } from "../src/exec/random.ts";

type Run = Pick<Inputs, "sizes"> & Partial<Inputs>;

const KEY = { params: {}, seed: 7 + 5 * 2 ** 32, step: 3 };

const on = (engine: typeof wasm, node: Node, run: Run): readonly number[] => [
  ...engine.load({ outputs: { node } }, {}).run({ ...KEY, ...run })["node"]!.values,
];

const expectSameBits = (node: Node, run: Run): void => {
  const found = on(wasm, node, run);
  expect(found.every((x) => Number.isFinite(x))).toBe(true);
  expect(found).toEqual(on(reference, node, run));
};

const KINDS = ["normal", "uniform"] as const;

describe.each(KINDS)("%s noise has the bits of the interpreter's", (kind) => {
  test.each([1, 2, 3, 4, 5, 8, 11, 12, 15, 16, 17, 31, 33, 100, 4097])("%d elements", (size) => {
    expectSameBits(noise(kind, "z", [], [size]), { sizes: {} });
  });

  test("axes come in the order of the generator, not of the layout", () => {
    const node = noise(kind, "z", ["N", "particle", "%replicate"], [3, 2]);
    for (const sizes of [
      { N: 5, particle: 4, "%replicate": 2 },
      { N: 1, particle: 7, "%replicate": 1 },
      { N: 40, particle: 1, "%replicate": 3 },
    ])
      expectSameBits(node, { sizes });
  });

  test("members of a batch have their own numbers", () => {
    for (const [axes, shape] of [
      [["N"], []],
      [["N"], [3]],
      [["M", "N", "particle"], [2]],
      [["N", "particle"], [17]],
    ] as const) {
      const members = { N: Int32Array.of(5, 0, 999_999, 4, 17) };
      const run = { sizes: { N: 5, M: 3, particle: 2 }, members, fullSizes: { N: 1_000_000 } };
      expectSameBits(noise(kind, "z", axes, shape), run);
    }
  });

  test("numbers beyond 2^32", () => {
    const members = { N: Int32Array.of(2_000_000_000, 1, 1_999_999_999) };
    expectSameBits(noise(kind, "z", ["N", "particle"], [3]), {
      sizes: { N: 3, particle: 3 },
      members,
      fullSizes: { N: 2_000_000_001 },
    });
  });

  test("another seed, step and site give other numbers", () => {
    const own = (site: string, run: Partial<Inputs>): string =>
      String(on(wasm, noise(kind, site, [], [20]), { sizes: {}, ...run }));
    const all = [
      own("z", {}),
      own("y", {}),
      own("z", { step: 4 }),
      own("z", { seed: 7 }),
      own("z", { seed: 8 + 5 * 2 ** 32 }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

test("sites that share counters and code have the numbers of each alone", () => {
  const sites = Array.from({ length: 400 }, (_, i) => `site ${i}`);
  const own = sites.map((site, i) => ({
    site,
    kind: KINDS[i % 7 === 3 ? 1 : 0],
    size: i < 380 ? 4 + (i % 9) : 1 + (i % 20),
  }));
  const outputs = Object.fromEntries(own.map(({ site, kind, size }) => [site, noise(kind, site, [], [size])]));
  const found = wasm.load({ outputs }, {}).run({ ...KEY, sizes: {} });
  for (const { site, kind, size } of own) {
    const source = noiseSource(kind, { ...KEY, site });
    expect([...found[site]!.values]).toEqual(Array.from({ length: size }, (_, k) => source(k)));
  }
  expect(new Set(sites.map(hashSite)).size).toBe(sites.length);
});

test("one module runs with new seeds and steps; supplied noise takes its place", () => {
  const z = noise("normal", "z", ["particle"], [2]);
  const graph = { outputs: { total: sumAxis(mul(z, param("a", [], [2])), "particle"), half: mul(scalar(0.5), z) } };
  const loaded = { wasm: wasm.load(graph, {}), reference: reference.load(graph, {}) };
  const given = { z: Float64Array.of(1, 2, 3, 4, 5, 6) };
  for (const run of [{ step: 1 }, { step: 2 }, { seed: 9 }, { noise: given }, { step: 1 }]) {
    const inputs = { ...KEY, params: { a: Float64Array.of(2, 3) }, sizes: { particle: 3 }, ...run };
    const [found, expected] = [loaded.wasm.run(inputs), loaded.reference.run(inputs)];
    expect(found["half"]!.values).toEqual(expected["half"]!.values);
    found["total"]!.values.forEach((x, i) => expect(x).toBeCloseTo(expected["total"]!.values[i]!, 13));
  }
});

describe("float32", () => {
  const single = wasmWith({ precision: "f32" });
  const SIZE = 200_003;
  const distance = (kind: (typeof KINDS)[number], axes: readonly string[], run: Run): number => {
    const node = noise(kind, "z", axes, axes.length === 0 ? [SIZE] : []);
    const [found, expected] = [on(single, node, run), on(reference, node, run)];
    return found.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i]!)), 0);
  };

  test("normal numbers are those of float64 to 2e-6", () => {
    expect(distance("normal", [], { sizes: {} })).toBeLessThan(2e-6);
  });

  test("uniform numbers are those of float64, rounded, and inside (0, 1)", () => {
    expect(distance("uniform", [], { sizes: {} })).toBeLessThanOrEqual(2 ** -24);
    const all = on(single, noise("uniform", "z", [], [SIZE]), { sizes: {} });
    expect(all.every((u) => u > 0 && u < 1)).toBe(true);
  });

  test("members of a batch", () => {
    const members = { N: Int32Array.of(5, 0, 99_999, 4, 17) };
    const run = { sizes: { N: 5, particle: 3 }, members, fullSizes: { N: 100_000 } };
    expect(distance("normal", ["N", "particle"], run)).toBeLessThan(2e-6);
  });
});
