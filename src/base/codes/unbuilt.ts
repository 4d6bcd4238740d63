// 9xx: parts of the language that are specified but not built.

import type { CodeRow } from "./row.ts";

export const unbuiltCodes = {
  PPL901: {
    severity: "error",
    title: "not built yet",
    say: (a: { what: string }) => `${a.what} is not built yet`,
  },
} as const satisfies Record<string, CodeRow>;
