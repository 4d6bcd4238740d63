// 7xx,numerics_of_a_run
import type { CodeRow } from "./row.ts";

export const runCodes = {
} as const satisfies Record<string, CodeRow>;
