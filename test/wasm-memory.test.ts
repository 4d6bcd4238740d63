// The memory plan: buffers that do not live at the same time share bytes, those that last never do, and a limit is a refusal that names what is large.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { infer } from "../src/infer.ts";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import { LANES } from "../src/exec/wasm/code/lanes.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { memoryOf } from "../src/exec/wasm/program/memory.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import { amount, parseAmount } from "../src/base/bytes.ts";
import { exp, gather, mul, param, scalar, sin, sumAxis } from "../src/op/index.ts";
import type { Node } from "../src/ir/node.ts";
import { readData, readModel } from "./support/examples.ts";
import { nodesOf, recipes, SIZES } from "./support/graph-arbitrary.ts";

const N = 1000;
const lowered = (outputs: readonly Node[], sizes: Readonly<Record<string, number>>) =>
  lower(simplest(outputs), { batched: [], sizes, fullSizes: {}, supplied: [] });

/** x is read again in another order, which stores it, so many times. */
function chain(length: number): Node {
  let x: Node = param("x", [], [N]);
  const order = param("order", [], [N]);
  for (let k = 0; k < length; k++) x = exp(mul(scalar(-0.5), gather(sin(x), 0, order)));
  return x;
}

describe("lifetimes", () => {
  test("values that follow one another need no more room the more there are", () => {
    const [short, long] = [4, 40].map((k) => memoryOf(lowered([chain(k)], {}), LANES.f64).bytes);
    expect(long!.temporaries).toBe(short!.temporaries);
    expect(long!.parameters).toBe(short!.parameters);
    expect(long!.parameters).toBeGreaterThanOrEqual(2 * N * 8);
  });

  test("float32 takes half of it", () => {
    const program = lowered([chain(4)], {});
    const [wide, narrow] = [memoryOf(program, LANES.f64).bytes, memoryOf(program, LANES.f32).bytes];
    expect(narrow.parameters).toBeLessThan(0.6 * wide.parameters);
  });

  test("buffers that share bytes are never both needed: leaves and outputs keep theirs", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const nodes = nodesOf(recipe);
        const program = lowered(nodes, SIZES);
        const { places, bytes } = memoryOf(program, LANES.f64);
        const lasting = [...new Set([...program.given.values(), ...program.outputs].map(({ buffer }) => buffer))];
        const ends = (buffer: number): number => places[buffer]! + program.program.buffers[buffer]!.length * 8;
        for (const a of lasting)
          for (let b = 0; b < places.length; b++)
            if (a !== b) expect(ends(a) <= places[b]! || ends(b) <= places[a]!).toBe(true);
        for (let b = 0; b < places.length; b++) expect(ends(b)).toBeLessThanOrEqual(bytes.total);
      }),
      { seed: 21, numRuns: 100 },
    );
  });

  test("a chain has the values of the reference", () => {
    const order = Float64Array.from({ length: N }, (_, i) => (7 * i + 3) % N);
    const inputs = { params: { x: order.map((i) => i / N), order }, sizes: {}, seed: 0, step: 0 };
    const [slow, fast] = [reference, wasmWith({})].map(
      (e) => e.load({ outputs: { y: chain(9) } }, {}).run(inputs)["y"]!,
    );
    slow!.values.forEach((v, i) => expect(Math.abs(v - fast!.values[i]!)).toBeLessThan(1e-12));
  });
});

test("float32 refuses indices that it cannot tell apart", () => {
  const y = gather(param("x", [], [2 ** 24 + 1]), 0, param("index", [], [2]));
  const run = () =>
    wasmWith({ precision: "f32" }).load({ outputs: { y } }, {}).run({ params: {}, sizes: {}, seed: 0, step: 0 });
  expect(run).toThrow(/PPL511: `--precision f32` is not possible here: an index runs over 16777217 elements/);
});

describe("the limit", () => {
  test("a run above it is refused, with the largest values by name", () => {
    const y = sumAxis(exp(mul(param("big", ["J"], [N]), scalar(2))), "J");
    const run = (memory: number) => () =>
      wasmWith({ memory })
        .load({ outputs: { y } }, {})
        .run({ params: { big: new Float64Array(50 * N) }, sizes: { J: 50 }, seed: 0, step: 0 });
    expect(run(1e5)).toThrow(
      /PPL712: one evaluation needs \d+ kB of memory, more than the limit of 100 kB.*param big \(400 kB\)/,
    );
    expect(run(1e6)).not.toThrow();
  });

  test("of a fit", async () => {
    const schools = [
      readModel("examples/eight-schools/model.ppl"),
      readData("examples/eight-schools/data.json"),
    ] as const;
    await expect(infer(...schools, { memory: 20_000 })).rejects.toThrow(/PPL712/);
    expect((await infer(...schools, { memory: 2e7, precision: "f32" })).precision).toBe("f32");
  });

  test.each([
    ["512MB", 512e6],
    ["2 gb", 2e9],
    ["1.5kB", 1500],
    ["4096", 4096],
    ["much", null],
    ["-1MB", null],
    ["0", null],
  ] as const)("%s is %s bytes", (text, bytes) => expect(parseAmount(text)).toBe(bytes));

  test("amounts as people read them", () =>
    expect([12, 999.4, 1200, 999_600, 2e9].map(amount)).toEqual(["12 bytes", "999 bytes", "1.2 kB", "1 MB", "2 GB"]));
});
