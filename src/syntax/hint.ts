// What a hint is made from: the failure of the parser with the words around it.

import type { Failure } from "./recover.ts";

/** `expected` replaces the words of the grammar; null leaves them out. */
export type Hint = { readonly expected?: string | null; readonly hint?: string };

/** What the rows look at. */
export type Scene = Failure & {
  /** The found token, the two after it and the one before, as written. */
  readonly word: string;
  readonly next: string;
  readonly next2: string;
  readonly previous: string;
  /** The keyword of the statement that failed, or (where a statement should begin) of the one before. */
  readonly keyword: string;
  /** Text of tokens `from` to `to` (excluded). */
  readonly text: (from: number, to: number) => string;
};

/** Recognises one mistake. */
export type Row = (scene: Scene) => Hint | null;

/** Text for a hint that shows a repaired line; a long one is left out. */
export const brief = (text: string): string => (text === "" || text.length > 40 ? "…" : text);
