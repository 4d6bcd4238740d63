// 3xx,types_and_shapes
import type { CodeRow } from "./row.ts";

export const typeCodes = {
} as const satisfies Record<string, CodeRow>;
