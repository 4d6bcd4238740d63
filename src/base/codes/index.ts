// Every diagnostic code, by stage. A code is never reused or renumbered; each has a page in docs/errors.

import { textCodes } from "./text.ts";
import { nameCodes } from "./names.ts";
import { typeCodes } from "./types.ts";
import { modelCodes } from "./model.ts";
import { guideCodes } from "./guide.ts";
import { dataCodes } from "./data.ts";
import { runCodes } from "./run.ts";
import { unbuiltCodes } from "./unbuilt.ts";

export const codes = {
  ...textCodes,
  ...nameCodes,
  ...typeCodes,
  ...modelCodes,
  ...guideCodes,
  ...dataCodes,
  ...runCodes,
  ...unbuiltCodes,
} as const;

export type Code = keyof typeof codes;

/** The arguments from which the row of `C` words its message. */
export type CodeArguments<C extends Code> = (typeof codes)[C] extends { say: (a: infer A) => string } ? A : never;
