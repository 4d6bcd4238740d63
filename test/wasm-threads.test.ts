// Several threads: the same bits for every number of them, against the reference too; what only the first may do; threads that end, fail and die.

import { afterAll, describe, expect, test, vi } from "vitest";
import { compile, type CompileOptions } from "../src/compile.ts";
import type { Engine, Inputs, Tensor } from "../src/exec/engine.ts";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import { cut } from "../src/exec/wasm/program/cuts.ts";
import { HEADER } from "../src/exec/wasm/code/header.ts";
import { F64 } from "../src/exec/wasm/code/lanes.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { machine } from "../src/exec/wasm/code/machine.ts";
import { moduleBytes } from "../src/exec/wasm/code/module.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import { instantiate, newMemory } from "../src/exec/wasm/platform.ts";
import { share, shareOut, work } from "../src/exec/wasm/code/share.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import { teamOf, type Team } from "../src/exec/wasm/threads.ts";
import { withTeam } from "../src/exec/wasm/trial.ts";
import { firstWeight } from "../src/fit/score-weight.ts";
import { infer } from "../src/infer.ts";
import type { Node } from "../src/ir/node.ts";
import {
  add,
  data,
  drawPoisson,
  exp,
  gather,
  iota,
  maxAxis,
  mul,
  noise,
  param,
  scalar,
  scatter,
  sin,
  softplus,
  sub,
  sum,
  sumAxis,
  toEvent,
} from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import type { RawData } from "../src/result.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import { difference } from "./support/engines.ts";
import { readData, readModel } from "./support/examples.ts";
import { testNumbers, type Values } from "./support/run-graph.ts";

const THREADS = [1, 2, 3];
const PRECISIONS = ["f64", "f32"] as const;

const engines = PRECISIONS.flatMap((precision) =>
  THREADS.map((threads) => ({ precision, threads, engine: wasmWith({ precision, threads }) })),
);
afterAll(() => engines.forEach(({ engine }) => engine.end()));

const ofPrecision = (wanted: string): readonly Engine[] =>
  engines.filter(({ precision }) => precision === wanted).map(({ engine }) => engine);

const numbers = (count: number, seed = 5): Float64Array => {
  const next = testNumbers(seed);
  return Float64Array.from({ length: count }, () => 2 * next() - 1);
};

// ---------------------------------------------------------------------------------------- graphs

const N = 24_000;
const K = 7;
const x = data("x", ["N"], [K]);
const y = data("y", ["N"], []);
const beta = param("beta", [], [K]);
const groups = 50;
const level = param("level", [], [groups]);
const group = data("group", ["N"], []);
const eta = add(sum(mul(x, beta), [0]), gather(level, 0, group));
const loglik = sumAxis(sub(mul(y, eta), softplus(eta)), "N");

const VALUES: Values = {
  x: numbers(N * K),
  y: numbers(N).map((v) => (v > 0 ? 1 : 0)),
  group: numbers(N).map((_, i) => (i * 7) % groups),
  beta: numbers(K, 8),
  level: numbers(groups, 9),
  one: Float64Array.of(1),
};

const each = exp(mul(y, sin(eta)));
const CASES: Readonly<Record<string, Readonly<Record<string, Node>>>> = {
  "sums, and gradients that many turns meet in": {
    loglik,
    ...Object.fromEntries(grad(loglik, [beta, level]).map((g, i) => [`g${i}`, g])),
  },
  "numbers of each turn": { each: toEvent(each, "N", 0, N), most: maxAxis(each, "N") },
  "indices that name nothing": { into: scatter(each, sub(group, scalar(1)), groups, ["N"]) },
  "a scalar function for some arguments, on the first thread": {
    far: sumAxis(mul(sin(mul(mul(scalar(256), iota("N")), param("one", [], []))), y), "N"),
  },
  "noise, and draws": {
    spread: sumAxis(mul(sum(noise("normal", "z", ["N"], [3]), [0]), data("y", ["N"], [])), "N"),
    drawn: sumAxis(exp(mul(scalar(-1), drawPoisson({ site: "k", axes: ["N"], shape: [] }, exp(eta)))), "N"),
  },
};

const inputsOf = (params: Values, step = 0): Inputs => ({ params, sizes: { N }, seed: 11, step });

const bits = (all: Readonly<Record<string, Tensor>>): string =>
  Object.values(all)
    .map(({ values }) => Buffer.from(values.buffer).toString("base64"))
    .join();

describe("evaluations", () => {
  test.each(Object.entries(CASES))("%s", (_, outputs) => {
    const wanted = reference.load({ outputs }, VALUES).run(inputsOf(VALUES));
    for (const precision of PRECISIONS) {
      const loaded = ofPrecision(precision).map((engine) => engine.load({ outputs }, VALUES));
      for (let step = 0; step < 25; step++) {
        const [one, ...more] = loaded.map((own) => own.run(inputsOf(VALUES, step)));
        for (const found of more) expect(bits(found)).toBe(bits(one!));
        if (step === 0) expect(difference(wanted, one!).error).toBeLessThan(precision === "f64" ? 1e-9 : 1e-3);
      }
    }
  });
});

describe("programs", () => {
  const sizes = { N };
  const lowered = (outputs: readonly Node[]) =>
    lower(simplest(outputs), { batched: [], sizes, fullSizes: {}, supplied: [] });

  test("a long loop in parts, each with a copy of what turns meet in", () => {
    const text = printProgram(lowered([scatter(y, group, groups, ["N"])])).replace(/^[^]*?\n\n/, "");
    expect(text).toMatchInlineSnapshot(`""`);
  });

  test("what is short, or writes what it reads elsewhere, stays whole", () => {
    const { program } = lowered([sumAxis(y, "N")]);
    expect(program.body.some((stmt) => stmt.do === "parts")).toBe(false);
    const at = { buffer: 0, offset: 0, strides: {}, by: null };
    const body = [
      { do: "load", id: 0, at: { ...at, buffer: 1, strides: { n: 1 } } },
      { do: "store", at, value: 0 },
    ] as const;
    const loop = { do: "for", label: "n", count: 10_000_000, order: "any", within: null, results: [] } as const;
    const buffers = [
      { name: "one", length: 1 },
      { name: "all", length: 10_000_000 },
    ];
    expect(cut({ buffers, body: [{ ...loop, body }] }).body).toHaveLength(1);
    expect(cut({ buffers, body: [{ ...loop, body }] }).body[0]!.do).toBe("for");
    expect(cut({ buffers, body: [{ ...loop, body: [body[0]] }] }).body[0]!.do).toBe("parts");
    expect(cut({ buffers, body: [{ ...loop, order: "forward", body: [body[0]] }] }).body[0]!.do).toBe("for");
  });
});

// ---------------------------------------------------------------------------------------- fits

/** The longest arrays so many times after themselves, and the size that counts them. */
function repeated(all: RawData, times: number): RawData {
  const longest = Math.max(...Object.values(all).map((value) => (Array.isArray(value) ? value.length : 0)));
  const again = (value: RawData[string]): RawData[string] => {
    if (value === longest) return times * longest;
    const isLong = Array.isArray(value) && value.length === longest;
    return isLong ? (Array.from({ length: times }, () => value).flat() as RawData[string]) : value;
  };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, again(value)]));
}

type Case = readonly [name: string, model: string, data: RawData, options: CompileOptions];
const example = (name: string, times: number, options: CompileOptions = {}): Case => {
  const all = readData(`examples/${name}/data.json`);
  return [name, `examples/${name}/model.ppl`, repeated(all, times), options];
};
const FITS: readonly Case[] = [
  example("wells", 10),
  example("wells", 10, { guide: "fullrank", particles: 3 }),
  example("radon", 20),
  example("mixture", 50),
  example("lda", 1),
];

describe("many steps", () => {
  test.each(FITS)("%s", (_, model, all, options) => {
    const { prepared, wishes } = compile(readModel(model), all, { ...options, method: "adam" });
    for (const precision of PRECISIONS) {
      const [one, ...more] = ofPrecision(precision).map((engine) => {
        const setup = { particles: wishes.particles, seed: 7, batch: wishes.batch };
        const { target } = stochasticTarget(prepared, engine, setup, []);
        const leg = { params: target.start, from: 0, length: 6, rate: 0.05, weight: firstWeight("adaptive") };
        const begun = target.advance(target.begin(leg), 2);
        const { to, values } = target.advance(begun.to, 4);
        return { ...target.reached(to), values: [...begun.values, ...values] };
      });
      expect(one!.values.every(Number.isFinite)).toBe(true);
      for (const found of more) expect(found).toEqual(one);
    }
  });

  test("a whole fit", async () => {
    const [, model, all] = example("wells", 10);
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => infer(readModel(model), all, { threads, draws: 20, predictive: false })),
    );
    expect([one!.threads, two!.threads]).toEqual([1, 2]);
    expect(two!.elbo).toEqual(one!.elbo);
    expect(two!.draws).toEqual(one!.draws);
    expect(two!.trace).toEqual(one!.trace);
  });
});

// ---------------------------------------------------------------------------------------- threads

type Reported = { readonly workers: readonly unknown[] };
const workersAlive = (): number => (process.report.getReport() as unknown as Reported).workers.length;
const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((done) => setTimeout(done, 10));
};

describe("threads", () => {
  test("end with their engine, and begin again", async () => {
    const before = workersAlive();
    const engine = wasmWith({ threads: 3 });
    const loaded = engine.load({ outputs: CASES["numbers of each turn"]! }, VALUES);
    const one = loaded.run(inputsOf(VALUES));
    await until(() => workersAlive() === before + 2);
    expect(workersAlive()).toBe(before + 2);
    expect(engine.threads()).toBe(3);
    engine.end();
    await until(() => workersAlive() === before);
    expect(workersAlive()).toBe(before);
    expect(loaded.run(inputsOf(VALUES))).toEqual(one);
    engine.end();
  });

  test("none where they are not asked for", () => {
    const before = workersAlive();
    const engine = wasmWith({});
    engine.load({ outputs: { loglik } }, VALUES).run(inputsOf(VALUES));
    expect(engine.threads()).toBe(1);
    // Those of the tests before may still be ending.
    expect(workersAlive()).toBeLessThanOrEqual(before);
  });

  test("on more modules than they keep", () => {
    const engine = wasmWith({ threads: 2 });
    const loaded = Array.from({ length: 11 }, (_, k) => {
      const outputs = { y: sumAxis(exp(mul(scalar(k / 10), eta)), "N") };
      return [1, 2].map((threads) => (threads === 1 ? wasmWith({}) : engine).load({ outputs }, VALUES));
    });
    for (let round = 0; round < 3; round++)
      for (const [one, two] of loaded) expect(two!.run(inputsOf(VALUES))).toEqual(one!.run(inputsOf(VALUES)));
    engine.end();
  });
});

describe("parts", () => {
  /** Four parts in shared memory. In the first that is run here, `another` is a thread that takes one. */
  function shared(another: (done: Int32Array) => void) {
    const memory = newMemory({ pages: 1, isShared: true });
    const words = new Int32Array(memory.buffer);
    words[HEADER.others / 4] = 1;
    let own = 0;
    const host = (part: number): number => {
      if (own++ > 0) return part;
      Atomics.add(new BigInt64Array(memory.buffer), HEADER.ticketLow / 8, 1n);
      another(words.subarray(HEADER.done / 4));
      return part;
    };
    const m = machine(F64);
    shareOut(m, 0, 4);
    const part = { name: "part", params: ["i32"], locals: [], code: [0x20, 0, 0xb7, 0x10, 0, 0x1a] } as const;
    const step = { name: "step", params: [], locals: m.locals, code: m.code };
    const imports = [{ name: "host", arity: 1 }];
    const bytes = moduleBytes(imports, [step, share(true, 1), { ...part, code: [...part.code] }, work()], {
      pages: 1,
      isShared: true,
    });
    const { exports } = instantiate(bytes, { memory, host });
    return { run: exports["step"] as () => void, counted: () => own };
  }

  test("that another thread does are not done here", () => {
    const { run, counted } = shared((done) => void Atomics.add(done, 0, 1));
    run();
    expect(counted()).toBe(3);
  });

  test("that another thread leaves undone are not waited for for ever", () => {
    const { run, counted } = shared(() => {});
    expect(run).toThrow("unreachable");
    expect(counted()).toBe(3);
  });

  test("a thread that fails is an error of the next run", async () => {
    const team = teamOf(2, false);
    const memory = newMemory({ pages: 1, isShared: true });
    const broken = { module: {}, memory };
    team.enter(broken);
    const fails = (): boolean => {
      try {
        team.enter(broken);
        return false;
      } catch {
        return true;
      }
    };
    await until(fails);
    expect(() => team.enter(broken)).toThrow("a thread of the wasm engine failed");
    team.end();
  });
});

describe("whether threads help", () => {
  /** Calls on a clock of its own: milliseconds of a step alone and together, for so many calls; whether the others were in at each. */
  function calls(
    times: { readonly alone: number; readonly together: number; readonly later?: number },
    count: number,
    steps = 10,
  ) {
    let now = 0;
    let isIn = false;
    let isAdopted = false;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    const team: Team = {
      size: 2,
      isTried: true,
      begin: () => {},
      isThere: () => true,
      enter: () => void (isIn = true),
      leave: () => void (isIn = false),
      adopt: () => void (isAdopted = true),
      isAdopted: () => isAdopted,
      end: () => {},
    };
    const caller = withTeam(team, { module: {}, memory: newMemory({ pages: 1, isShared: true }) });
    const seen = Array.from({ length: count }, (_, k) => {
      let was = false;
      const together = k > count / 2 ? (times.later ?? times.together) : times.together;
      caller(() => {
        was = isIn;
        now += steps * (isIn ? together : times.alone);
      }, steps);
      return was;
    });
    clock.mockRestore();
    return { seen, isAdopted };
  }

  test.each([
    ["long", { alone: 2, together: 1 }, 60, 10],
    ["short, in long calls", { alone: 0.06, together: 0.04 }, 600, 100],
    ["short, in short calls", { alone: 0.06, together: 0.04 }, 6000, 1],
  ] as const)("they stay where steps are faster: %s", (_, times, count, steps) => {
    const { seen, isAdopted } = calls(times, count, steps);
    expect(seen.slice(-20)).not.toContain(false);
    expect(isAdopted).toBe(true);
  });
  test("they go where steps are slower", () => {
    const { seen, isAdopted } = calls({ alone: 2, together: 2.5 }, 60);
    expect(seen).toContain(true);
    expect(seen.slice(-20)).not.toContain(true);
    expect(isAdopted).toBe(false);
  });
  test("they go where steps become slower than they were alone", () => {
    expect(calls({ alone: 2, together: 1, later: 2.5 }, 200).seen.slice(-20)).not.toContain(true);
    expect(calls({ alone: 2, together: 1, later: 1.9 }, 200).seen.slice(-20)).not.toContain(false);
  });
  test("the shortest steps are not tried", () => {
    const { seen, isAdopted } = calls({ alone: 0.045, together: 0.01 }, 6000);
    expect(seen).not.toContain(true);
    expect(isAdopted).toBe(false);
  });
});
