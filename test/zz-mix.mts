import { readFileSync } from "node:fs";
import { compile } from "../src/compile.ts";
import { reference } from "../src/exec/reference.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import { posterior } from "../src/run/posterior.ts";
import { fitFixed } from "../src/fit/fixed.ts";
import { meanAndSd } from "../src/fit/summary.ts";
const f = "examples/mixture";
const source = { path: f, text: readFileSync(f + "/model.ppl", "utf8") };
const data = JSON.parse(readFileSync(f + "/data.json", "utf8"));
const { prepared } = compile(source, data, { guide: "meanfield" });
const { target, leaves } = fixedTarget(prepared, reference, []);
const r: any = fitFixed(target, { seed: 1 });
console.log(leaves.map((l) => [l.name, l.size]), r.verdict, r.trace.at(-1));
const post = posterior(prepared, reference, 0, []);
const d = post.draw(r, 8000, 5);
console.log("evaluated", meanAndSd(d.logp.map((p, i) => p - d.logq[i]!)), post.leaves.map((l) => l.name));
console.log(Array.from(r.points as Float64Array).slice(0, 12));
// finite difference of points
const n = 64, x = new Float64Array(n * target.dim);
for (let k = 0; k < n; k++) for (let i = 0; i < target.dim; i++) x[k * target.dim + i] = r.mean[i] + 0.1 * Math.sin(k * 7 + i);
const e = target.evaluate(x, r.points, new Float64Array(0), n);
const S = (p: Float64Array) => target.values(x, p, new Float64Array(0), n).reduce((a, b) => a + b, 0);
for (const j of [0, 1, 4, 25]) { const a = Float64Array.from(r.points), b = Float64Array.from(r.points); a[j]! += 1e-4; b[j]! -= 1e-4; console.log(j, e.gradPoints[j], (S(a) - S(b)) / 2e-4); }
