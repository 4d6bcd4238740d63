// The public API.

export { check } from "./model/check.ts";
export { checkedModel, compile } from "./compile.ts";
export type { Compiled, CompileOptions } from "./compile.ts";
export { explain } from "./explain.ts";
export { infer } from "./infer.ts";
export { printStage } from "./print-stage.ts";
export type { Stage } from "./print-stage.ts";
export { format } from "./syntax/print.ts";
export { parse } from "./syntax/parse.ts";
export { renderJson, renderText } from "./base/render.ts";
export { VariateError } from "./base/diagnostic.ts";
export type { Diagnostic } from "./base/diagnostic.ts";
export type { Source } from "./base/span.ts";
export type * from "./result.ts";
