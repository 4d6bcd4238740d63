// HalfStudentT(df, scale): the absolute value of a centred Student's t.

import type { Node } from "../ir/node.ts";
import {
  abs,
  add,
  div,
  exp,
  less,
  log,
  logBeta,
  logBetaCdf,
  logStudentCdf,
  logStudentDensity,
  mul,
  neg,
  scalar,
  select,
  sqrt,
  square,
  sub,
} from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { positiveParam } from "./parameter.ts";
import { drawStandardT, studentT } from "./student-t.ts";

/** 2 scale √df / ((df - 1) B(1/2, df/2)) for df > 1, else infinite. */
function meanOf({ df, scale }: Params): Node {
  const overBeta = exp(neg(logBeta(scalar(0.5), mul(scalar(0.5), df))));
  const value = div(mul(mul(mul(scalar(2), scale), sqrt(df)), overBeta), sub(df, scalar(1)));
  return select(less(scalar(1), df), value, scalar(Infinity));
}

export const halfStudentT: Dist = {
  name: "HalfStudentT",
  doc: "Student's t around 0, folded to x >= 0: a prior of scales. p(x) ∝ (1 + (x / scale)² / df)^(-(df + 1)/2).",
  source: "Gelman 2006, Prior distributions for variance parameters in hierarchical models, section 3.2",
  forms: [{ params: [positiveParam("df", "degrees of freedom"), positiveParam("scale", "spread")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "nonnegative" }),
  supportKind: "nonnegative",
  discrete: false,
  logProb: (x, p) => sub(add(scalar(Math.LN2), logStudentDensity(p.df, div(x, p.scale))), log(p.scale)),
  draw: { kind: "implicit", sample: (key, p) => mul(p.scale, abs(drawStandardT(key, p.df))) },
  mean: meanOf,
  // E x² - (E x)²; E x² is the variance of the t before folding
  variance: (p) => {
    const second = studentT.variance!({ ...p, loc: scalar(0) });
    return select(less(scalar(2), p.df), sub(second, square(meanOf(p))), second);
  },
  // t² / (df + t²) is Beta(1/2, df/2), t = x / scale
  logCdf: (x, { df, scale }) => {
    const logOdds = sub(mul(scalar(2), log(div(x, scale))), log(df));
    return logBetaCdf(scalar(0.5), mul(scalar(0.5), df), logOdds);
  },
  logCcdf: (x, { df, scale }) => add(scalar(Math.LN2), logStudentCdf(df, neg(div(x, scale)))),
};
