// The alternatives to a chosen estimator as people read them: those that would do, each with what speaks against it,
// and those that are refused, of which the same is said once.

import type { Choice } from "../result.ts";

export type Alternative = { readonly estimators: readonly string[]; readonly reason: string };
export type Alternatives = { readonly possible: readonly Alternative[]; readonly refused: readonly Alternative[] };

export const alternatives = ({ rejected }: Pick<Choice, "rejected">): Alternatives => ({
  possible: byReason(rejected.filter(({ admitted }) => admitted)),
  refused: byReason(rejected.filter(({ admitted }) => !admitted)),
});

/** In the order in which each reason is first given. */
function byReason(rejected: Choice["rejected"]): readonly Alternative[] {
  const groups = new Map<string, string[]>();
  for (const { estimator, reason } of rejected) {
    const text = withoutVerdict(reason);
    groups.set(text, [...(groups.get(text) ?? []), estimator]);
  }
  return [...groups].map(([reason, estimators]) => ({ estimators, reason }));
}

/** A reason stands alone in JSON; under a heading its first words would say the heading again. */
const withoutVerdict = (reason: string): string => reason.replace(/^(not possible: |admitted(: |, but ))/, "");
