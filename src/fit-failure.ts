// Fits that could not run: the statements whose density is not finite, and the parameter or state, as a diagnostic.

import { VariateError, diagnose, type Diagnostic, type Label, type Place, type Report } from "./base/diagnostic.ts";
import type { Span } from "./base/span.ts";
import type { Leaf } from "./build/state.ts";
import type { Prepared } from "./build/prepared.ts";
import type { Compiled } from "./compile.ts";
import type { Guide } from "./fit/guide.ts";
import type { FitFailure } from "./fit/target.ts";
import type { NameOf } from "./fit/verdict.ts";
import type { Term } from "./objective/term.ts";
import type { Posterior } from "./run/posterior.ts";
import { impossibleState, type ImpossibleState } from "./run/impossible-states.ts";

/** A fit that could not run: names the statements whose density is not finite at the start, and the parameter. */
export function fail(
  failure: FitFailure,
  { prepared, engine }: Compiled,
  draws: Posterior,
  start: Pick<Guide, "mean" | "points">,
  report: Report,
  nameOf: NameOf,
): never {
  const [matrix] = draws.badMatrices(start.mean, start.points, 1);
  if (matrix !== undefined) throw new VariateError([...report, notPositiveDefinite(matrix)]);
  const impossible = impossibleState(prepared, engine.engine, 0, start.mean, start.points);
  if (impossible !== null) throw new VariateError([...report, zeroProbability(impossible, prepared)]);
  const bad = draws.badTerms(start.mean, start.points, 1);
  const terms = bad.map((term) => term.name);
  // The first place is the diagnostic's own.
  const labels = bad.slice(1).map((term) => ({ span: term.span, text: `${term.name} is not finite` }));
  const at = bad[0]?.span ?? ({ kind: "run" } as const);
  throw new VariateError([...report, diagnosisOf(failure, terms, at, labels, nameOf)]);
}

/** `z[3] = false`, and the observed member that it makes impossible. */
function zeroProbability(
  { site, plates, state, isBool, term, member, span }: ImpossibleState,
  { bound: { model } }: Prepared,
): Diagnostic {
  const at = (own: ImpossibleState["member"]): string =>
    own.length === 0 ? "" : `[${own.map((m) => m.at + model.base).join(", ")}]`;
  const value = isBool ? String(state === 1) : String(state + model.base);
  const shared = plates.every((plate) => member.some(({ axis }) => axis === plate));
  return diagnose(
    "PPL704",
    span,
    {
      state: `${site}${shared ? at(member.filter(({ axis }) => plates.includes(axis))) : ""} = ${value}`,
      term: `${term}${at(member)}`,
    },
    {
      hint: `write \`@marginal sample ${site}${plates.length === 0 ? "" : "[…]"} ~ …\` to sum ${site} out of the density`,
    },
  );
}

const notPositiveDefinite = ({ name, span }: Term): Diagnostic =>
  diagnose("PPL705", span, { term: name }, { hint: "a small number on the diagonal often helps: K + 1e-6 * eye(N)" });

function diagnosisOf(
  failure: FitFailure,
  terms: readonly string[],
  at: Place | Span,
  labels: readonly Label[],
  nameOf: NameOf,
): Diagnostic {
  if (failure.failure === "no-finite-start") {
    const hint = "look for a log of zero, a division by zero, or data outside the support";
    return diagnose("PPL701", at, { tried: failure.tried, terms }, { labels, hint });
  }
  const { step, parameter } = failure;
  return parameter < 0
    ? diagnose(
        "PPL702",
        at,
        { step, terms },
        { labels, hint: "look for a condition that cuts the support, an overflow of exp, or a division by zero" },
      )
    : diagnose(
        "PPL703",
        at,
        { step, parameter: nameOf(parameter), terms },
        { labels, hint: "look for a root, a power or a norm at zero: the value is finite there, its slope is not" },
      );
}

export function leafAt(leaves: readonly Leaf[], index: number): string {
  let at = 0;
  for (const leaf of leaves) {
    if (index < at + leaf.size) return leaf.size === 1 ? leaf.name : `${leaf.name}[${index - at}]`;
    at += leaf.size;
  }
  return `parameter ${index}`;
}
