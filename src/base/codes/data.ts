// 6xx,data
import type { CodeRow } from "./row.ts";

export const dataCodes = {
} as const satisfies Record<string, CodeRow>;
