// 1xx,text
import type { CodeRow } from "./row.ts";

export const textCodes = {
} as const satisfies Record<string, CodeRow>;
