// The worker: a model, its data and options come in; progress, then a fit or the diagnostics of what is wrong go out. The bundle is what
// `npm run build:web` makes; copy it beside this file, or change its address, in a site of your own.

import { infer, renderText, VariateError } from "../../dist/web/variate.js";

self.addEventListener("message", async ({ data: { text, data, options } }) => {
  const onProgress = (progress) => self.postMessage({ kind: "progress", ...progress });
  try {
    const fit = await infer({ path: "model.ppl", text }, data, { ...options, onProgress });
    self.postMessage(answerOf(fit));
  } catch (error) {
    const text = error instanceof VariateError ? renderText(error.diagnostics) : String(error);
    self.postMessage({ kind: "refused", text });
  }
});

const answerOf = ({ verdict, diagnostics, elbo, khat, seconds, sites, reports }) => ({
  kind: "fit",
  verdict,
  warnings: renderText(diagnostics),
  elbo,
  khat,
  seconds: seconds.total,
  rows: Object.entries({ ...sites, ...reports }).flatMap(([name, summary]) => rowsOf(name, summary)),
});

/** A row for every number: `theta[3]`. */
function rowsOf(name, { mean, sd, q05, q95 }) {
  if (!Array.isArray(mean)) return [{ name, values: [mean, sd, q05, q95] }];
  return mean.flatMap((_, i) => rowsOf(`${name}[${i}]`, { mean: mean[i], sd: sd[i], q05: q05[i], q95: q95[i] }));
}
