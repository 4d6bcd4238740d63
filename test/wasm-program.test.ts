// What the engine makes of a model, as text, and what it asks of the platform.

import { describe, expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { chooseEngine } from "../src/exec/choose.ts";
import { lacking } from "../src/exec/wasm/platform.ts";
import { infer } from "../src/infer.ts";
import { simulate } from "../src/simulate.ts";
import { captured } from "./support/command.ts";
import { readData, readModel } from "./support/examples.ts";

const schools = [readModel("examples/eight-schools/model.ppl"), readData("examples/eight-schools/data.json")] as const;

test("the program of eight schools", async () => {
  const { exit, out } = await captured(["print", "examples/eight-schools", "--stage", "program"]);
  expect(exit).toBe(0);
  await expect(out).toMatchFileSnapshot("golden/program-eight-schools.txt");
});

describe("the engine", () => {
  test.each([
    ["auto", "wasm"],
    ["wasm", "wasm"],
    ["reference", "reference"],
  ] as const)("%s is %s", async (engine, name) => {
    expect(compile(...schools, { engine }).engine.engine.name).toBe(name);
    expect((await infer(...schools, { engine, draws: 100 })).engine).toBe(name);
  });

  test("both find the same posterior", async () => {
    const [fast, slow] = [
      await infer(...schools, { engine: "wasm" }),
      await infer(...schools, { engine: "reference" }),
    ];
    expect(fast.elbo.mean).toBeCloseTo(slow.elbo.mean, 6);
    expect(fast.sites["mu"]!.mean).toBeCloseTo(slow.sites["mu"]!.mean as number, 5);
  });

  test("both draw the same data", () => {
    const [fast, slow] = (["wasm", "reference"] as const).map(
      (engine) => simulate(...schools, { engine, draws: 3, seed: 5 }).data["y"]!.values,
    );
    fast!.forEach((v, i) => expect(v).toBeCloseTo(slow![i]!, 10));
  });

  test("a platform without WebAssembly, or without SIMD, is refused by name, and the reference engine still runs", () => {
    expect(lacking()).toBeNull();
    const noSimd = lacking({ validate: () => false });
    expect(noSimd).toMatch(/SIMD/);
    expect(chooseEngine("auto", {}, noSimd)).toEqual({ problem: noSimd });
    expect(chooseEngine("reference", {}, noSimd)).toMatchObject({ engine: { name: "reference" } });
    const { WebAssembly: platform } = globalThis as { WebAssembly?: unknown };
    try {
      delete (globalThis as { WebAssembly?: unknown }).WebAssembly;
      expect(() => compile(...schools)).toThrow(
        /PPL511: the engine `wasm` is not possible here: this platform has no WebAssembly/,
      );
    } finally {
      Object.assign(globalThis, { WebAssembly: platform });
    }
  });
});
