// Functions that the checker turns into expressions of their own.

import type { SpecialRow } from "./row.ts";

const special = (kind: SpecialRow["kind"], signature: string, doc: string): SpecialRow => ({
  kind,
  name: signature.slice(0, signature.indexOf("(")),
  signature,
  doc,
});

export const specials: readonly SpecialRow[] = [
  special("missing", "is_missing(x)", "whether an entry of the data was not given"),
  special("choice", "select(c, a, b)", "a where c holds, else b"),
  special("density", "log_prob(D, x)", "log density of D at x"),
  special("density", "log_cdf(D, x)", "log probability of a value up to x"),
  special("density", "log_ccdf(D, x)", "log probability of a value above x"),
  special("density", "cdf(D, x)", "probability of a value up to x"),
  special("ode", "ode(f, y0, t0, ts, …, steps = 10)", "solution of y' = f(t, y, …) at the times ts"),
];

/** Layers of a `net`: they hold weights, so they are no functions. */
export const layers: readonly string[] = [
  "dense",
  "conv2d",
  "conv_transpose2d",
  "layer_norm",
  "embedding",
  "dropout",
  "gru",
  "flatten",
  "reshape",
];
