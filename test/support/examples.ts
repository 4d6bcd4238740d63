// Models and data of the repository as they are read from disk, and their fits.

import { readFileSync } from "node:fs";
import type { Source } from "../../src/base/span.ts";
import type { CompileOptions } from "../../src/compile.ts";
import { infer } from "../../src/infer.ts";
import type { Fit, Nested, RawData } from "../../src/result.ts";

export const readModel = (path: string): Source => ({ path, text: readFileSync(path, "utf8") });
export const readData = (path: string): RawData => JSON.parse(readFileSync(path, "utf8")) as RawData;

/** The folders of `examples`. */
export const EXAMPLES = [
  "counted-cost",
  "eight-schools",
  "eight-schools-centred",
  "kidiq",
  "lda",
  "mixture",
  "radon",
  "sigmoid-belief-net",
  "wells",
] as const;
export type Example = (typeof EXAMPLES)[number];

export const fitExample = (name: Example, options: CompileOptions = {}): Promise<Fit> =>
  infer(readModel(`examples/${name}/model.ppl`), readData(`examples/${name}/data.json`), options);

/** Numbers of a summary, row-major. */
export const flat = (value: Nested): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
