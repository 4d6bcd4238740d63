// Distributions as a program writes them, at numbers: densities and tail probabilities, draws, gradients, and the codes
// of what is refused.

import { VariateError } from "../../src/base/diagnostic.ts";
import { compile } from "../../src/compile.ts";
import { reference } from "../../src/exec/reference.ts";
import type { RawData } from "../../src/result.ts";
import { fixedTarget } from "../../src/run/fixed-target.ts";
import { simulation } from "../../src/run/predictive.ts";
import { drawsOf } from "./joint.ts";

type Rule = "log_prob" | "log_cdf" | "log_ccdf";
const RULES: readonly Rule[] = ["log_prob", "log_cdf", "log_ccdf"];

/** The functions of a distribution at points, each an array (empty where it is not wanted). */
export function tabulate(
  dist: string,
  xs: readonly number[],
  whole: boolean,
  rules: readonly Rule[] = RULES,
): { readonly logProb: readonly number[]; readonly logCdf: readonly number[]; readonly logCcdf: readonly number[] } {
  const reports = rules.map((rule) => `report ${rule}_at = [i in N: ${rule}(${dist}, x[i])]`).join("\n");
  const data = `data { dim N; x: ${whole ? "int" : "real"}[N] }`;
  const text = `${data}\nmodel { sample z ~ Normal(0, 1) factor -z ${reports} }`;
  const at = drawsOf(text, { x: [...xs] }, 1)[0]!.at;
  const of = (rule: Rule): readonly number[] => (rules.includes(rule) ? at(`${rule}_at`) : []);
  return { logProb: of("log_prob"), logCdf: of("log_cdf"), logCcdf: of("log_ccdf") };
}

/** log density of one vector. */
export const densityAt = (dist: string, x: readonly number[], type = "real"): number =>
  drawsOf(
    `data { x: ${type}[${x.length}] } model { sample z ~ Normal(0, 1) factor -z report d = log_prob(${dist}, x) }`,
    { x: [...x] },
    1,
  )[0]!.at("d")[0]!;

const DRAWS = 20_000;

/** New data for an observation of the distribution, whose draws have `size` numbers each; `at` is a value that a single number can have. */
export function drawn(dist: string, whole: boolean, size = 1, at = 1): Float64Array {
  const shape = size === 1 ? "" : `[${size}]`;
  const text = `data { x: ${whole ? "int" : "real"}${shape} }\nmodel { sample z ~ Normal(0, 1) observe x ~ ${dist} }`;
  const x = size === 1 ? at : Array.from({ length: size }, (_, i) => i);
  const { prepared, report } = compile({ path: "m.ppl", text }, { x });
  return simulation(prepared.bound, reference, 11, DRAWS, [...report]).replicates["x_rep"]!.values as Float64Array;
}

/** The largest error of the gradient by m, l (both real), s (positive) and p (in (0, 1)) on the unconstrained scale,
 *  relative to 1 + its size. */
export function gradientErrors(dist: string, type: string, xs: readonly number[]): number {
  const text = `data { dim N; x: ${type}[N] }
    model {
      sample m ~ Normal(0, 1)  sample l ~ Normal(0, 1)  sample s ~ HalfNormal(1)  sample p ~ Beta(1, 1)
      plate i in N { observe x[i] ~ ${dist} }
    }`;
  const { target } = fixedTarget(
    compile({ path: "m.ppl", text }, { x: [...xs] }, { guide: "meanfield" }).prepared,
    reference,
    [],
  );
  const at = Float64Array.of(0.5, -0.25, 0.125, 0.375);
  const none = new Float64Array(0);
  const value = (x: Float64Array): number => target.values(x, none, none, 1)[0]!;
  const { gradX } = target.evaluate(at, none, none, 1);
  const errors = [...at].map((v, i) => {
    const h = 1e-5;
    const difference = (value(at.with(i, v + h)) - value(at.with(i, v - h))) / (2 * h);
    const error = Math.abs(gradX[i]! - difference) / (1 + Math.abs(difference));
    return Number.isFinite(error) ? error : Infinity;
  });
  return Math.max(...errors);
}

/** Codes of the check, or of compiling with data where that is given. */
export function codesOf(text: string, data: RawData | null = null): readonly string[] {
  try {
    return compile({ path: "m.ppl", text }, data)
      .report.filter((d) => d.code !== "PPL411" && d.severity !== "note")
      .map((d) => d.code);
  } catch (error) {
    if (error instanceof VariateError) return error.diagnostics.map((d) => d.code);
    throw error;
  }
}
