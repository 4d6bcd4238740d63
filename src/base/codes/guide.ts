// 5xx,guides,_estimators,_objectives
import type { CodeRow } from "./row.ts";

export const guideCodes = {
} as const satisfies Record<string, CodeRow>;
