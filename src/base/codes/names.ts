// 2xx,names
import type { CodeRow } from "./row.ts";

export const nameCodes = {
} as const satisfies Record<string, CodeRow>;
