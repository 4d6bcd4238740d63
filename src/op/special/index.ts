// Special functions of plain float64 numbers: the oracle of the reference engine, and constants for other engines.

export { betaBinomialByA, betaBinomialByB, logBetaBinomialCdf } from "./beta-binomial.ts";
export { besselGap, besselI, logBesselI0e } from "./bessel.ts";
export { differenceAt } from "./difference.ts";
export { digamma, lgamma, polygamma, trigamma } from "./gamma.ts";
export { betaSlope, logBetaCdf, logStudentCdf } from "./incomplete-beta.ts";
export { gammaSlope, logGammaP, logGammaQ } from "./incomplete-gamma.ts";
export { erf, erfc, logNormalCdf, normalCdf, normalQuantile } from "./normal.ts";
export { log1mExp, log1pExp } from "./logarithm.ts";
export { logVonMisesArc, vonMisesSlope } from "./von-mises.ts";
