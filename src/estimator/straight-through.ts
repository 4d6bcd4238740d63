// Straight-through: the drawn one-hot value D has the gradient of a carrier. Its rows differ in the carrier alone. The noise is held in all of them,
// and the cost must have a derivative in the one-hot value (discrete_estimators, sections 2-5 and 0.6).

import type { Node } from "../ir/node.ts";
import { add, div, log, mul, pick, scalar, stop, sub, sumAxis, through } from "../op/index.ts";
import type { Estimator, EstimatorOptions, Placed, Site } from "./estimator.ts";
import { axisOf, conditionalGumbels, listedOf, logExponential, share, softmax, winner, type Listed } from "./race.ts";
import { firstOf, unlessListed, unlessNumber, unlessSmooth } from "./refusals.ts";

type Race = Listed & { readonly site: Site; readonly options: EstimatorOptions; readonly logE: Node; readonly hot: Node };
type Carrier = (race: Race) => Node;

const number = (options: EstimatorOptions, name: string, otherwise: number): number =>
  typeof options[name] === "number" ? options[name] : otherwise;

const temperature = (options: EstimatorOptions): Node => scalar(number(options, "temperature", 1));
const draws = (options: EstimatorOptions): number => number(options, "draws", 32);

/** The value `at`, moved by the logits alone: its derivative in them is the identity. */
const movedBy = ({ logits, held }: Race, at: Node): Node => add(stop(at), sub(logits, held));

const probabilities = ({ logits }: Race): Node => softmax(logits);

/** log p_D: of the mean of softmax(logits / tau) and the drawn vertex. */
const towardsDrawn = ({ held, hot }: Race, tau: Node): Node => stop(log(mul(scalar(0.5), add(softmax(div(held, tau)), hot))));

/** The mean of softmax(x / tau) over conditional Gumbels x around log probabilities t, given the drawn state. */
function averagedOver(race: Race, t: Node): Node {
  const { site, options, hot, states } = race;
  const count = draws(options);
  const axis = axisOf("draws", site, count);
  const x = conditionalGumbels(stop(t), hot, logExponential(site, "conditional", states.count, [axis]));
  return mul(share(count), sumAxis(softmax(div(movedBy(race, x), temperature(options))), axis));
}

const minusHalf = (x: Node, race: Race): Node => sub(x, mul(scalar(0.5), probabilities(race)));

const straight: Carrier = ({ logits, options }) => softmax(div(logits, temperature(options)));
const relaxed: Carrier = ({ logits, logE, options }) => softmax(div(sub(logits, logE), temperature(options)));
const rao: Carrier = (race) => averagedOver(race, race.held);

/** 2 softmax(log p_D) - pi / 2: the trapezoid rule along the edges of the simplex. */
const reinmaxCarrier = (race: Race, tau: Node): Node => minusHalf(mul(scalar(2), softmax(movedBy(race, towardsDrawn(race, tau)))), race);
const reinmaxRaoCarrier: Carrier = (race) => minusHalf(mul(scalar(2), averagedOver(race, towardsDrawn(race, scalar(1)))), race);

/** beta J(pi) g + (1 - beta) (D - pi) <D - pi, g>: `log pi_D` moves along D - pi. */
const rungeKutta: Carrier = (race) => {
  const beta = scalar(number(race.options, "beta", 0.5));
  const pi = probabilities(race);
  return add(mul(beta, pi), mul(mul(sub(scalar(1), beta), stop(sub(race.hot, pi))), pick(race.hot, race.logits)));
};

/** ReinMax, plus eta times the difference of two estimates of one straight-through Gumbel gradient at log p_D. */
const controlled: Carrier = (race) => {
  const eta = scalar(number(race.options, "eta", 1));
  return add(reinmaxCarrier(race, scalar(1)), mul(eta, sub(averagedOver(race, towardsDrawn(race, scalar(1))), oneGumbel(race))));
};

/** What is subtracted: a fresh draw, the draw that chose D, or no draw. */
function oneGumbel(race: Race): Node {
  const { site, options, states, logE } = race;
  const t = towardsDrawn(race, scalar(1));
  const tau = temperature(options);
  if (options["subtract"] === "mean-field") return div(softmax(movedBy(race, t)), tau);
  const noise = options["subtract"] === "coupled" ? logE : logExponential(site, "subtracted", states.count);
  return softmax(div(movedBy(race, sub(t, noise)), tau));
}

const positive = (x: number): boolean => x > 0;
const smoothListed = firstOf(
  unlessListed, unlessSmooth, unlessNumber("temperature", positive, "a positive number"),
  unlessNumber("draws", (m) => Number.isInteger(m) && m > 0, "a whole number above 0"),
);

function place(site: Site, options: EstimatorOptions, carrier: Carrier): Placed {
  const listed = listedOf(site);
  const logE = logExponential(site, "race", listed.states.count);
  const hot = winner(listed.logits, logE);
  return { value: listed.states.fromHot(through(hot, carrier({ ...listed, site, options, logE, hot }))) };
}

const TEMPERATURE = { temperature: "of the softmax, above 0 (default 1)" };
const DRAWS = { draws: "conditional Gumbel draws that are averaged (default 32)" };

type Row = Pick<Estimator, "name" | "doc" | "formula" | "source" | "bias" | "cost" | "notFirst" | "options"> & {
  readonly refuses?: Estimator["refuses"];
};

const row = ({ refuses = smoothListed, ...texts }: Row, carrier: Carrier): Estimator => ({
  ...texts, refuses, fixable: false, place: (site, options) => place(site, options, carrier),
});

export const st = row({
  name: "st",
  doc: "Straight-through: the draw passes on the gradient of the probabilities. The least noisy of its family, and the flattest on a curved cost.",
  formula: "G = J(softmax(θ/τ)) g / τ",
  source: "Bengio, Leonard, Courville 2013, Estimating or propagating gradients through stochastic neurons",
  bias: { why: "exact only where the cost is linear in the one-hot value; else of first order in its curvature" },
  cost: "one draw, one evaluation",
  notFirst: "admitted, but biased already where the cost is quadratic",
  options: TEMPERATURE,
}, straight);

export const stGumbel = row({
  name: "st-gumbel",
  doc: "Straight-through Gumbel-Softmax: the gradient of the relaxed draw with the same noise, at the hard value.",
  formula: "G = J(y) g / τ, y = softmax((θ + Gumbel)/τ)",
  source: "Jang, Gu, Poole 2017, Categorical reparameterization with Gumbel-Softmax, section 2.2",
  bias: { why: "biased for every temperature above 0, even for a linear cost; less bias and more noise at a lower one" },
  cost: "one draw, one evaluation",
  notFirst: "admitted, but gumbel-rao has its mean with less noise",
  options: TEMPERATURE,
}, relaxed);

export const gumbelRao = row({
  name: "gumbel-rao",
  doc: "Straight-through Gumbel-Softmax averaged over the noise that gives the drawn state: the same mean, never more noise.",
  formula: "G = mean_m J(y_m) g / τ, y_m = softmax(x_m/τ), x_m ~ (θ + Gumbel | argmax = D)",
  source: "Paulus, Maddison, Krause 2021, Rao-Blackwellizing the straight-through Gumbel-Softmax estimator",
  bias: { why: "that of st-gumbel at the same temperature" },
  cost: "one draw, one evaluation, `draws` conditional Gumbels per state",
  notFirst: "admitted, but biased already for a linear cost",
  options: { ...TEMPERATURE, ...DRAWS },
}, rao);

export const reinmax: Estimator = row({
  name: "reinmax",
  doc: "Straight-through of second order: differences of the cost between states by the trapezoid rule, from the gradient at the drawn one.",
  formula: "G = 2 J(p_D) g - J(π) g / 2, p_D = (softmax(θ/τ) + D)/2",
  source: "Liu, Dong, Liu, Yu, Gao 2023, Bridging discrete and backpropagation: straight-through and beyond",
  bias: { why: "none where the cost is at most quadratic in each member's one-hot value (temperature 1); else of second order" },
  cost: "one draw, one evaluation",
  notFirst: "admitted: less biased than reinmax-rao on average, and noisier, more so with many states",
  options: { temperature: "of the softmax inside p_D, at least 1 (default 1)" },
  refuses: firstOf(smoothListed, unlessNumber("temperature", (t) => t >= 1, "at least 1")),
}, (race) => reinmaxCarrier(race, temperature(race.options)));

export const reinmaxRao = row({
  name: "reinmax-rao",
  doc: "ReinMax with its noisy Jacobian replaced by the mean over Gumbels that give the drawn state: much less noise where there are many states.",
  formula: "G = 2 mean_m J(y_m) g / τ - J(π) g / 2, y_m = softmax(x_m/τ), x_m ~ (log p_D + Gumbel | argmax = D)",
  source: "Wang, Bui 2026, Beyond ReinMax, eq. 17",
  bias: { why: "the mean is shrunk against the exact gradient (by a factor of .5 to .9), also for a linear cost; its direction is close" },
  cost: "one draw, one evaluation, `draws` conditional Gumbels per state",
  notFirst: "admitted: the default where the cost is smooth in the one-hot value",
  options: { ...TEMPERATURE, ...DRAWS },
}, reinmaxRaoCarrier);

export const reinmaxCv = row({
  name: "reinmax-cv",
  doc: "ReinMax plus eta times the difference between a Gumbel-Rao gradient and a single Gumbel gradient, both at log p_D.",
  formula: "G = 2 J(p_D) g - J(π) g / 2 + η (GR(log p_D | D) - GS(log p_D))",
  source: "Wang, Bui 2026, Beyond ReinMax, eq. 18",
  bias: { why: "that of reinmax, changed by eta times the difference of the means of its two Gumbel parts" },
  cost: "one draw, one evaluation, `draws` + 1 Gumbels per state",
  notFirst: "admitted, but given the drawn state its correction can only add noise to reinmax, unless it adds bias",
  options: {
    ...TEMPERATURE, ...DRAWS, eta: "weight of the correction (default 1)",
    subtract: "independent (a fresh Gumbel, default), coupled (the Gumbel that drew the value), mean-field (none)",
  },
  refuses: firstOf(smoothListed, (_site, _facts, { subtract }) =>
    subtract === undefined || ["independent", "coupled", "mean-field"].includes(String(subtract))
      ? null
      : { reason: `its option subtract = ${String(subtract)} is not independent, coupled or mean-field`, hint: "leave subtract out for the default" }),
}, controlled);

export const reinmaxRk2 = row({
  name: "reinmax-rk2",
  doc: "A family of rules between straight-through (beta = 1) and score with a first-order gain (beta = 0); beta = 1/2 is ReinMax, the only one of second order.",
  formula: "G = β J(π) g + (1 - β) (D - π) <D - π, g>",
  source: "Wang, Bui 2026, Beyond ReinMax, section on Runge-Kutta rules, in the tangent form",
  bias: { why: "none for a linear cost; for beta = 1/2 none for a quadratic one" },
  cost: "one draw, one evaluation",
  notFirst: "admitted: reinmax is its best member",
  options: { beta: "weight of the straight-through part (default 1/2)" },
}, rungeKutta);
