// Hints for reads along the wrong dim: which data say to which member of one dim each member of another belongs.

import type { Env, Scope } from "./check-scope.ts";
import type { Symbol } from "./model.ts";
import type { Shape, Size } from "./types.ts";

/** Data `g: index(dim)[over]`. */
export function memberData(env: Env, dim: Size, over: Size): Symbol | null {
  const isSuch = ({ kind, type }: Symbol): boolean =>
    kind === "data" &&
    type.kind === "array" &&
    type.elem.kind === "index" &&
    type.elem.dim === dim &&
    type.shape.length === 1 &&
    type.shape[0] === over;
  return typeof dim === "string" && typeof over === "string" ? (symbolsIn(env.scope).find(isSuch) ?? null) : null;
}

const symbolsIn = (scope: Scope | null): readonly Symbol[] =>
  scope === null
    ? []
    : [...[...scope.entries.values()].flatMap(({ symbol }) => symbol ?? []), ...symbolsIn(scope.parent)];

/** `[J]` beside `[N]` where data give a member of J for each of N: a gather is meant. */
export function gatherHint(
  env: Env,
  shapes: readonly { readonly shape: Shape; readonly text: string }[],
): string | undefined {
  for (const small of shapes) {
    for (const large of shapes) {
      const data = memberData(env, small.shape.at(-1) ?? null, large.shape[0] ?? null);
      if (data !== null && small.shape.length === 1)
        return `\`${data.name}\` says which member each of ${String(large.shape[0])} has: ${small.text}[${data.name}]`;
    }
  }
  return undefined;
}
