// What other languages call our distributions, functions, types and arguments, for hints. Keys are in lower case
// without underscores.

import { distNames } from "../dist/index.ts";
import { didYouMean } from "../base/suggest.ts";

const key = (name: string): string => name.toLowerCase().replaceAll("_", "");

const DISTRIBUTIONS: Readonly<Record<string, string>> = {
  exp: "Exponential(rate)",
  expon: "Exponential(rate)",
  bernoullilogit: "Bernoulli(logit = …)",
  bernoullilogits: "Bernoulli(logit = …)",
  bernoullilogitglm: "Bernoulli(logit = a + dot(x, b))",
  normalidglm: "Normal(a + dot(x, b), sd)",
  poissonlogglm: "Poisson(log_rate = a + dot(x, b))",
  binomiallogit: "Binomial(n, logit = …)",
  binomiallogits: "Binomial(n, logit = …)",
  categoricallogit: "Categorical(logit = …)",
  categoricallogits: "Categorical(logit = …)",
  poissonlog: "Poisson(log_rate = …)",
  bern: "Bernoulli(prob)",
  flip: "Bernoulli(prob)",
  negbinomial2: "NegativeBinomial(mean = …, dispersion = …)",
  negativebinomial2: "NegativeBinomial(mean = …, dispersion = …)",
  negbinomial: "NegativeBinomial(count = …, prob = …)",
  negbinomial2log: "NegativeBinomial(mean = exp(…), dispersion = …)",
  lkj: "LKJCholesky(K, eta)",
  lkjcorr: "LKJCholesky(K, eta)",
  lkjcorrcholesky: "LKJCholesky(K, eta)",
  lkjcholeskycov: "LKJCholesky(K, eta)",
  multinormal: "MultivariateNormal(mean, cov = …)",
  mvnormal: "MultivariateNormal(mean, cov = …)",
  mvn: "MultivariateNormal(mean, cov = …)",
  multinormalcholesky: "MultivariateNormal(mean, chol = …)",
  multinormalprec: "MultivariateNormal(mean, precision = …)",
  multistudentt: "MultivariateStudentT(df, loc, chol = …)",
  invgamma: "InverseGamma(shape, scale)",
  invwishart: "InverseWishart(df, scale)",
  gaussian: "Normal(mean, sd)",
  norm: "Normal(mean, sd)",
  dnorm: "Normal(mean, precision = …)",
  dgamma: "Gamma(shape, rate)",
  dunif: "Uniform(lower, upper)",
  dbin: "Binomial(n, prob)",
  dbern: "Bernoulli(prob)",
  dpois: "Poisson(rate)",
  dbeta: "Beta(a, b)",
  dexp: "Exponential(rate)",
  dcat: "Categorical(prob)",
  dt: "StudentT(df, loc, scale)",
  dweib: "Weibull(shape, scale)",
  chi2: "ChiSquare(df)",
  chisquared: "ChiSquare(df)",
  doubleexponential: "Laplace(loc, scale)",
  delta: "Delta(x)",
  deterministic: "a definition: let x = …",
  improperuniform: "Flat()",
  halfflat: "Flat(lower = 0)",
  truncatednormal: "Truncated(Normal(mean, sd), lower = …)",
  truncnorm: "Truncated(Normal(mean, sd), lower = …)",
  uniformdiscrete: "DiscreteUniform(lower, upper)",
  zeroinflatedpoisson: "ZeroInflated(Poisson(rate), prob)",
  normalmixture: "Mixture(weights, [k in K: Normal(mu[k], sd[k])])",
  t: "StudentT(df, loc, scale)",
};

const FUNCTIONS: Readonly<Record<string, string>> = {
  len: "the size of a dim is the dim itself, as a number: N",
  size: "the size of a dim is the dim itself, as a number: N",
  rows: "the size of a dim is the dim itself, as a number: N",
  cols: "the size of a dim is the dim itself, as a number: K",
  numelements: "the size of a dim is the dim itself, as a number: N",
  length: "the size of a dim is the dim itself, as a number: N",
  sigmoid: "inv_logit(x)",
  expit: "inv_logit(x)",
  invlogit: "inv_logit(x)",
  phi: "inv_probit(x)",
  phiapprox: "inv_probit(x)",
  logsumexp: "log_sum_exp(x)",
  std: "sd(x)",
  stdev: "sd(x)",
  var: "variance(x)",
  matmul: "dot(a, b)",
  dotproduct: "dot(a, b)",
  mdivideleft: "solve(A, b)",
  mdivideleftspd: "solve(A, b)",
  mdivideleftlow: "solve_lower(L, b)",
  repvector: "zeros(N) + x",
  repmatrix: "zeros(N, K) + x",
  reparray: "zeros(N) + x",
  tovector: "an array needs no conversion",
  tomatrix: "an array needs no conversion",
  where: "select(c, a, b)",
  ifelse: "select(c, a, b)",
  fmax: "max(a, b)",
  fmin: "min(a, b)",
  maximum: "max(a, b)",
  minimum: "min(a, b)",
  ln: "log(x)",
  power: "a ^ b",
  pow: "a ^ b",
  inv: "1 / x",
  cumsum: "cumulative_sum(x)",
  cumprod: "cumulative_prod(x)",
  diagmatrix: "diag(v)",
  identitymatrix: "eye(D)",
  concat: "append(a, b)",
  concatenate: "append(a, b)",
  appendrow: "append(a, b)",
  equals: "a == b",
  range: "an index: [i in N: …]",
  step: "a comparison: x >= 0",
  covexpquad: "cov_exp_quad(x, sd, length)",
  gpexpquadcov: "cov_exp_quad(x, sd, length)",
  lfact: "lfactorial(x)",
  logfact: "lfactorial(x)",
  multiplylowertriselftranspose: "dot(L, transpose(L))",
  tcrossprod: "dot(x, transpose(x))",
  crossprod: "dot(transpose(x), x)",
  quadform: "dot(b, dot(A, b))",
  print: "nothing is printed while a model runs: report x shows a value after the fit",
  isnan: "is_missing(x)",
  log1mexp: "log1m_exp(x)",
  choose: "lchoose(n, k), its logarithm",
  lbinomcoef: "lchoose(n, k)",
  integrateode: "ode(f, y0, t0, ts, args…)",
  integrateoderk45: "ode(f, y0, t0, ts, args…)",
  integrateodebdf: "ode(f, y0, t0, ts, args…)",
  oderk45: "ode(f, y0, t0, ts, args…)",
};

const isSentence = (text: string): boolean => text.includes(": ") || text.startsWith("the ") || text.startsWith("an ");

const worded = (text: string): string => (isSentence(text) ? text : `here it is ${text}`);

/** The hint for a distribution that there is not. */
export function distributionHint(name: string): string | undefined {
  const found = ownEntry(DISTRIBUTIONS, key(name));
  return found !== undefined ? worded(found) : (didYouMean(name, distNames()) ?? sameLetters(name));
}

/** `half_normal`: the same word without underscores. */
function sameLetters(name: string): string | undefined {
  const found = distNames().find((known) => key(known) === key(name));
  return found === undefined ? undefined : `did you mean \`${found}\`?`;
}

/** The hint for a function that there is not: `normal_lpdf` is a log_prob. */
export function functionHint(name: string, known: Iterable<string>): string | undefined {
  const density = /^(\w+)_(lpdf|lpmf|logpdf|lcdf|lccdf|cdf|rng)$/.exec(name);
  if (density !== null) return densityHint(density[1]!, density[2]!);
  const found = ownEntry(FUNCTIONS, key(name));
  return found !== undefined ? worded(found) : didYouMean(name, known);
}

function densityHint(name: string, kind: string): string {
  const dist =
    distNames().find((known) => key(known) === key(name)) ??
    ownEntry(DISTRIBUTIONS, key(name))?.replace(/\(.*/, "") ??
    "D";
  if (kind === "rng") return `a draw is sample x ~ ${dist}(…), in a predict block after the fit`;
  const fn = { lcdf: "log_cdf", lccdf: "log_ccdf", cdf: "cdf" }[kind] ?? "log_prob";
  return `here it is ${fn}(${dist}(…), x)`;
}

const TYPES: Readonly<Record<string, string>> = {
  vector: "real[N]",
  rowvector: "real[N]",
  matrix: "real[N, K]",
  array: "real[N]",
  float: "real",
  double: "real",
  number: "real",
  float64: "real",
  float32: "real",
  integer: "int",
  int32: "int",
  int64: "int",
  boolean: "bool",
  string: "index(D), whose levels may be strings",
  str: "index(D), whose levels may be strings",
  factor: "index(D)",
  categorical: "index(D)",
  simplex: "real[K]",
  count: "int",
};

/** The hint for a type that there is not. */
export const typeHint = (name: string): string | undefined => {
  const found = ownEntry(TYPES, key(name));
  return found === undefined ? undefined : `here it is ${found}`;
};

const ownEntry = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
