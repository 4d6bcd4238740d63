// Types of the concrete tree → AST.

import type {
  ArrayTypeCstNode,
  BoundCstNode,
  RecordTypeCstNode,
  TypeCstNode,
  TypedNameCstNode,
} from "../../grammar/cst.d.ts";
import type { Source } from "../base/span.ts";
import type { ArrayType, Bound, Parameter, RecordType, TypeNode } from "./ast.ts";
import { spanOf, toAdditive, toExpr, toName, toSize } from "./cst-expr.ts";

/** `name: type` */
export const typed = (source: Source, { children: { Name, type } }: TypedNameCstNode): Parameter => ({
  name: toName(source, Name[0]),
  type: toType(source, type[0]),
});

export function toType(source: Source, node: TypeCstNode): TypeNode {
  const { arrayType, recordType } = node.children;
  return arrayType ? toArrayType(source, arrayType[0]) : toRecordType(source, recordType![0]);
}

function toArrayType(source: Source, node: ArrayTypeCstNode): ArrayType {
  const { Name, argument, Question, size = [], bound = [] } = node.children;
  return {
    kind: "type",
    name: toName(source, Name[0]),
    argument: argument ? toSize(source, argument[0]) : null,
    optional: Question !== undefined,
    sizes: size.map((one) => toSize(source, one)),
    bounds: bound.map((one) => toBound(source, one)),
    span: spanOf(source, node),
  };
}

const toRecordType = (source: Source, node: RecordTypeCstNode): RecordType => ({
  kind: "recordType",
  fields: node.children.typedName.map((one) => typed(source, one)),
  span: spanOf(source, node),
});

function toBound(source: Source, node: BoundCstNode): Bound {
  const { expr, operator, additive } = node.children;
  const span = spanOf(source, node);
  if (expr) return { kind: "in", lower: toExpr(source, expr[0]), upper: toExpr(source, expr[1]!), span };
  const kind = operator![0].image as ">" | ">=" | "<" | "<=";
  return { kind, value: toAdditive(source, additive![0]), span };
}
