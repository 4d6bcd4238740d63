// Scans of the language: trajectories and log densities against plain loops, refusals, gradients, memory.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { planOf } from "../src/build/prepare.ts";
import { compile } from "../src/compile.ts";
import { infer } from "../src/infer.ts";
import { topological } from "../src/ir/walk.ts";
import { check } from "../src/model/check.ts";
import { buildObjective, fixedGraph } from "../src/run/graphs.ts";
import { gradientGap } from "./support/gradient-gap.ts";
import { drawsOf } from "./support/joint.ts";
import { hasData, posteriors } from "./support/posteriordb.ts";

const normal = (x: number, m: number, s: number): number =>
  -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const wave = (n: number, a = 1.3, b = 0.2): number[] =>
  Array.from({ length: n }, (_, t) => Math.sin(a * t * t + b) + 0.3 * Math.cos(t));

const T = 7;
const y = wave(T);

/** A model, its data, and the joint log density and reports of a draw by plain code. */
type Case = {
  readonly name: string;
  readonly model: string;
  readonly data: Record<string, unknown>;
  readonly plain: (
    at: (site: string) => readonly number[],
  ) => { readonly logp: number } & Readonly<Record<string, number | readonly number[]>>;
};

const cases: readonly Case[] = [
  {
    name: "GARCH: a guarded first step, and data of the step before",
    model: `data { dim T; y: real[T] }
      model {
        sample mu ~ Normal(0, 1)
        sample la ~ Normal(-1, 1)
        scan t in T carry v: real {
          let v[t] = if t == 0 then 0.8 else exp(la) + 0.3 * (y[t - 1] - mu)^2 + 0.4 * v[t - 1]
          observe y[t] ~ Normal(mu, sqrt(v[t]))
        }
        report last_v = v[last(T)]
        report total = sum(v)
      }`,
    data: { y },
    plain: (at) => {
      const [mu = 0, la = 0] = [at("mu")[0], at("la")[0]];
      const v: number[] = [];
      let logp = normal(mu, 0, 1) + normal(la, -1, 1);
      for (let t = 0; t < T; t++) {
        v.push(t === 0 ? 0.8 : Math.exp(la) + 0.3 * (y[t - 1]! - mu) ** 2 + 0.4 * v[t - 1]!);
        logp += normal(y[t]!, mu, Math.sqrt(v[t]!));
      }
      return { logp, last_v: v[T - 1]!, total: sum(v) };
    },
  },
  {
    name: "ARMA in base 1: a let that is not carried reads the carried one, which reads it",
    model: `data { base 1 dim T; y: real[T] }
      model {
        sample mu ~ Normal(0, 1)
        sample phi ~ Normal(0, 1)
        sample theta ~ Normal(0, 1)
        scan t in T carry err: real {
          let nu = if t == 1 then mu + phi * mu else mu + phi * y[t - 1] + theta * err[t - 1]
          let err[t] = y[t] - nu
          factor log_prob(Normal(0, 0.5), err[t])
        }
        report e = err[last(T)]
      }`,
    data: { y },
    plain: (at) => {
      const [mu, phi, theta] = [at("mu")[0]!, at("phi")[0]!, at("theta")[0]!];
      let logp = normal(mu, 0, 1) + normal(phi, 0, 1) + normal(theta, 0, 1);
      let err = 0;
      for (let t = 0; t < T; t++) {
        err = y[t]! - (t === 0 ? mu + phi * mu : mu + phi * y[t - 1]! + theta * err);
        logp += normal(err, 0, 0.5);
      }
      return { logp, e: err };
    },
  },
  {
    name: "two lags under nested conditions, one of them written from the other side",
    model: `data { dim T; y: real[T] }
      model {
        sample a ~ Normal(0, 1)
        sample b ~ Normal(0, 1)
        scan t in T carry m: real {
          let m[t] = if t == 0 then a else if 1 >= t then b * m[t - 1] else sin(a * m[t - 1]) + b * m[t - 2]
          observe y[t] ~ Normal(m[t], 1)
        }
        scan t in T carry k: real {
          if !(t < 2) || false { observe y[t] ~ Normal(k[t - 2], 2) }
          let k[t] = t * a
        }
      }`,
    data: { y },
    plain: (at) => {
      const [a, b] = [at("a")[0]!, at("b")[0]!];
      const m: number[] = [];
      let logp = normal(a, 0, 1) + normal(b, 0, 1);
      for (let t = 0; t < T; t++) {
        m.push(t === 0 ? a : t === 1 ? b * m[0]! : Math.sin(a * m[t - 1]!) + b * m[t - 2]!);
        logp += normal(y[t]!, m[t]!, 1) + (t < 2 ? 0 : normal(y[t]!, (t - 2) * a, 2));
      }
      return { logp };
    },
  },
  {
    name: "start values stand before the first step at every lag; they may be latent, vectors, and whole numbers for a real",
    model: `data { dim T, K = 2; y: real[T] }
      model {
        sample s ~ Normal(zeros(K), 1)
        scan t in T carry x = s, c = 0 {
          let x[t] = 0.5 * reversed(x[t - 3]) + [y[t], c[t - 1]]
          let c[t] = c[t - 1] + 0.25 * x[t, 0]
        }
        report x
        report c
        factor -sum(x^2)
      }`,
    data: { y },
    plain: (at) => {
      const s = at("s");
      const x: number[][] = [];
      const c: number[] = [];
      for (let t = 0; t < T; t++) {
        const before = t < 3 ? s : x[t - 3]!;
        x.push([0.5 * before[1]! + y[t]!, 0.5 * before[0]! + (c[t - 1] ?? 0)]);
        c.push((c[t - 1] ?? 0) + 0.25 * x[t]![0]!);
      }
      return { logp: sum(s.map((v) => normal(v, 0, 1))) - sum(x.flat().map((v) => v * v)), x: x.flat(), c };
    },
  },
  {
    name: "a record, read after the scan at one step and whole",
    model: `data { dim T; y: real[T] }
      model {
        sample a ~ Normal(0, 1)
        scan t in T carry s = { level: 0.0, trend: [a, 1] } {
          let s[t] = { level: s[t - 1].level + s[t - 1].trend[0], trend: 0.9 * s[t - 1].trend + y[t] }
          observe y[t] ~ Normal(s[t].level, 1)
        }
        report end = s[last(T)].level
        report levels = s.level
        report trends = s.trend
      }`,
    data: { y },
    plain: (at) => {
      const a = at("a")[0]!;
      let [level, trend] = [0, [a, 1]];
      let logp = normal(a, 0, 1);
      const levels: number[] = [];
      const trends: number[] = [];
      for (let t = 0; t < T; t++) {
        [level, trend] = [level + trend[0]!, trend.map((v) => 0.9 * v + y[t]!)];
        logp += normal(y[t]!, level, 1);
        levels.push(level);
        trends.push(...trend);
      }
      return { logp, end: level, levels, trends };
    },
  },
  {
    name: "reverse, with a guard at the last step",
    model: `data { dim T; y: real[T] }
      model {
        sample a ~ Normal(0, 1)
        scan t in T reverse carry b: real, c = 1.0 {
          let b[t] = if t == last(T) then y[t] else a * b[t + 1] + y[t]
          let c[t] = c[t + 2] * 0.5 + y[t]
        }
        report b
        report c
        factor -b[first(T)]^2
      }`,
    data: { y },
    plain: (at) => {
      const a = at("a")[0]!;
      const [b, c] = [new Array<number>(T).fill(0), new Array<number>(T).fill(0)];
      for (let t = T - 1; t >= 0; t--) {
        b[t] = t === T - 1 ? y[t]! : a * b[t + 1]! + y[t]!;
        c[t] = (c[t + 2] ?? 1) * 0.5 + y[t]!;
      }
      return { logp: normal(a, 0, 1) - b[0]! ** 2, b, c };
    },
  },
  {
    name: "a latent per step: its prior reads the step before, and a let on top of it",
    model: `data { dim T; y: real[T] }
      model {
        sample phi ~ Normal(0, 1)
        scan t in T carry x = 0.2, z: real {
          sample x[t] ~ Normal(phi * x[t - 1], 0.5)
          sample z[t] ~ Normal(if t > 1 then z[t - 2] + x[t - 1] else 0, 1)
          observe y[t] ~ Normal(x[t] + z[t], 1)
        }
      }`,
    data: { y },
    plain: (at) => {
      const [phi, x, z] = [at("phi")[0]!, at("x"), at("z")];
      return {
        logp:
          normal(phi, 0, 1) +
          sum(
            y.map(
              (v, t) =>
                normal(x[t]!, phi * (x[t - 1] ?? 0.2), 0.5) +
                normal(z[t]!, t > 1 ? z[t - 2]! + x[t - 1]! : 0, 1) +
                normal(v, x[t]! + z[t]!, 1),
            ),
          ),
      };
    },
  },
  {
    name: "plates around and inside, starts per member, and all members of the step before",
    model: `data { dim T, I, J; y: real[I, J, T]; begin: real[J] }
      model {
        plate i in I {
          sample a[i] ~ Normal(0, 1)
          scan t in T carry x = begin, m = a[i] {
            let m[i, t] = 0.5 * m[i, t - 1] + mean(x[i, .., t - 1])
            plate j in J {
              let x[i, j, t] = 0.3 * x[i, j, t - 1] + 0.1 * m[i, t] + y[i, j, t]
              observe y[i, j, t] ~ Normal(a[i] + x[i, j, t], 1)
            }
          }
        }
        report x
        report m
      }`,
    data: { y: [0, 1].map((i) => [0, 1, 2].map((j) => wave(4, 1 + i, j))), begin: [0.5, -1, 2] },
    plain: (at) => {
      const data = [0, 1].map((i) => [0, 1, 2].map((j) => wave(4, 1 + i, j)));
      const a = at("a");
      let logp = sum(a.map((v) => normal(v, 0, 1)));
      const xs = data.map((rows) => rows.map((row) => row.map(() => 0)));
      const ms = data.map(() => [0, 0, 0, 0]);
      data.forEach((rows, i) => {
        let x = [0.5, -1, 2];
        let m = a[i]!;
        for (let t = 0; t < 4; t++) {
          m = 0.5 * m + sum(x) / 3;
          x = x.map((v, j) => 0.3 * v + 0.1 * m + rows[j]![t]!);
          x.forEach((v, j) => {
            logp += normal(rows[j]![t]!, a[i]! + v, 1);
            xs[i]![j]![t] = v;
          });
          ms[i]![t] = m;
        }
      });
      return { logp, x: xs.flat(2), m: ms.flat() };
    },
  },
  {
    name: "a step that a data condition skips hands the value on: lets and sites",
    model: `data { dim T; y: real[T]; seen: bool[T] }
      model {
        sample a ~ Normal(0, 1)
        scan t in T carry last_y = a, w: real {
          if seen[t] { let last_y[t] = y[t] + 0.1 * last_y[t - 1] }
          if t > 0 { observe y[t] ~ Normal(last_y[t - 1], 1) }
          let w[t] = if t == 0 then 1 else w[t - 1] + last_y[t]
        }
        report last_y
        report w
      }`,
    data: { y, seen: [0, 1, 0, 0, 1, 1, 0] },
    plain: (at) => {
      const a = at("a")[0]!;
      const seen = [0, 1, 0, 0, 1, 1, 0];
      const held: number[] = [];
      const w: number[] = [];
      let logp = normal(a, 0, 1);
      for (let t = 0; t < T; t++) {
        const before = held[t - 1] ?? a;
        held.push(seen[t] === 1 ? y[t]! + 0.1 * before : before);
        if (t > 0) logp += normal(y[t]!, held[t - 1]!, 1);
        w.push(t === 0 ? 1 : w[t - 1]! + held[t]!);
      }
      return { logp, last_y: held, w };
    },
  },
  {
    name: "a step that a latent condition skips, and a scan that stands in a condition itself",
    model: `data { dim T; y: real[T]; on: bool }
      model {
        sample a ~ Normal(0, 1)
        if on {
          scan t in T carry m = a {
            if a * y[t] > 0 { let m[t] = 0.5 * m[t - 1] + y[t] }
            observe y[t] ~ Normal(m[t], 1)
          }
        }
      }`,
    data: { y, on: true },
    plain: (at) => {
      const a = at("a")[0]!;
      let [m, logp] = [a, normal(a, 0, 1)];
      for (let t = 0; t < T; t++) {
        m = a * y[t]! > 0 ? 0.5 * m + y[t]! : m;
        logp += normal(y[t]!, m, 1);
      }
      return { logp };
    },
  },
  {
    name: "a site that a data condition skips: the last one that was sampled stands before",
    model: `data { dim T; y: real[T]; seen: bool[T] }
      model {
        scan t in T carry x = 0.5 {
          if seen[t] {
            sample x[t] ~ Normal(0.8 * x[t - 1], 1)
            observe y[t] ~ Normal(x[t], 1)
          }
          factor -x[t - 1]^2
        }
      }`,
    data: { y, seen: [0, 1, 0, 0, 1, 1, 0] },
    plain: (at) => {
      const seen = [0, 1, 0, 0, 1, 1, 0];
      const x = at("x");
      let [last, logp] = [0.5, 0];
      for (let t = 0; t < T; t++) {
        logp -= last ** 2;
        if (seen[t] === 1) {
          logp += normal(x[t]!, 0.8 * last, 1) + normal(y[t]!, x[t]!, 1);
          last = x[t]!;
        }
      }
      return { logp };
    },
  },
  {
    name: "a category per step, read through a table and as a condition",
    model: `data { dim T, K = 3; y: real[T]; A: real[K, K] }
      model {
        sample m ~ Normal(0, 1)
        scan t in T carry z: index(K) {
          sample z[t] ~ Categorical(if t == 0 then [0.2, 0.3, 0.5] else A[z[t - 1]])
          observe y[t] ~ Normal(m + z[t] + (if t > 1 && z[t] == 2 then 0.7 else 0), 1)
        }
      }`,
    data: {
      y,
      A: [
        [0.6, 0.3, 0.1],
        [0.2, 0.5, 0.3],
        [0.1, 0.1, 0.8],
      ],
    },
    plain: (at) => {
      const A = [
        [0.6, 0.3, 0.1],
        [0.2, 0.5, 0.3],
        [0.1, 0.1, 0.8],
      ];
      const [m, z] = [at("m")[0]!, at("z")];
      return {
        logp:
          normal(m, 0, 1) +
          sum(
            y.map(
              (v, t) =>
                Math.log((t === 0 ? [0.2, 0.3, 0.5] : A[z[t - 1]!]!)[z[t]!]!) +
                normal(v, m + z[t]! + (t > 1 && z[t] === 2 ? 0.7 : 0), 1),
            ),
          ),
      };
    },
  },
  {
    name: "a guide with a recursion of its own",
    model: `data { dim T; y: real[T] }
      model { scan t in T carry x = 0.0 { sample x[t] ~ Normal(x[t - 1], 1) observe y[t] ~ Normal(x[t], 1) } }
      guide {
        param w = 0.3
        scan t in T reverse carry h = 0.0 {
          let h[t] = tanh(w * h[t + 1] + y[t])
          sample x[t] ~ Normal(h[t], 1)
        }
      }`,
    data: { y },
    plain: (at) => {
      const x = at("x");
      return { logp: sum(y.map((v, t) => normal(x[t]!, x[t - 1] ?? 0, 1) + normal(v, x[t]!, 1))) };
    },
  },
  {
    name: "a recursion of data alone: counts, subscripts, and conditions on it",
    model: `data { dim T; y: real[T]; caught: bool[T] }
      model {
        sample m ~ Normal(0, 1)
        scan t in T carry n = 0, at: index(T) {
          let n[t] = n[t - 1] + caught[t]
          let at[t] = if t == 0 then t else if caught[t] then t else at[t - 1]
          if n[t] > 1 { observe y[t] ~ Normal(m * n[t] + y[at[t]], 1) }
        }
        report n
        report at
      }`,
    data: { y, caught: [1, 0, 1, 0, 0, 1, 1] },
    plain: (at) => {
      const m = at("m")[0]!;
      const caught = [1, 0, 1, 0, 0, 1, 1];
      let [n, last, logp] = [0, 0, normal(m, 0, 1)];
      const ns: number[] = [];
      const ats: number[] = [];
      for (let t = 0; t < T; t++) {
        n += caught[t]!;
        last = t === 0 || caught[t] === 1 ? t : last;
        if (n > 1) logp += normal(y[t]!, m * n + y[last]!, 1);
        ns.push(n);
        ats.push(last);
      }
      return { logp, n: ns, at: ats };
    },
  },
  {
    name: "a function inlined in the step, and a comprehension over what it is given",
    model: `data { dim T, K = 3; y: real[T] }
      fun mix(x: real[K], w: real) -> real[K] = [k in K: w * x[k] + sum([j in K: 0.1 * x[j] * (j + k)])]
      model {
        sample w ~ Normal(0, 1)
        scan t in T carry x = ones(K) { let x[t] = tanh(mix(x[t - 1], w) + y[t]) }
        report x
        factor -sum(x)
      }`,
    data: { y },
    plain: (at) => {
      const w = at("w")[0]!;
      let x = [1, 1, 1];
      const all: number[] = [];
      for (let t = 0; t < T; t++) {
        const before = x;
        x = before.map((v, k) => Math.tanh(w * v + sum(before.map((u, j) => 0.1 * u * (j + k))) + y[t]!));
        all.push(...x);
      }
      return { logp: normal(w, 0, 1) - sum(all), x: all };
    },
  },
  {
    name: "a site above its own value one step later, in a plate and backwards: density and Jacobian at the ends that moved",
    model: `data { dim G = 2, T; y: real[T] }
      model {
        sample a ~ Normal(0, 1)
        plate g in G {
          scan t in T reverse carry m = 0.0 {
            let low[g, t] = 0.5 * m[g, t + 1] + inv_logit(a)
            sample m[g, t] ~ Uniform(low[g, t], 10 + y[t])
          }
        }
      }`,
    data: { y },
    plain: (at) => {
      const low = 1 / (1 + Math.exp(-at("a")[0]!));
      let logp = normal(at("a")[0]!, 0, 1);
      for (let g = 0; g < 2; g++) {
        for (let t = T - 1; t >= 0; t--) {
          const m = (s: number): number => (s < T ? at("m")[g * T + s]! : 0);
          const [from, to] = [0.5 * m(t + 1) + low, 10 + y[t]!];
          // dm/du = (m - from) (to - m) / (to - from).
          logp += Math.log((m(t) - from) * (to - m(t))) - 2 * Math.log(to - from);
        }
      }
      return { logp };
    },
  },
];

describe("values and log densities are those of a plain loop", () => {
  test.each(cases)("$name", ({ model, data, plain }) => {
    for (const draw of drawsOf(model, data as never)) {
      const { logp, ...reports } = plain(draw.at);
      expect(draw.logp).toBeCloseTo(logp, 8);
      for (const [name, wanted] of Object.entries(reports)) {
        const found = draw.at(name);
        const list = typeof wanted === "number" ? [wanted] : wanted;
        expect(found.length, name).toBe(list.length);
        found.forEach((v, i) => expect(v, `${name}[${i}]`).toBeCloseTo(list[i]!, 9));
      }
    }
  });

  test("negative control: a loop that forgets the start value is noticed", () => {
    const { model, data } = cases[3]!;
    expect(drawsOf(model, data as never)[0]!.at("c")[1]).not.toBeCloseTo(0.25 * y[1]!, 3);
  });
});

// ---------------------------------------------------------------------------------------- refusals

const scanOf = (head: string, body: string, after = ""): string =>
  `data { base 1 dim T, I, K; y: real[T]; w: real[I, T]; first_seen: int }
   model { sample a ~ Normal(0, 1) scan t in T ${head} { ${body} } factor -a ${after} }`;

const refused: readonly { readonly why: string; readonly code: string; readonly text: string }[] = [
  {
    why: "an earlier step of a name that is not carried",
    code: "PPL407",
    text: scanOf("", "let m[t] = a  let n[t] = if t > 1 then m[t - 1] else 0"),
  },
  {
    why: "an earlier step of a name that is defined further down",
    code: "PPL407",
    text: scanOf("", "let n[t] = if t > 1 then m[t - 1] else 0  let m[t] = a"),
  },
  { why: "a carried name without a definition", code: "PPL407", text: scanOf("carry m = 0.0", "let n[t] = m[t - 1]") },
  {
    why: "a number of steps that is not written out",
    code: "PPL407",
    text: scanOf("carry m = 0.0", "let m[t] = m[t - K]"),
  },
  { why: "a step by its number", code: "PPL407", text: scanOf("carry m = 0.0", "let m[t] = m[1] + y[t]") },
  {
    why: "the own step before its definition",
    code: "PPL206",
    text: scanOf("carry m = 0.0", "let m[t] = m[t] + y[t]"),
  },
  { why: "a later step of a carried name", code: "PPL406", text: scanOf("carry m = 0.0", "let m[t] = m[t + 1]") },
  {
    why: "a later step of another name of the body",
    code: "PPL406",
    text: scanOf("", "let m[t] = a  let n[t] = m[t + 1]"),
  },
  { why: "an earlier step in reverse", code: "PPL406", text: scanOf("reverse carry m = 0.0", "let m[t] = m[t - 1]") },
  { why: "no guard", code: "PPL408", text: scanOf("carry m: real", "let m[t] = m[t - 1]") },
  {
    why: "a guard of one step for two",
    code: "PPL408",
    text: scanOf("carry m: real", "let m[t] = if t == 1 then a else m[t - 2]"),
  },
  {
    why: "a guard that counts from another base",
    code: "PPL408",
    text: scanOf("carry m: real", "let m[t] = if t > 0 then m[t - 1] else a"),
  },
  {
    why: "the other branch",
    code: "PPL408",
    text: scanOf("carry m: real", "let m[t] = if t == 1 then m[t - 1] else a"),
  },
  {
    why: "a guard that only data knows",
    code: "PPL408",
    text: scanOf("carry m: real", "let m[t] = if t > first_seen then m[t - 1] else a"),
  },
  {
    why: "one side of an or",
    code: "PPL408",
    text: scanOf("carry m: real", "let m[t] = if t > 1 || y[t] > 0 then m[t - 1] else a"),
  },
  {
    why: "the guard of the other end",
    code: "PPL408",
    text: scanOf("reverse carry m: real", "let m[t] = if t > 1 then m[t + 1] else a"),
  },
  {
    why: "a statement's condition in the wrong branch",
    code: "PPL408",
    text: scanOf("carry m: real", "let m[t] = a  if t == 1 { factor m[t - 1] } else { factor 0 }"),
  },
  { why: "a scan in a scan", code: "PPL409", text: scanOf("", "scan s in K { factor a }") },
  {
    why: "a vector where a number started",
    code: "PPL312",
    text: scanOf("carry m = 0.0", "let m[t] = m[t - 1] * ones(K)"),
  },
  {
    why: "another shape than the declared one",
    code: "PPL312",
    text: scanOf("carry m: real[K]", "let m[t] = if t == 1 then 0.0 else sum(m[t - 1])"),
  },
  {
    why: "a record of other fields",
    code: "PPL312",
    text: scanOf("carry m = { a: 0.0 }", "let m[t] = { b: m[t - 1].a }"),
  },
  {
    why: "a start value of another shape than declared",
    code: "PPL312",
    text: scanOf("carry m: real = zeros(K)", "let m[t] = m[t - 1]"),
  },
  {
    why: "a site of another type",
    code: "PPL312",
    text: scanOf("carry z: index(K)", "sample z[t] ~ Normal(if t == 1 then 0 else z[t - 1], 1)"),
  },
  { why: "neither type nor start", code: "PPL308", text: scanOf("carry m", "let m[t] = a") },
  { why: "a carried name without the index", code: "PPL205", text: scanOf("carry m = 0.0", "let m = m[t - 1]") },
  { why: "a name carried twice", code: "PPL203", text: scanOf("carry m = 0.0, m = 1.0", "let m[t] = m[t - 1]") },
  {
    why: "a name defined twice",
    code: "PPL203",
    text: scanOf("carry m = 0.0", "if t == 1 { let m[t] = a } else { let m[t] = m[t - 1] }"),
  },
  {
    why: "another member of a plate around the scan",
    code: "PPL206",
    text: "data { dim T, I } model { plate i in I { sample a[i] ~ Normal(0, 1) scan t in T carry m = 0.0 { let m[i, t] = m[0, t - 1] + a[i] } } factor 0 }",
  },
  { why: "a sites's index missing", code: "PPL205", text: scanOf("", "sample z ~ Normal(0, 1)") },
];

describe("what is refused", () => {
  test.each(refused)("$code: $why", ({ code, text }) => {
    const { report } = check({ path: "m.ppl", text });
    expect(report.filter((d) => d.severity === "error").map((d) => d.code)).toEqual([code]);
  });

  const admitted: readonly { readonly why: string; readonly text: string }[] = [
    {
      why: "data ahead and behind",
      text: scanOf(
        "carry m = 0.0",
        "let m[t] = m[t - 1] + (if t < last(T) then y[t + 1] else 0) + (if t > 1 then y[t - 1] else 0)",
      ),
    },
    { why: "first(T) as a guard", text: scanOf("carry m: real", "let m[t] = if t == first(T) then a else m[t - 1]") },
    {
      why: "a guard by arithmetic, both bounds, and a negation",
      text: scanOf("carry m: real", "let m[t] = if !(t - 1 < 1 && true) then m[t - 1] else a"),
    },
    {
      why: "the size of the dim as a guard in reverse",
      text: scanOf("reverse carry m: real", "let m[t] = if t < T then m[t + 1] else a"),
    },
    {
      why: "a guard by a statement",
      text: scanOf("carry m: real", "let m[t] = a  if t == 1 { factor a } else { factor m[t - 1] }"),
    },
    {
      why: "a name from outside at any step",
      text: `data { dim T } model { plate t in T { sample e[t] ~ Normal(0, 1) } scan t in T carry m = 0.0 { let m[t] = m[t - 1] + (if t > 0 then e[t - 1] else 0) } factor sum(m) }`,
    },
  ];
  test.each(admitted)("but not $why", ({ text }) => {
    expect(check({ path: "m.ppl", text }).report.filter((d) => d.severity === "error")).toEqual([]);
  });

  test("PPL507: a batch of its steps", () => {
    const { model, data } = cases[0]!;
    expect(() => compile({ path: "m.ppl", text: model }, data as never, { batch: { T: 3 } })).toThrow("PPL507");
  });

  test("PPL605: data before the first step without a guard, inside a recursion too", () => {
    expect(() =>
      drawsOf(
        `data { dim T; y: real[T] } model { sample a ~ Normal(0, 1) scan t in T carry m = 0.0 { let m[t] = a * m[t - 1] + y[t - 1] } factor sum(m) }`,
        { y },
      ),
    ).toThrow("PPL605");
  });

  test.each([
    [
      "of two sites that read each other",
      "carry m = 0.0, k = 1.0 { sample m[t] ~ Uniform(k[t - 1], 10)  sample k[t] ~ Uniform(m[t - 1], 10)",
    ],
    [
      "under a condition",
      "carry m = 0.0 { if y[t] > 0 { sample m[t] ~ Uniform(m[t - 1], 10) } sample k[t] ~ Normal(0, 1)",
    ],
  ])("PPL901: a support that depends on the step before, %s", (_, scan) => {
    expect(() =>
      drawsOf(`data { dim T; y: real[T] } model { scan t in T ${scan}  observe y[t] ~ Normal(k[t], 1) } }`, { y }),
    ).toThrow("PPL901");
  });
});

// ---------------------------------------------------------------------------------------- gradients, cost

describe("gradients agree with differences", () => {
  const smooth = cases.filter(({ model }) => !model.includes("guide {") && !model.includes("Categorical"));
  test.each(smooth)("$name", ({ model, data }) => expect(gradientGap(model, data as never)).toBeLessThan(2e-6));

  test("negative control: a wrong gradient has a gap", () => {
    const { model, data } = cases[0]!;
    expect(
      gradientGap(
        model.replace("0.4 * v[t - 1]", "0.4 * (if v[t - 1] > 0 then floor(v[t - 1] * 1e7) / 1e7 else 0)"),
        data as never,
      ),
    ).toBeGreaterThan(1e-3);
  });
});

const garch = cases[0]!.model;

/** Numbers that the values of the gradient's graph hold, for one draw. */
function numbersHeld(steps: number): { readonly nodes: number; readonly numbers: number } {
  const { prepared } = compile({ path: "m.ppl", text: garch }, { y: wave(steps) });
  const graph = fixedGraph(buildObjective(prepared, planOf(prepared, "coordinates"), {}, []), prepared.layout.size);
  const order = topological(Object.values(graph.outputs));
  const numbers = order.map((node) => (node.axes.includes("T") ? steps : 1) * node.shape.reduce((a, b) => a * b, 1));
  return { nodes: order.length, numbers: sum(numbers) };
}

const posterior = (name: string) => posteriors().find((p) => p.name === name)!;

/** Optima found by long runs of another implementation. */
test.skipIf(!hasData)(
  "posteriordb: GARCH reaches the optimum of both Gaussian families",
  async () => {
    const { text, data } = posterior("garch-garch11");
    for (const [guide, optimum] of [
      ["meanfield", -451.914],
      ["fullrank", -451.202],
    ] as const) {
      const { elbo } = await infer({ path: "garch.ppl", text }, data, { guide, seed: 2 });
      expect(Math.abs(elbo.mean - optimum), guide).toBeLessThan(0.05);
    }
  },
  60_000,
);

describe("long series", () => {
  test("nodes do not grow with the number of steps, and memory grows linearly", () => {
    const [short, long] = [numbersHeld(100), numbersHeld(1000)];
    expect(long.nodes).toBe(short.nodes);
    expect(long.numbers / short.numbers).toBeLessThan(10.5);
  });

  test("500 steps of GARCH fit", async () => {
    const fit = await infer({ path: "m.ppl", text: garch }, { y: wave(500, 0.7) }, { seed: 1 });
    expect(fit.converged).toBe(true);
    expect(fit.khat).toBeLessThan(0.7);
    expect(fit.seconds.total).toBeLessThan(30);
  }, 60_000);
});

test("programs with a word dropped, copied or swapped are refused or compiled: nothing else is thrown", () => {
  const texts = cases.map(({ model, data }) => ({ words: model.split(/(\W)/).filter((word) => word !== ""), data }));
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("drop", "swap", "copy")), {
    minLength: 1,
    maxLength: 2,
  });
  const changed = (words: readonly string[], list: readonly (readonly [number, number, string])[]): string =>
    list
      .reduce<readonly string[]>((before, [i, j, how]) => {
        const [a, b] = [i % before.length, j % before.length];
        if (how === "drop") return before.toSpliced(a, 1);
        return how === "copy" ? before.with(a, before[b]!) : before.with(a, before[b]!).with(b, before[a]!);
      }, words)
      .join("");
  const property = fc.property(fc.constantFrom(...texts), changes, ({ words, data }, list) => {
    try {
      compile({ path: "m.ppl", text: changed(words, list) }, data as never);
    } catch (error) {
      if (!(error instanceof VariateError)) throw error;
    }
  });
  fc.assert(property, { seed: 6, numRuns: 300 });
}, 60_000);
