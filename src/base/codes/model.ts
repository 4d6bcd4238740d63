// 4xx,meaning_of_a_model
import type { CodeRow } from "./row.ts";

export const modelCodes = {
} as const satisfies Record<string, CodeRow>;
