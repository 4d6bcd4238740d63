// KL(q || p) in closed form for pairs of one family, elementwise: the sum over a vector distribution's own dim is part
// of it. Null where no form is known.

import type { Node } from "../ir/node.ts";
import { add, addAll, digamma, div, exp, lgamma, log, mul, scalar, select, square, sub, sum } from "../op/index.ts";
import type { Params } from "./dist.ts";
import { canonical, logitsOf, type Instance } from "./instance.ts";

type Rule = (q: Params, p: Params) => Node;

const half = scalar(0.5);

/** log(s_p / s_q) + (s_q^2 + (m_q - m_p)^2) / (2 s_p^2) - 1/2. */
const normal: Rule = (q, p) => {
  const ratio = div(q["sd"]!, p["sd"]!);
  const shift = div(sub(q["mean"]!, p["mean"]!), p["sd"]!);
  return sub(mul(half, sub(add(square(ratio), square(shift)), scalar(1))), log(ratio));
};

/** (a_q - a_p) psi(a_q) - log Gamma(a_q) + log Gamma(a_p) + a_p log(b_q / b_p) + a_q (b_p / b_q - 1). */
const gamma: Rule = (q, p) => {
  const [a, b, c, d] = [q["shape"]!, q["rate"]!, p["shape"]!, p["rate"]!];
  return addAll([
    mul(sub(a, c), digamma(a)),
    sub(lgamma(c), lgamma(a)),
    mul(c, log(div(b, d))),
    mul(a, sub(div(d, b), scalar(1))),
  ]);
};

/** log b_q / b_p + b_p / b_q - 1. */
const exponential: Rule = (q, p) => sub(add(log(div(q["rate"]!, p["rate"]!)), div(p["rate"]!, q["rate"]!)), scalar(1));

/** log Gamma(sum a) - sum log Gamma(a) - (the same of c) + sum (a - c)(psi(a) - psi(sum a)), over the entries. */
function dirichletOf(a: readonly Node[], c: readonly Node[]): Node {
  const [totalA, totalC] = [addAll(a), addAll(c)];
  const each = a.map((ai, i) =>
    addAll([sub(lgamma(c[i]!), lgamma(ai)), mul(sub(ai, c[i]!), sub(digamma(ai), digamma(totalA)))]),
  );
  return addAll([sub(lgamma(totalA), lgamma(totalC)), ...each]);
}

const beta: Rule = (q, p) => dirichletOf([q["a"]!, q["b"]!], [p["a"]!, p["b"]!]);

const dirichlet: Rule = (q, p) => {
  const [a, c] = [q["concentration"]!, p["concentration"]!];
  const totals = sub(lgamma(sum(a)), lgamma(sum(c)));
  const each = add(sub(lgamma(c), lgamma(a)), mul(sub(a, c), sub(digamma(a), digamma(sum(a)))));
  return add(totals, sum(each));
};

/** Rules on canonical parameters. */
const RULES: Readonly<Record<string, Rule>> = {
  Normal: normal,
  Gamma: gamma,
  Exponential: exponential,
  Beta: beta,
  Dirichlet: dirichlet,
};

/** sum_c q_c (log q_c - log p_c), where 0 log 0 = 0. */
function finite(q: Instance, p: Instance): Node {
  const [a, b] = [logitsOf(q), logitsOf(p)];
  const weight = exp(a);
  return sum(select(weight, mul(weight, sub(a, b)), scalar(0)), [a.shape.length - 1]);
}

export function divergence(q: Instance, p: Instance): Node | null {
  if (q.dist.draw.kind === "finite" && p.dist.draw.kind === "finite" && q.dist.value === p.dist.value)
    return finite(q, p);
  const rule = q.dist.name === p.dist.name ? RULES[q.dist.name] : undefined;
  return rule === undefined ? null : rule(canonical(q), canonical(p));
}
