import { expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { compile } from "../src/compile.ts";
import { evaluation } from "../src/run/graphs.ts";
import { dataOf, sizesOf, axesOf } from "../src/run/graphs.ts";
import { reference } from "../src/exec/reference.ts";
import { wasm } from "../src/exec/wasm.ts";
const cases: [string, object][] = [["eight-schools", {}], ["eight-schools", { method: "adam" }], ["wells", {}], ["radon", {}], ["mixture", { policy: "exact" }], ["kidiq", {}]];
for (const [name, options] of cases) test(`${name} ${JSON.stringify(options)}`, () => {
  const text = readFileSync(`examples/${name}/model.ppl`, "utf8");
  const data = JSON.parse(readFileSync(`examples/${name}/data.json`, "utf8"));
  const { prepared } = compile({ path: "m.ppl", text }, data, options as never);
  const { graph } = evaluation(prepared, {});
  const n = 16;
  const axes = axesOf(graph);
  const sizes = sizesOf(prepared, axes, n);
  const params: Record<string, Float64Array> = {};
  let s = 1;
  const rnd = (): number => { s = (s * 16807) % 2147483647; return s / 2147483647 - 0.5; };
  const walk = (node: any, seen = new Set()): void => { if (seen.has(node)) return; seen.add(node); if (node.op.name === "param") { const len = [...node.axes.map((a: string) => sizes[a]!), ...node.shape].reduce((a: number, b: number) => a * b, 1); params[node.attrs.name] = Float64Array.from({ length: len }, rnd); } node.inputs.forEach((i: any) => walk(i, seen)); };
  Object.values(graph.outputs).forEach((o) => walk(o));
  const inputs = { params, sizes, seed: 1, step: 0 };
  const a = reference.load(graph, dataOf(prepared)); const b = wasm.load(graph, dataOf(prepared));
  const x = a.run(inputs); let t0 = performance.now(); const y = b.run(inputs); const compileMs = performance.now() - t0;
  { const nodes: any[] = []; const seen = new Set(); const go = (n: any): void => { if (seen.has(n)) return; seen.add(n); n.inputs.forEach(go); if (n.op.kind !== "leaf") nodes.push(n); }; Object.values(graph.outputs).forEach(go);
    let shown = 0;
    for (const n of nodes) { if (shown > 3) break; const g = { outputs: { o: n } }; const r = reference.load(g, dataOf(prepared)).run(inputs)["o"]!.values; let w; try { w = wasm.load(g, dataOf(prepared)).run(inputs)["o"]!.values; } catch (e: any) { console.log("THROW", n.op.name, e.message); shown++; continue; }
      const bad = r.findIndex((v: number, i: number) => !(Object.is(v, w[i]) || Math.abs(v - w[i]!) < 1e-9 * (1 + Math.abs(v)))); if (bad >= 0) { shown++; console.log("BAD", n.op.name, JSON.stringify(n.attrs).slice(0, 100), "axes", n.axes, "shape", n.shape, "at", bad, r[bad], w[bad], n.inputs.map((i: any) => i.op.name + "/" + i.axes + "/" + i.shape + (i.op.name === "constant" ? JSON.stringify(i.attrs.values) : ""))); } } }
  let worst = 0;
  for (const k of Object.keys(x)) x[k]!.values.forEach((v, i) => { const w = y[k]!.values[i]!; if (!(Object.is(v, w))) worst = Math.max(worst, Math.abs(v - w) / Math.max(1e-300, Math.abs(v), 1e-3)); });
  const time = (e: typeof a): number => { let best = Infinity; for (let r = 0; r < 20; r++) { const t = performance.now(); for (let i = 0; i < 20; i++) e.run(inputs); best = Math.min(best, (performance.now() - t) / 20); } return best * 1000; };
  console.log(name, JSON.stringify(options), "worst", worst, "compile", compileMs.toFixed(1), "µs ref", time(a).toFixed(1), "wasm", time(b).toFixed(1));
  expect(worst).toBeLessThan(1e-10);
}, 60000);
