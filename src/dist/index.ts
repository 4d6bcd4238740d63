// The table of distributions, in the order in which the documentation lists them.

import { bernoulli } from "./bernoulli.ts";
import { betaBinomial } from "./beta-binomial.ts";
import { beta } from "./beta.ts";
import { binomial } from "./binomial.ts";
import { categorical } from "./categorical.ts";
import { cauchy } from "./cauchy.ts";
import { chiSquare } from "./chi-square.ts";
import type { Combinator } from "./combinator.ts";
import { censored } from "./combinators/censored.ts";
import { mixture } from "./combinators/mixture.ts";
import { orderedCombinator } from "./combinators/ordered.ts";
import { truncated } from "./combinators/truncated.ts";
import { zeroInflated } from "./combinators/zero-inflated.ts";
import { delta } from "./delta.ts";
import { dirichletMultinomial } from "./dirichlet-multinomial.ts";
import { dirichlet } from "./dirichlet.ts";
import { discreteUniform } from "./discrete-uniform.ts";
import type { Dist } from "./dist.ts";
import { exponential } from "./exponential.ts";
import { flat } from "./flat.ts";
import { gamma } from "./gamma.ts";
import { geometric } from "./geometric.ts";
import { gumbel } from "./gumbel.ts";
import { halfCauchy } from "./half-cauchy.ts";
import { halfNormal } from "./half-normal.ts";
import { halfStudentT } from "./half-student-t.ts";
import { inverseGamma } from "./inverse-gamma.ts";
import { inverseWishart } from "./inverse-wishart.ts";
import { laplace } from "./laplace.ts";
import { lkjCholesky } from "./lkj-cholesky.ts";
import { logNormal } from "./log-normal.ts";
import { logistic } from "./logistic.ts";
import { multinomial } from "./multinomial.ts";
import { multivariateNormal } from "./multivariate-normal.ts";
import { multivariateStudentT } from "./multivariate-student-t.ts";
import { negativeBinomial } from "./negative-binomial.ts";
import { normal } from "./normal.ts";
import { oneHotCategorical } from "./one-hot-categorical.ts";
import { orderedLogistic, orderedProbit } from "./ordered-categories.ts";
import { pareto } from "./pareto.ts";
import { poisson } from "./poisson.ts";
import { studentT } from "./student-t.ts";
import { uniform } from "./uniform.ts";
import { vonMises } from "./von-mises.ts";
import { weibull } from "./weibull.ts";
import { wishart } from "./wishart.ts";

export const dists: readonly Dist[] = [
  normal,
  studentT,
  cauchy,
  laplace,
  logistic,
  gumbel,
  halfNormal,
  halfCauchy,
  halfStudentT,
  logNormal,
  exponential,
  gamma,
  inverseGamma,
  chiSquare,
  weibull,
  pareto,
  uniform,
  beta,
  vonMises,
  dirichlet,
  multivariateNormal,
  multivariateStudentT,
  lkjCholesky,
  wishart,
  inverseWishart,
  bernoulli,
  categorical,
  oneHotCategorical,
  orderedLogistic,
  orderedProbit,
  discreteUniform,
  binomial,
  betaBinomial,
  poisson,
  negativeBinomial,
  geometric,
  multinomial,
  dirichletMultinomial,
  flat,
  delta,
];

/** Distributions made of distributions. */
export const combinators: readonly Combinator[] = [truncated, censored, mixture, zeroInflated, orderedCombinator];

/** The row of a name as written in a program. */
export const distOf = (name: string): Dist | undefined => dists.find((d) => d.name === name);

export const combinatorOf = (name: string): Combinator | undefined => combinators.find((c) => c.name === name);

/** Every name that begins a distribution. */
export const isDistName = (name: string): boolean => distNames().includes(name);
export const distNames = (): readonly string[] => [...dists, ...combinators].map(({ name }) => name);
