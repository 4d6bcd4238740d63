import { readFileSync } from "node:fs";
import { infer } from "../src/infer.ts";
import { VariateError } from "../src/base/diagnostic.ts";
const [folder, opts = "{}"] = process.argv.slice(2);
const source = { path: folder + "/model.ppl", text: readFileSync(folder + "/model.ppl", "utf8") };
const data = JSON.parse(readFileSync(folder + "/data.json", "utf8"));
try {
  const options = JSON.parse(opts);
  const fit = await infer(source, data, options);
  console.log(fit.verdict); console.log(fit.guide, fit.method, fit.seconds, fit.steps, fit.warnings);
  for (const [k, v] of Object.entries(fit.sites)) console.log(k, JSON.stringify(v.mean).slice(0, 200), JSON.stringify(v.sd).slice(0, 200));
  for (const e of fit.estimators) console.log(e.site, "|", e.kind, "|", e.guide, "|", e.estimator, "|", e.reason, e.rejected);
} catch (e) { if (e instanceof VariateError) console.log(e.diagnostics.map((d) => [d.code, d.message, d.hint])); else throw e; }
