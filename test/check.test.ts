// Programs → model or diagnostics. A bad program marks with « » where its first error must point; every page of
// docs/errors is one more case.

import * as fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { codes } from "../src/base/codes/index.ts";
import type { Code } from "../src/base/codes/index.ts";
import type { Diagnostic } from "../src/base/diagnostic.ts";
import { positionAt } from "../src/base/span.ts";
import { renderText } from "../src/base/render.ts";
import { parse } from "../src/syntax/parse.ts";
import { check } from "../src/model/check.ts";
import type { Expr, Model } from "../src/model/model.ts";
import { printModel, showExpr } from "../src/model/print.ts";
import { align, showShape, sizesAgree } from "../src/model/types.ts";
import type { Shape, Size } from "../src/model/types.ts";
import { file as randomFile } from "./support/ppl-arbitrary.ts";
import { format } from "../src/syntax/print.ts";

const run = (text: string): { model: Model | null; report: readonly Diagnostic[] } => check({ path: "m.ppl", text });
const errorsOf = (report: readonly Diagnostic[]): readonly Diagnostic[] => report.filter((d) => d.severity === "error");

/** The model of a program that must be right. */
function checked(text: string): Model {
  const { model, report } = run(text);
  if (model === null) throw new Error(renderText(report));
  return model;
}

/** A body between data and a site that uses it, so that cases stay short. */
const DATA = `data { dim N, K, J; y: real[N]; x: real[N, K]; g: index(J)[N]; c: int[N]; b: bool[N]; n: int; s: real[J] > 0; v: real[K]; neg: real < 0 }
`;
const inModel = (body: string): string =>
  `${DATA}model {\n  sample mu ~ Normal(0, 1)\n  sample tau ~ HalfNormal(1)\n  ${body}\n}`;

// ---------------------------------------------------------------------------------------- good programs

const good: Readonly<Record<string, string>> = {
  "a whole vector observed": inModel("observe y ~ Normal(zeros(N) + mu, tau)"),
  "probabilities of a dim": inModel("sample w ~ Dirichlet(0.5, K)  plate k in K { factor w[k] * v[k] * mu }"),
  "probabilities, rows of them": inModel("sample w ~ Dirichlet(ones(N, K))  factor sum(w * x) * mu"),
  "counts of a vector":
    "data { dim N, K; c: int[N, K] }  model { sample w ~ Dirichlet(1, K)  " +
    "plate i in N { observe c[i] ~ Multinomial(sum(c[i]), w) } }",
  "one category more than cuts": inModel("plate i in N { observe c[i] ~ OrderedLogistic(mu, [-1, 0, 1]) }"),
  "a count between data summed out": inModel("@marginal sample k ~ DiscreteUniform(0, n)  factor k * mu"),
  "a gather": inModel("plate j in J { sample a[j] ~ Normal(mu, tau) }  observe y ~ Normal(a[g], 1)"),
  "a gather inside a plate": inModel(
    "plate j in J { sample a[j] ~ Normal(mu, tau) }  plate i in N { observe y[i] ~ Normal(a[g[i]], 1) }",
  ),
  "standardised columns": inModel("let z = (x - mean(x, N)) / sd(x, N)  observe y ~ Normal(dot(z, v), 1)"),
  "rows centred": inModel("let z = x - mean(x, K)  plate i in N { observe y[i] ~ Normal(mean(z[i]), 1) }"),
  "an index as a number": inModel("plate i in N { observe y[i] ~ Normal(mu * i, 1) }"),
  "a lag under a condition": inModel("plate i in N { if i >= 2 { observe y[i] ~ Normal(mu * y[i - 2], 1) } }"),
  "a lag in an expression": inModel("plate i in N { observe y[i] ~ Normal(if i > 0 then y[i - 1] else 0, 1) }"),
  "members compared": inModel(
    "let first_ = [i in N: if i == first(N) then 1 else 0]  observe y ~ Normal(first_ + mu, 1)",
  ),
  "one dim twice": inModel("plate i in N, k in N { sample e[i, k] ~ Normal(0, 1) }  factor sum(e)"),
  "a kernel": inModel("let d = [i in N, k in N: exp(-abs(y[i] - y[k]))]  factor sum(d) * mu"),
  "indices in another order": inModel(
    "plate i in N { plate k in K { sample e[k, i] ~ Normal(0, 1) } }  factor sum(e[0])",
  ),
  "a let of some plates": inModel("plate i in N, k in K { let a[i] = y[i] * mu  factor a[i] * x[i, k] }"),
  "siblings share members": inModel("plate j in J { let a[j] = mu * s[j] }  plate j in J { factor a[j] }"),
  "sibling indices of one name": inModel("plate i in N { factor y[i] * mu }  plate i in J { factor s[i] * mu }"),
  records: inModel("plate i in N { let q = { loc: mu, scale: tau }  observe y[i] ~ Normal(q.loc, q.scale) }"),
  "a record per member": inModel(
    "plate j in J { let q[j] = { loc: mu, scale: s[j] } }  plate i in N { observe y[i] ~ Normal(q.loc[g[i]], 1) }",
  ),
  "a fun": `fun line(x: real[P], a: real, w: real[P]) -> real = a + dot(x, w)\n${inModel("plate i in N { observe y[i] ~ Normal(line(x[i], mu, v), 1) }")}`,
  "a fun with a block": `fun centre(a: real[P]) -> real[P] { let m = sum(a) / P  return a - m }\n${inModel("observe y ~ Normal(centre(y) + mu, 1)")}`,
  "a fun of a slice": `fun total(a: real[P]) -> real = sum(a) / P\n${inModel("factor mu * total(y[1..n])")}`,
  "a fun that calls a fun": `fun f(a: real) -> real = g(a) + 1  fun g(a: real) -> real = a * 2\n${inModel("factor f(f(mu))")}`,
  "own density": `fun my_lpdf(x: real, a: real) -> real = -square(x - a)\n${inModel("plate i in N { factor my_lpdf(y[i], mu) }")}`,
  "log_prob of latents": inModel("factor log_prob(Normal(0, tau), mu)"),
  "a count": inModel("plate i in N { observe c[i] ~ Poisson(exp(mu)) }"),
  "int for Bernoulli": inModel("observe c ~ Bernoulli(logit = zeros(N) + mu)"),
  "int for Categorical": inModel("plate i in N { observe c[i] ~ Categorical(logit = v * mu) }"),
  "real in [0, 1] for Bernoulli":
    "data { dim N; y: real[N] in [0, 1] }  model { sample p ~ Beta(1, 1)  plate i in N { observe y[i] ~ Bernoulli(p) } }",
  "bool as a factor": inModel("plate i in N { observe y[i] ~ Normal(b[i] * mu, 1) }"),
  "a latent category": inModel(
    "plate i in N { sample z[i] ~ Categorical([0.3, 0.7])  observe y[i] ~ Normal([mu, 0][z[i]], 1) }",
  ),
  "a latent choice": inModel(
    "plate i in N { sample z[i] ~ Bernoulli(0.5)  observe y[i] ~ Normal(if z[i] then mu else 0, 1) }",
  ),
  params: inModel(
    "param w: real[K] > 0 = 1  plate i in N { param m[i] = 0.5  observe y[i] ~ Normal(dot(x[i], w) * m[i], 1) }",
  ),
  "a report that is read": inModel("report half = mu / 2  factor half"),
  reports: inModel(
    "plate j in J { sample a[j] ~ Normal(mu, s[j])  report t[j] = a[j] + 1  factor a[j] }  report a  report total = sum(a)",
  ),
  attributes: inModel('@estimator(path, weight = 0.5) @name("beta[1]") sample w ~ Normal(0, 1)  factor w'),
  "constants may be shadowed": inModel("let pi = 3  factor pi * mu"),
  "a value beside a dim of its name": inModel("sample J ~ Normal(0, 1)  factor J * mu"),
  "sizes that are known at load": inModel("factor sum(y[..n]) * sum(zeros(n)) * mu"),
  append: inModel("let a = append(0, y[1..2], 1)  factor a[3] * mu"),
  "numbers at the end": inModel("let a = [[1, 2], [3, 4]] + [mu, tau]  factor sum(a)"),
  "a data branch": inModel(
    "plate i in N { if b[i] { observe y[i] ~ Normal(mu, 1) } else { observe y[i] ~ Normal(0, tau) } }",
  ),
  "a site under a condition": inModel(
    "plate i in N { if b[i] { sample e[i] ~ Normal(0, 1)  observe y[i] ~ Normal(e[i], 1) } }",
  ),
  "a branch for all members": inModel("if n > 1 { plate j in J { sample a[j] ~ Normal(mu, tau) }  factor sum(a) }"),
  "a plate over a number": inModel(
    "plate k in 2 { sample a[k] ~ Normal(mu, tau) }  observe y ~ Normal(zeros(N) + a[0] + sum(a), 1)",
  ),
  "base 1":
    "data { base 1; dim T; y: real[T] }  model { sample m ~ Normal(0, 1)  plate t in T { if t > 1 { observe y[t] ~ Normal(m * y[t - 1], 1) } } }",
  defaults:
    "data { dim N; k: int[N]; dim C = max(k) + 1; a: real = 2.5; p: real[C] = ones(C) }  model { sample m ~ Normal(a, 1)  plate i in N { observe k[i] ~ Categorical(logit = p * m) } }",
  "a guide": `${inModel("plate i in N { sample z[i] ~ Normal(mu, tau)  observe y[i] ~ Normal(z[i], 1) }")}
guide { default meanfield  block mu, tau: fullrank  plate i in N { param a[i] = 0  param w[i]: real > 0 = 1  sample z[i] ~ Normal(a[i] + mu, w[i]) } }`,
  "a guide inside the support": `${inModel("sample w ~ Uniform(0, 1)  factor w")}\nguide { sample w ~ Beta(2, 2) }`,
  "a library": "fun f(a: real) -> real = a + 1",
};

describe("good programs have no errors", () => {
  test.each(Object.entries(good))("%s", (_, text) => {
    const { report } = run(text);
    expect(renderText(errorsOf(report))).toBe("");
  });
});

// ---------------------------------------------------------------------------------------- bad programs

type Bad = readonly [code: Code, what: string, text: string, message?: string];

const bad: readonly Bad[] = [
  ["PPL201", "a slip", inModel("factor «muu»"), "`muu` is not defined"],
  ["PPL201", "a dim that is not declared", inModel("plate i in «M» { factor mu }"), "there is no dim `M`"],
  ["PPL201", "a let of another plate", inModel("plate i in N { let q = y[i] * mu }  factor «q»"), "known only inside"],
  [
    "PPL201",
    "a latent let in the guide",
    `${inModel("let e = mu + tau  factor e")}\nguide { param a = 0  sample mu ~ Normal(a + «e», 1) }`,
    "depends on latents",
  ],
  ["PPL201", "a fun sees its parameters only", `fun f(a: real) -> real = a + «y»\n${inModel("factor f(mu)")}`],
  ["PPL202", "a slip in a function", inModel("factor «sqt»(tau)")],
  ["PPL202", "a slip in a distribution", inModel("sample w ~ «normal»(0, 1)"), "there is no distribution `normal`"],
  ["PPL202", "a type", "data { a: «float» }  model { sample m ~ Normal(a, 1) }"],
  ["PPL202", "an attribute", inModel("@«estimate»(path) sample w ~ Normal(mu, 1)")],
  ["PPL202", "an attribute elsewhere", inModel("@«estimator»(path) let w = mu")],
  ["PPL202", "a family", `${inModel("factor mu")}\nguide { default «meanfeld» }`],
  ["PPL202", "a value called", inModel("factor sum(«y»(1)) + mu")],
  ["PPL203", "twice", inModel("let a = mu  let «a» = tau")],
  [
    "PPL203",
    "a site twice",
    inModel(
      "plate i in N { if b[i] { sample e[i] ~ Normal(0, 1)  factor e[i] } else { sample «e»[i] ~ Normal(0, 2) } }",
    ),
  ],
  ["PPL203", "data shadowed", inModel("let «y» = mu")],
  ["PPL203", "an index shadowed", inModel("plate i in N, «i» in K { factor mu }")],
  [
    "PPL203",
    "predictive draws",
    inModel("observe y ~ Normal(zeros(N) + mu, 1)  let «y_rep» = mu"),
    "predictive draws of `y`",
  ],
  ["PPL203", "two blocks", `${inModel("factor mu")}\n«model { sample a ~ Normal(0, 1) }»`],
  ["PPL203", "two dims", "data { dim N, «N»; y: real[N] }  model { sample m ~ Normal(sum(y), 1) }"],
  ["PPL204", "a function", `fun «exp»(a: real) -> real = a\n${inModel("factor mu")}`],
  ["PPL204", "a planned distribution", `fun «Dirichlet»(a: real) -> real = a\n${inModel("factor mu")}`],
  [
    "PPL205",
    "no index",
    inModel("plate j in J { sample «a» ~ Normal(mu, tau) }"),
    "`a` is sampled in plate j but carries no index",
  ],
  ["PPL205", "one of two", inModel("plate j in J, k in K { sample «a»[j] ~ Normal(mu, tau) }"), "carries no index k"],
  ["PPL205", "a report", inModel("plate j in J { report «a» = mu * s[j] }")],
  ["PPL205", "a number", inModel("sample a[«1»] ~ Normal(mu, tau)"), "`1` is not a plate index"],
  [
    "PPL205",
    "a let that varies",
    inModel("plate i in N, k in K { let «a»[i] = x[i, k] * mu }"),
    "differs along plate k",
  ],
  ["PPL206", "later", inModel("factor «w»  sample w ~ Normal(0, 1)")],
  ["PPL206", "itself", inModel("sample w ~ Normal(«w», 1)")],
  [
    "PPL206",
    "other members of its plate",
    inModel("plate j in J { sample a[j] ~ Normal(mu, tau)  factor sum(«a») }"),
    "only its own member `a[j]`",
  ],
  ["PPL206", "a neighbour", inModel("plate i in N { sample a[i] ~ Normal(mu, tau)  factor «a»[i - 1] }")],
  ["PPL207", "direct", `fun «f»(a: real) -> real = f(a - 1)\n${inModel("factor f(mu)")}`],
  [
    "PPL207",
    "through another",
    `fun «f»(a: real) -> real = g(a)  fun g(a: real) -> real = f(a)\n${inModel("factor f(mu)")}`,
    "through g",
  ],
  ["PPL301", "dims", inModel("factor sum(«y + v») * mu"), "`+` cannot combine shapes [N] and [K]"],
  ["PPL301", "a scalar distribution for an array", inModel("observe «y» ~ Normal(mu, 1)"), "`y` is of shape [N]"],
  ["PPL301", "numbers", inModel("factor sum(«[1, 2] + [1, 2, 3]») * mu")],
  ["PPL301", "dot", inModel("factor sum(«dot(x, y)») * mu")],
  ["PPL301", "a rank", inModel("factor sum(transpose(«y»)) * mu")],
  ["PPL301", "factor of an array", inModel("factor «y»")],
  ["PPL301", "parameters", inModel("observe y ~ «Normal(y, v)»")],
  [
    "PPL301",
    "an argument of a fun",
    `fun f(a: real[P], w: real[P]) -> real = dot(a, w)\n${inModel("factor f(v, «y») * mu")}`,
  ],
  [
    "PPL301",
    "a fun's own body",
    `fun f(a: real[P], w: real[Q]) -> real = sum(«a + w»)\n${inModel("factor f(v, y) * mu")}`,
  ],
  [
    "PPL302",
    "a wrong index",
    inModel("plate k in K, j in J { sample a[k, j] ~ Normal(mu, s[«k»]) }"),
    "`k` runs over K, but `s` is indexed by J",
  ],
  ["PPL302", "members compared", inModel("plate k in K, j in J { if «k == j» { factor mu } }")],
  ["PPL302", "an index observed", inModel("plate i in N { observe «g[i]» ~ Categorical(logit = v * mu) }")],
  ["PPL303", "too many", inModel("factor «y»[1, 2] * mu")],
  ["PPL303", "a scalar", inModel("factor «mu»[1]")],
  ["PPL304", "a square and a vector", inModel("let d = [i in N, k in N: y[i] * y[k]]  factor sum(«d - y») * mu")],
  ["PPL304", "which dim", inModel("let d = [i in N, k in N: y[i] * y[k]]  factor sum(sum(d, «N»)) * mu")],
  [
    "PPL304",
    "only at this call",
    `fun f(a: real[P, Q], w: real[Q]) -> real[P, Q] = «a - w»\n${inModel("let d = [i in N, k in N: y[i]]  factor sum(f(d, y)) * mu")}`,
  ],
  ["PPL305", "whole", inModel("plate i in N { if b[i] { sample e[i] ~ Normal(0, 1) } }  factor sum(«e») * mu")],
  ["PPL306", "a number as a condition", inModel("plate i in N { if «c[i]» { factor mu } }")],
  ["PPL306", "a record", inModel("let q = { a: mu }  factor «q» + 1")],
  ["PPL306", "a real for a count", inModel("plate i in N { observe «y[i]» ~ Poisson(exp(mu)) }")],
  ["PPL306", "a real for a Bernoulli", inModel("plate i in N { observe «y[i]» ~ Bernoulli(0.5) }")],
  ["PPL306", "a distribution as a value", inModel("let d = «Normal(0, 1)»  factor mu")],
  ["PPL306", "a real as a size", inModel("factor sum(zeros(«2.5»)) * mu")],
  ["PPL306", "a negative size", inModel("factor sum(zeros(«-1»)) * mu")],
  ["PPL306", "a real for trials", inModel("plate i in N { observe c[i] ~ Binomial(«2.5», inv_logit(mu)) }")],
  ["PPL306", "a bool as a subscript", inModel("factor y[«b[0]»] * mu")],
  ["PPL306", "a real for an int of a fun", `fun f(a: int) -> int = a\n${inModel("factor f(«mu»)")}`],
  ["PPL307", "real", inModel("factor y[«n / 2»] * mu")],
  ["PPL308", "too few", inModel("sample w ~ «Normal(0)»"), "lacks `sd`"],
  ["PPL308", "too many", inModel("sample w ~ Normal(0, 1, «2»)")],
  ["PPL308", "a slip in a parameter", inModel("sample w ~ Normal(0, «sigma» = 1)"), "has no parameter `sigma`"],
  [
    "PPL308",
    "a second form by position",
    inModel("sample w ~ «NegativeBinomial(1, 2)»".replace("«NegativeBinomial(1, 2)»", "NegativeBinomial(«1», 2)")),
  ],
  ["PPL308", "a function", inModel("factor «exp()» + mu")],
  ["PPL308", "names in a function", inModel("factor exp(«x = mu»)")],
  ["PPL308", "no such dim", inModel("factor mean(y, «K») * mu")],
  ["PPL308", "bounds of a bool", "data { a: bool «> 0» }  model { sample m ~ Normal(a, 1) }"],
  ["PPL308", "base 2", "data { «base 2»; y: real }  model { sample m ~ Normal(y, 1) }"],
  ["PPL309", "a slip", inModel("let q = { loc: mu }  factor q.«lok»")],
  ["PPL310", "a literal", inModel("sample w ~ Normal(0, «-1»)"), "`sd` of Normal must be > 0, and `-1` is -1"],
  ["PPL310", "an entry of a literal", inModel("sample w ~ Normal(0, [1, «0»])")],
  ["PPL310", "a declared bound", inModel("sample w ~ Normal(0, «neg»)")],
  ["PPL310", "observed", inModel("observe «neg» ~ Exponential(tau)")],
  ["PPL310", "a probability", inModel("sample w ~ Bernoulli(«1.5»)")],
  ["PPL310", "the start of a param", inModel("param w: real > 0 = «-1»  factor w")],
  ["PPL313", "a latent size", inModel("factor sum(zeros(«int(tau)»)) * mu")],
  ["PPL313", "a latent start", inModel("param w = «mu»  factor w")],
  ["PPL401", "a site", inModel("observe «mu» ~ Normal(0, 1)")],
  ["PPL401", "an index", inModel("plate i in N { observe «i» ~ Poisson(exp(mu)) }")],
  ["PPL402", "a value", inModel("sample w ~ «mu»")],
  ["PPL402", "a choice between distributions", inModel("sample w ~ «if n > 1 then Normal(0, 1) else Normal(0, 2)»")],
  ["PPL402", "no arguments", inModel("sample w ~ «Normal»")],
  [
    "PPL403",
    "a latent let",
    inModel("plate i in N { let e[i] = y[i] - mu  observe «e[i]» ~ Normal(0, tau) }"),
    "depends on mu",
  ],
  ["PPL405", "a site", inModel("sample z ~ Bernoulli(0.5)  if z { «sample w ~ Normal(0, 1)» }")],
  ["PPL410", "a slice", inModel("plate i in N { factor sum(y[..«i»]) * mu }")],
  ["PPL410", "a size", inModel("plate i in N { factor sum(zeros(«c[i]»)) * mu }")],
  ["PPL427", "no sites", `${DATA}«model { factor sum(y) }»`],
  ["PPL501", "a slip", `${inModel("factor mu")}\nguide { sample «mew» ~ Normal(0, 1) }`],
  ["PPL501", "in a block", `${inModel("factor mu")}\nguide { block «mew»: fullrank }`],
  [
    "PPL502",
    "no plate",
    `${inModel("plate i in N { sample z[i] ~ Normal(0, 1)  factor z[i] }")}\nguide { sample «z» ~ Normal(0, 1) }`,
  ],
  [
    "PPL502",
    "under a condition",
    `${inModel("plate i in N { sample z[i] ~ Normal(0, 1)  factor z[i] }")}\nguide { plate i in N { if b[i] { sample «z[i]» ~ Normal(0, 1) } } }`,
  ],
  ["PPL503", "reals for positives", `${inModel("factor tau")}\nguide { sample tau ~ «Normal(0, 1)» }`],
  [
    "PPL503",
    "beyond an interval",
    `${inModel("sample w ~ Uniform(0, 1)  factor w")}\nguide { sample w ~ «Uniform(0, 2)» }`,
  ],
  [
    "PPL503",
    "a line for a circle",
    `${inModel("sample d ~ VonMises(0, 1)  factor d * mu")}\nguide { sample d ~ «Normal(0, 1)» }`,
  ],
  [
    "PPL503",
    "a line for a simplex",
    `${inModel("sample w ~ Dirichlet(1, K)  factor w[0] * mu")}\nguide { sample w ~ «Normal(v, 1)» }`,
  ],
  ["PPL503", "improper", `${inModel("factor mu")}\nguide { sample mu ~ «Flat()» }`],
  [
    "PPL504",
    "sampled and in a block",
    `${inModel("factor mu")}\nguide { sample mu ~ Normal(0, 1)  block «mu»: fullrank }`,
  ],
  ["PPL504", "in two blocks", `${inModel("factor mu")}\nguide { block mu, tau: fullrank  block «tau»: meanfield }`],
  ["PPL505", "discrete", `${inModel("sample z ~ Bernoulli(0.5)  factor z * mu")}\nguide { block «z»: fullrank }`],
  ["PPL505", "a direction", `${inModel("sample d ~ VonMises(0, 1)  factor d * mu")}\nguide { block «d»: fullrank }`],
  ["PPL308", "no tails", inModel("factor log_cdf(«Flat()», mu) * mu")],
  ["PPL301", "no vector of cuts", inModel("observe c ~ OrderedLogistic(y, «mu»)")],
  ["PPL306", "a real number of trials", inModel("observe c ~ BetaBinomial(«tau», 1, 1)")],
  ["PPL310", "a negative concentration", inModel("sample w ~ Dirichlet(«-1», K)  factor w[0] * mu")],
  [
    "PPL412",
    "a count up to a latent",
    inModel("sample u ~ Poisson(mu)  «@marginal sample k ~ DiscreteUniform(0, u)»  factor k * mu"),
  ],
  ["PPL510", "later", `${inModel("factor mu")}\nguide { sample mu ~ Normal(«tau», 1)  sample tau ~ HalfNormal(1) }`],
];

const withMessage = (cases: readonly Bad[]): readonly (readonly [Code, string, string, string])[] =>
  cases.map(([code, what, text, message = ""]) => [code, what, text, message]);

/** Takes the marks out; the offsets of what stood between them. */
function unmark(marked: string): { text: string; start: number; end: number } {
  const start = marked.indexOf("«");
  const end = marked.indexOf("»") - 1;
  return { text: marked.replace("«", "").replace("»", ""), start, end };
}

describe("bad programs", () => {
  test.each(withMessage(bad))("%s %s", (code, _, marked, message) => {
    const { text, start, end } = unmark(marked);
    const { model, report } = run(text);
    const errors = errorsOf(report);
    expect(renderText(errors)).toContain(code);
    expect(errors.map((d) => d.code)).toEqual([code]);
    expect(model).toBeNull();
    const { at } = errors[0]!;
    if (at.kind !== "source") throw new Error("an error of a program points at its text");
    expect(text.slice(at.span.start, at.span.end)).toBe(text.slice(start, end));
    expect(at.span.start).toBe(start);
    expect(errors[0]!.message).toContain(message);
  });

  test("all errors of a file are reported, and none that follows from another", () => {
    const { report } = run(
      inModel("let a = muu + 1  let d = a * 2  factor d + y  factor sum(y + v)  sample w ~ Normal(nu, 1)  factor w"),
    );
    expect(errorsOf(report).map((d) => d.code)).toEqual(["PPL201", "PPL301", "PPL201"]);
  });

  test("an expression too deep for the stack is a diagnostic", () => {
    const { model, report } = run(inModel(`factor mu${" + 1".repeat(20_000)}`));
    expect(model).toBeNull();
    expect(errorsOf(report)).toHaveLength(1);
  });

  test("errors of the text stop before the checker", () => {
    expect(run("model { sample x ~ Normal(0 1)  factor nonsense }").report.map((d) => d.code)).toEqual(["PPL101"]);
  });
});

// ---------------------------------------------------------------------------------------- not built

const unbuilt: readonly (readonly [what: string, text: string])[] = [
  ["`net`", `net f(a: real) -> real { return dense(a, 1) }\n${inModel("factor f(mu)")}`],
];

describe("what is not built is named", () => {
  test.each(unbuilt)("%s", (what, text) => {
    const errors = errorsOf(run(text).report);
    expect(errors.map((d) => d.code)).toContain("PPL901");
    expect(errors.find((d) => d.code === "PPL901")!.message).toBe(`${what} is not built yet`);
    expect(errors.filter((d) => d.code !== "PPL901")).toEqual([]);
  });
});

/** The programs of the reference: what each still needs, by the diagnostics that name it. */
const reference: Readonly<Record<string, readonly string[]>> = {
  "eight-schools": [],
  "item-response": [],
  "logistic-regression": [],
  "capture-recapture": [],
  garch: [],
  "gaussian-mixture": [],
  "gaussian-process": [],
  "hidden-markov-model": [],
  lda: [],
  radon: [],
  "variational-autoencoder": ["`net`"],
};

describe("the programs of the reference", () => {
  test.each(Object.entries(reference))("%s", (name, needs) => {
    const { model, report } = run(readFileSync(`test/golden/language/${name}.ppl`, "utf8"));
    const errors = errorsOf(report);
    expect([...new Set(errors.map((d) => `${d.code} ${d.message}`))]).toEqual(
      needs.map((n) => `PPL901 ${n} is not built yet`),
    );
    expect(model === null).toBe(needs.length > 0);
  });

  test("all are here", () => {
    const files = readdirSync("test/golden/language").map((file) => file.replace(".ppl", ""));
    expect(files.sort()).toEqual(Object.keys(reference).sort());
  });
});

describe("the examples", () => {
  test.each(readdirSync("examples").filter((name) => existsSync(`examples/${name}/model.ppl`)))("%s", (name) => {
    const { report } = run(readFileSync(`examples/${name}/model.ppl`, "utf8"));
    expect(renderText(errorsOf(report))).toBe("");
  });
});

// ---------------------------------------------------------------------------------------- warnings

const warnings: readonly Bad[] = [
  ["PPL411", "nothing reads it", inModel("sample «w» ~ Normal(0, 1)  factor mu * tau")],
  ["PPL411", "read by a report alone", inModel("sample «w» ~ Normal(0, 1)  let d = w * 2  report d  factor mu * tau")],
  [
    "PPL411",
    "read by nothing but such a site",
    inModel("sample «v0» ~ Normal(0, 1)  sample w ~ Normal(v0, 1)  factor mu * tau"),
    "only the prior of `w`",
  ],
  ["PPL423", "a comparison", inModel("factor if «mu > 0» then tau else 2 * tau")],
  ["PPL423", "behind a let", inModel("let k = int(«round(mu)»)  plate i in N { observe y[i] ~ Normal(k, tau) }")],
  ["PPL423", "a param", inModel("param p: real = 0  factor if «p < 1» then mu else tau")],
  [
    "PPL426",
    "a Mixture",
    `${inModel("sample w ~ Dirichlet(1, K)  plate k in K { sample «m»[k] ~ Normal(0, 1) }  plate i in N { observe y[i] ~ Mixture(w, [k in K: Normal(m[k], 1)]) }  factor mu * tau")}`,
  ],
  [
    "PPL426",
    "latent labels",
    inModel(
      "sample w ~ Dirichlet(1, 3)  sample «m» ~ Normal(zeros(3), 1)  plate i in N { sample z[i] ~ Categorical(w)  observe y[i] ~ Normal(m[z[i]], tau) }  factor mu",
    ),
  ],
  [
    "PPL426",
    "a hidden Markov model",
    inModel(
      "sample w ~ Dirichlet(1, K)  plate k in K { sample A[k] ~ Dirichlet(2, K)  sample «m»[k] ~ Normal(0, 1) }  scan i in N carry z: index(K) { @marginal sample z[i] ~ Categorical(if i == 0 then w else A[z[i - 1]])  observe y[i] ~ Normal(m[z[i]], tau) }  factor mu",
    ),
  ],
  [
    "PPL426",
    "two components",
    inModel(
      "sample p ~ Beta(2, 2)  sample «a» ~ Normal(0, 1)  sample b2 ~ Normal(0, 1)  plate i in N { observe y[i] ~ Mixture([p, 1 - p], [Normal(a, tau), Normal(b2, tau)]) }  factor mu",
    ),
    "a, b2",
  ],
  ["PPL429", "two ints", inModel("factor «n / 2» * mu * tau")],
  ["PPL429", "sizes", inModel("plate i in N { observe y[i] ~ Normal(mu * («i / N»), tau) }")],
  ["PPL430", "a scale", inModel("plate i in N { observe y[i] ~ Normal(0, «mu») }  factor tau"), "must be > 0"],
  ["PPL430", "a probability", inModel("plate i in N { observe b[i] ~ Bernoulli(«tau») }  factor mu"), "in [0, 1]"],
  ["PPL420", "flat", inModel("sample «w» ~ Flat()  factor w * mu * tau")],
  [
    "PPL422",
    "eight schools",
    "data { dim J; y: real[J] }  model { sample tau ~ HalfNormal(1)  plate j in J { sample «a»[j] ~ Normal(0, tau)  observe y[j] ~ Normal(a[j], 1) } }",
  ],
  [
    "PPL424",
    "two statements",
    inModel("plate i in N { observe y[i] ~ Normal(mu, tau)  observe «y[i]» ~ Normal(0, tau) }"),
  ],
  [
    "PPL424",
    "in a plate of another dim",
    inModel("plate i in N, k in K { observe «y[i]» ~ Normal(mu, tau) }"),
    "for each member of plate K",
  ],
  ["PPL425", "data", "data { a: real; «b»: real }  model { sample m ~ Normal(0, a)  factor m }"],
  [
    "PPL425",
    "a dim",
    "data { «dim N»; a: real }  model { sample m ~ Normal(0, a)  factor m }".replace("«dim N»", "dim «N»"),
  ],
];
const silent: readonly (readonly [Code, string, string])[] = [
  [
    "PPL422",
    "several data for each member",
    inModel("plate j in J { sample a[j] ~ Normal(mu, tau) }  plate i in N { observe y[i] ~ Normal(a[g[i]], 1) }"),
  ],
  [
    "PPL422",
    "a known scale",
    inModel("plate i in N { sample a[i] ~ Normal(mu, 1)  observe y[i] ~ Normal(a[i], tau) }"),
  ],
  [
    "PPL424",
    "two branches",
    inModel("plate i in N { if b[i] { observe y[i] ~ Normal(mu, 1) } else { observe y[i] ~ Normal(0, tau) } }"),
  ],
  [
    "PPL424",
    "a ragged part of each member",
    "data { dim N, J; y: real[N]; g: int[N] }  model { plate j in J { sample m[j] ~ Normal(0, 1)  plate i in N { if g[i] == j { observe y[i] ~ Normal(m[j], 1) } } } }",
  ],
  [
    "PPL424",
    "two columns",
    "data { dim N; z: real[N, 2] }  model { sample m ~ Normal(0, 1)  plate i in N { observe z[i, 0] ~ Normal(m, 1)  observe z[i, 1] ~ Normal(m, 2) } }",
  ],
  ["PPL411", "a factor reads it", inModel("factor mu * tau")],
  [
    "PPL411",
    "a prior, of which something depends that is observed",
    inModel("plate i in N { sample a[i] ~ Normal(mu, tau)  observe y[i] ~ Normal(a[i], 1) }"),
  ],
  ["PPL423", "of data", inModel("factor if y[0] > 0 then mu else tau")],
  ["PPL423", "of a discrete site", inModel("sample k ~ Poisson(tau)  factor if k > 2 then mu else tau")],
  ["PPL423", "in a report", inModel("report up = mu > 0  factor mu * tau")],
  [
    "PPL426",
    "ordered",
    inModel(
      "sample w ~ Dirichlet(1, K)  sample m ~ Ordered(Normal(0, 1), K)  plate i in N { observe y[i] ~ Mixture(w, [k in K: Normal(m[k], 1)]) }  factor mu * tau",
    ),
  ],
  [
    "PPL426",
    "weights of data",
    inModel(
      "plate k in K { sample m[k] ~ Normal(0, 1) }  plate i in N { observe y[i] ~ Mixture(v, [k in K: Normal(m[k], 1)]) }  factor mu * tau",
    ),
  ],
  [
    "PPL426",
    "priors that differ",
    inModel(
      "sample w ~ Dirichlet(1, K)  plate k in K { sample m[k] ~ Normal(k, 1) }  plate i in N { observe y[i] ~ Mixture(w, [k in K: Normal(m[k], 1)]) }  factor mu * tau",
    ),
  ],
  [
    "PPL426",
    "a component told apart",
    inModel(
      "sample w ~ Dirichlet(1, K)  plate k in K { sample m[k] ~ Normal(0, 1) }  plate i in N { observe y[i] ~ Mixture(w, [k in K: Normal(m[k], 1)]) }  factor m[0] * mu * tau",
    ),
  ],
  [
    "PPL426",
    "two components that differ",
    inModel(
      "sample p ~ Beta(2, 3)  sample a ~ Normal(0, 1)  sample b2 ~ Normal(0, 1)  plate i in N { observe y[i] ~ Mixture([p, 1 - p], [Normal(a, tau), Normal(b2, tau)]) }  factor mu",
    ),
  ],
  [
    "PPL426",
    "groups that data tell apart",
    inModel("plate j in J { sample a[j] ~ Normal(mu, tau) }  plate i in N { observe y[i] ~ Normal(a[g[i]], 1) }"),
  ],
  [
    "PPL302",
    "the order of members of two dims",
    inModel("plate k in K, j in J { if k < j || k >= j { factor mu * tau } }"),
  ],
  ["PPL429", "literals, or one over a count", inModel("factor (1 / 2 + 1 / n) * mu * tau")],
  ["PPL429", "reals", inModel("factor sum(real(c) / 2) * mu * tau")],
  ["PPL430", "a scale that is positive", inModel("plate i in N { observe y[i] ~ Normal(mu, tau) }")],
  [
    "PPL430",
    "an end that is not known",
    inModel("sample w ~ Truncated(Normal(0, 1), lower = abs(mu))  factor log_prob(Normal(0, w), 1) * tau"),
  ],
];

describe("warnings", () => {
  test.each(withMessage(warnings))("%s %s", (code, _, marked, message) => {
    const { text, start } = unmark(marked);
    const { model, report } = run(text);
    expect(errorsOf(report)).toEqual([]);
    expect(model).not.toBeNull();
    const found = report.find((d) => d.code === code);
    expect(found?.severity).toBe("warning");
    if (found?.at.kind === "source")
      expect(positionAt(found.at.span.source, found.at.span.start)).toEqual(positionAt({ path: "", text }, start));
    expect(found?.message).toContain(message);
  });

  test.each(silent)("no %s: %s", (code, _, text) => {
    const { report } = run(text);
    expect(errorsOf(report)).toEqual([]);
    expect(report.map((d) => d.code)).not.toContain(code);
  });
});

// ---------------------------------------------------------------------------------------- the model

describe("what a program means", () => {
  const letOf = (body: string, name: string): Expr => {
    const found = checked(inModel(`${body}  factor mu`)).body.find(
      (stmt) => stmt.kind === "let" && stmt.symbol.name === name,
    );
    if (found?.kind !== "let") throw new Error(`no let ${name}`);
    return found.value;
  };
  const cases: readonly (readonly [expr: string, type: string, print: string])[] = [
    ["x - mean(x, N)", "real[N, K]", "sub(x, mean(x, over 0))"],
    ["x - mean(x, K)", "real[N, K]", "sub(x, mean(x, over 1))"],
    ["max(y, 0)", "real[N]", "max(y, 0)"],
    ["max(c)", "int[]", "max(c)"],
    ["c / 2", "real[N]", "div(c, 2)"],
    ["c % 2", "int[N]", "mod(c, 2)"],
    ["c ^ 2", "int[N]", "pow(c, 2)"],
    ["c ^ n", "real[N]", "pow(c, n)"],
    ["quotient(c, 2)", "int[N]", "quotient(c, 2)"],
    ["s[g]", "real[N]", "s[g]"],
    ["x[.., 0]", "real[N]", "x[.., 0]"],
    ["x[2..4]", "real[3, K]", "x[2..4]"],
    ["y[n..]", "real[?]", "y[n..]"],
    ["g == first(J)", "bool[N]", "equal(g, first(J))"],
    ["g + 1", "int[N]", "add(index_number(g), 1)"],
    ["g == 2", "bool[N]", "equal(g, index_of(2))"],
    ["zeros(n)[g]", "real[N]", "zeros(n)[index_number(g)]"],
    ["g > 1.5", "bool[N]", "greater(index_number(g), 1.5)"],
    ["if b then y else 0", "real[N]", "if b then y else 0"],
    ["select(b, g, last(J))", "index(J)[N]", "if b then g else last(J)"],
    ["[i in K, j in J: v[i] * s[j]]", "real[K, J]", "[i in K, j in J: mul(v[i], s[j])]"],
    ["append(y, 1, 2)", "real[?]", "append(y, 1, 2)"],
    ["append(1, [2, 3])", "int[3]", "append(1, [2, 3])"],
    ["one_hot(g, J)", "real[N, J]", "one_hot(g, J)"],
    ["argmax(x, K)", "index(K)[N]", "argmax(x, over 1)"],
    ["dot(transpose(x), x)", "real[K, K]", "dot(transpose(x), x)"],
    ["dot(x, v)", "real[N]", "dot(x, v)"],
    ["outer(v, y)", "real[K, N]", "outer(v, y)"],
    ["softmax(x)", "real[N, K]", "softmax(x)"],
    ["zeros(K, 2)", "real[K, 2]", "zeros(K, 2)"],
    ["sum(b)", "int", "sum(b)"],
    ["b[0] + b[1]", "int", "add(b[0], b[1])"],
    ["pi * N", "real", "mul(pi, N)"],
  ];
  test.each(cases)("%s", (text, type, print) => {
    const value = letOf(`let e = ${text}`, "e");
    expect(
      value.type.kind === "array"
        ? `${value.type.elem.kind === "index" ? `index(${value.type.elem.dim})` : value.type.elem.kind}${value.type.shape.length === 0 ? "" : showShape(value.type.shape)}`
        : "",
    ).toBe(type.replace("[]", ""));
    expect(showExpr(value)).toBe(print);
  });

  test("plates over one dim share its axis, an open one gets another", () => {
    const model = checked(
      inModel("plate i in N, k in N { sample e[i, k] ~ Normal(0, 1) }  plate i in N { factor e[i, i] * mu }"),
    );
    expect(model.sites[2]!.symbol.axes.map(({ axis }) => axis)).toEqual(["N", "N'"]);
  });

  test("a comprehension inside a plate takes an axis of its own, also in a fun", () => {
    const model = checked(
      `fun f(a: real[P]) -> real = sum([i in P: a[i]])\n${inModel("plate i in N { factor f(y) * y[i] * mu }")}`,
    );
    expect(printModel(model)).toContain("[i in N': a[i]]");
  });

  test("a report that is read becomes a let", () => {
    const model = checked(inModel("plate j in J { report t[j] = s[j] * mu }  factor sum(t) * tau"));
    expect(printModel(model)).toContain("let t[J]: real = mul(s[j], mu)  (latent)\n    report t = t[j]");
  });

  test("a let depends on data only or on latents", () => {
    const model = checked(inModel("let a = mean(y)  let d = a * mu  factor d"));
    expect(model.body.flatMap((stmt) => (stmt.kind === "let" ? [stmt.symbol.stage] : []))).toEqual(["data", "latent"]);
  });

  test("arguments choose the form", () => {
    const forms = ["Normal(0, 1)", "Normal(0, variance = 1)", "Normal(precision = 1, mean = 0)"].map(
      (dist) => checked(inModel(`sample w ~ ${dist}  factor w`)).sites[2]!.dist.form,
    );
    expect(forms).toEqual([0, 1, 2]);
  });
});

describe("golden models", () => {
  const names = ["language/eight-schools", "language/item-response", "funs", "guide"];
  test.each(names)("%s", async (path) => {
    const text = readFileSync(`test/golden/${path}.ppl`, "utf8");
    const name = path.replace(/.*\//, "");
    const { model, report } = check({ path: `${name}.ppl`, text });
    const shown = `# ${name}\n\n\`\`\`ppl\n${text.trimEnd()}\n\`\`\`\n\n## Diagnostics\n\n\`\`\`\n${renderText(report).trimEnd()}\n\`\`\`\n\n## Model\n\n\`\`\`\n${model === null ? "none" : printModel(model)}\n\`\`\`\n`;
    await expect(shown).toMatchFileSnapshot(`golden/check-${name}.md`);
  });

  test("the messages of language.md section 9", async () => {
    const programs = ["k", "index", "latent"].map((name) => readFileSync(`test/golden/message-${name}.ppl`, "utf8"));
    const shown = programs
      .map(
        (text) => `\`\`\`ppl\n${text.trimEnd()}\n\`\`\`\n\n\`\`\`\n${renderText(run(text).report).trimEnd()}\n\`\`\`\n`,
      )
      .join("\n");
    await expect(`# Messages\n\n${shown}`).toMatchFileSnapshot("golden/check-messages.md");
  });
});

// ---------------------------------------------------------------------------------------- pages

/** Codes of these stages that have a page here; those that only data or a run can show have their own tests. */
const STAGES = /^PPL([2345]|901)/;
const ELSEWHERE = ["PPL208", "PPL507", "PPL508", "PPL509", "PPL511"];

describe("pages", () => {
  const wanted = (Object.keys(codes) as Code[]).filter((code) => STAGES.test(code) && !ELSEWHERE.includes(code));
  const pages = new Set(readdirSync("docs/errors"));
  test.each(wanted)("%s", (code) => {
    expect(pages.has(`${code}.md`)).toBe(true);
    const page = readFileSync(`docs/errors/${code}.md`, "utf8");
    expect(page.startsWith(`# ${code}: ${codes[code].title}\n`)).toBe(true);
    const [fails, fixed] = ["## Fails", "## Fixed"].map(
      (title) => new RegExp(`${title}\\n+\`\`\`ppl\\n([^]*?)\`\`\``).exec(page)?.[1] ?? "",
    );
    const before = run(fails!);
    const severity = codes[code].severity;
    expect(before.report.filter((d) => d.severity === severity).map((d) => d.code)).toEqual([code]);
    const after = run(fixed!);
    expect(after.report.map((d) => `${d.code} ${d.message}`)).toEqual([]);
    expect(after.model).not.toBeNull();
  });
});

// ---------------------------------------------------------------------------------------- alignment

describe("alignment", () => {
  const cases: readonly (readonly [Shape, Shape, string])[] = [
    [[], ["N"], "[N]"],
    [["N"], ["N"], "[N]"],
    [["N", "K"], ["N"], "[N, K]"],
    [["N", "K"], ["K"], "[N, K]"],
    [["N", "K"], [3], "[N, K]"],
    [["N", 2], [2], "[N, 2]"],
    [["N"], [3], "[N]"],
    [[2, 3], [3], "[2, 3]"],
    [["N", "K"], ["K", "N"], "differ"],
    [["N"], ["K"], "differ"],
    [["N", "N"], ["N"], "ambiguous"],
    [["N", "K", "N"], ["N"], "ambiguous"],
    [[2], [3], "differ"],
    [["N", "K", "J"], ["N", "J"], "[N, K, J]"],
    [["N", "K", "J"], ["J", "N"], "differ"],
    [["N", null], ["K"], "differ"],
    [[null], ["N"], "[N]"],
    [["N", 2], ["N"], "[N, 2]"],
  ];
  test.each(cases)("%j with %j", (a, b, wanted) => {
    const found = align([a, b]);
    expect("problem" in found ? found.problem : showShape(found.shape)).toBe(wanted);
  });

  const size: fc.Arbitrary<Size> = fc.constantFrom<Size>("N", "K", "J", 2, 3, null);
  const shape = fc.array(size, { maxLength: 4 });

  test("does not depend on the order of two values", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const [left, right] = [align([a, b]), align([b, a])];
        expect("problem" in left).toBe("problem" in right);
        if (!("problem" in left) && !("problem" in right)) {
          expect(left.shape).toEqual(right.shape);
          expect(left.alignments).toEqual([...right.alignments].reverse());
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("every dim is laid once, in order, along a size that agrees", () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 3 }), (shapes) => {
        const found = align(shapes);
        if ("problem" in found) return;
        shapes.forEach((from, i) => {
          const positions = found.alignments[i]!.filter((at) => at !== null);
          expect(positions).toEqual(from.map((_, at) => at));
          found.alignments[i]!.forEach(
            (at, to) => at !== null && expect(sizesAgree(from[at] ?? null, found.shape[to] ?? null)).toBe(true),
          );
        });
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

// ---------------------------------------------------------------------------------------- any program

describe("any program", () => {
  const holds = (text: string): void => {
    const { model, report } = run(text);
    // Without data, model and guide blocks of its own a file is a library, whatever its predict block holds.
    const isLibrary = parse({ path: "m.ppl", text }).file.items.every(
      (item) => !["data", "model", "guide"].includes(item.kind),
    );
    if (!isLibrary) expect(model === null).toBe(errorsOf(report).length > 0);
    if (model !== null) printModel(model);
  };

  test("random programs never throw", () => {
    fc.assert(
      fc.property(randomFile, (file) => holds(format(file))),
      { seed: 3, numRuns: 300 },
    );
  });

  const words = Object.values(good)
    .concat(bad.map(([, , text]) => unmark(text).text))
    .map((text) => text.split(/(\W)/));
  const mutated = fc
    .tuple(
      fc.constantFrom(...words),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("drop", "swap", "copy")), { minLength: 1, maxLength: 3 }),
    )
    .map(([tokens, changes]) =>
      changes
        .reduce((list, [i, j, how]) => {
          const [a, b] = [i % list.length, j % list.length];
          if (how === "drop") return list.filter((_, k) => k !== a);
          return list.map((word, k) => (k === a ? list[b]! : how === "swap" && k === b ? list[a]! : word));
        }, tokens)
        .join(""),
    );

  test("programs with a slip never throw", () => {
    fc.assert(fc.property(mutated, holds), { seed: 4, numRuns: 1500 });
  });

  test("three hundred lines take no noticeable time (parsing is most of it)", () => {
    const lines = Array.from(
      { length: 65 },
      (_, i) =>
        `  plate j in J {\n    sample a${i}[j] ~ Normal(mu, tau)\n    let d${i}[j] = a${i}[j] * s[j] + ${i}\n  }\n  observe y ~ Normal(d${i}[g] + dot(x, v), 1)`,
    );
    const text = inModel(lines.join("\n"));
    const times = Array.from({ length: 8 }, () => {
      const start = performance.now();
      run(text);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(200);
  });
});
