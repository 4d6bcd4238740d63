// The public API.

export { check } from "./model/check.ts";
export { checkedModel, compile } from "./compile.ts";
export type { Compiled, CompileOptions } from "./compile.ts";
export { explain } from "./explain.ts";
export { gradients } from "./gradients.ts";
export type { GradientOptions } from "./gradients.ts";
export { infer } from "./infer.ts";
export { predict } from "./predict.ts";
export type { Kept, NewData, Predicted } from "./predict.ts";
export { simulate } from "./simulate.ts";
export type { Simulated } from "./simulate.ts";
export { fitFiles } from "./output/fit-files.ts";
export type { Writing } from "./output/fit-files.ts";
export { printStage } from "./print-stage.ts";
export type { Stage } from "./print-stage.ts";
export { format } from "./syntax/print.ts";
export { parse } from "./syntax/parse.ts";
export { renderJson, renderText } from "./base/render.ts";
export { VariateError } from "./base/diagnostic.ts";
export type { Diagnostic } from "./base/diagnostic.ts";
export type { Source } from "./base/span.ts";
export type * from "./result.ts";
