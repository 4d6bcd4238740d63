// Concrete tree → AST: files, data and statements. Parts that recovery marked as broken leave nothing behind.

import type {
  AttributeCstNode,
  BodyCstNode,
  BrokenStatementCstNode,
  CarriedCstNode,
  DataBlockCstNode,
  DataItemCstNode,
  DeclarationCstNode,
  DimCstNode,
  FamilyCstNode,
  FileCstNode,
  FunCstNode,
  IfStatementCstNode,
  ItemCstNode,
  NetCstNode,
  ParametersCstNode,
  PredictBlockCstNode,
  ScanStatementCstNode,
  StatementCstNode,
  TargetCstNode,
} from "../../grammar/cst.d.ts";
import { ice } from "../base/ice.ts";
import type { Source, Span } from "../base/span.ts";
import type {
  Attribute,
  Body,
  Carried,
  Comment,
  DataBlock,
  DataDeclaration,
  DataItem,
  Dim,
  Family,
  File,
  Fun,
  Item,
  Net,
  Parameter,
  PredictBlock,
  Statement,
  Target,
} from "./ast.ts";
import { spanOf, stringValue, toArgs, toBinder, toExpr, toName, tokenSpan, toSubs } from "./cst-expr.ts";
import { toType, typed } from "./cst-type.ts";

export function toFile(source: Source, node: FileCstNode, comments: readonly Comment[]): File {
  const items = (node.children.item ?? []).flatMap((item) => toItem(source, item) ?? []);
  return { items, comments, span: { source, start: 0, end: source.text.length } };
}

// ----------------------------------------------------------------------------------------------- items

function toItem(source: Source, node: ItemCstNode): Item | null {
  const { importItem, fun, net, dataBlock, modelBlock, guideBlock, predictBlock } = node.children;
  const span = spanOf(source, node);
  if (importItem) {
    const path = importItem[0].children.String[0];
    return { kind: "import", path: stringValue(path), pathSpan: tokenSpan(source, path), span };
  }
  if (fun) return toFun(source, fun[0]);
  if (net) return toNet(source, net[0]);
  if (dataBlock) return toData(source, dataBlock[0]);
  if (modelBlock) return { kind: "model", body: toBody(source, modelBlock[0].children.body[0]), span };
  if (guideBlock) return { kind: "guide", body: toBody(source, guideBlock[0].children.body[0]), span };
  return predictBlock ? toPredict(source, predictBlock[0]) : null;
}

function toFun(source: Source, node: FunCstNode): Fun {
  const { Name, parameters, type, expr, body } = node.children;
  return {
    kind: "fun",
    name: toName(source, Name[0]),
    params: toParameters(source, parameters[0]),
    result: toType(source, type[0]),
    span: spanOf(source, node),
    body: expr ? { kind: "expr", value: toExpr(source, expr[0]) } : { kind: "block", body: toBody(source, body![0]) },
  };
}

function toNet(source: Source, node: NetCstNode): Net {
  const { Name, parameters, type, body } = node.children;
  return {
    kind: "net",
    name: toName(source, Name[0]),
    params: toParameters(source, parameters[0]),
    result: toType(source, type[0]),
    body: toBody(source, body[0]),
    span: spanOf(source, node),
  };
}

const toParameters = (source: Source, node: ParametersCstNode): readonly Parameter[] =>
  (node.children.typedName ?? []).map((one) => typed(source, one));

function toPredict(source: Source, node: PredictBlockCstNode): PredictBlock {
  const { LBrace, RBrace, dataBlock, statement = [] } = node.children;
  const statements = statement.flatMap((one) => toStatement(source, one));
  const inside: Span = { source, start: LBrace[0].startOffset, end: RBrace[0].startOffset + RBrace[0].image.length };
  return {
    kind: "predict",
    data: dataBlock ? toData(source, dataBlock[0]) : null,
    body: { statements, span: inside },
    span: spanOf(source, node),
  };
}

// ----------------------------------------------------------------------------------------------- data

function toData(source: Source, node: DataBlockCstNode): DataBlock {
  const items = (node.children.dataItem ?? []).flatMap((item) => toDataItem(source, item) ?? []);
  return { kind: "data", items, span: spanOf(source, node) };
}

function toDataItem(source: Source, node: DataItemCstNode): DataItem | null {
  const { baseItem, dimItem, declaration } = node.children;
  if (baseItem) {
    return { kind: "base", value: Number(baseItem[0].children.Int[0].image), span: spanOf(source, baseItem[0]) };
  }
  if (dimItem) {
    const dims = dimItem[0].children.dim.map((dim) => toDim(source, dim));
    return { kind: "dim", dims, span: spanOf(source, dimItem[0]) };
  }
  return declaration ? toDeclaration(source, declaration[0]) : null;
}

function toDim(source: Source, node: DimCstNode): Dim {
  const { Name, String: from, expr } = node.children;
  return {
    name: toName(source, Name[0]),
    from: from ? stringValue(from[0]) : null,
    value: expr ? toExpr(source, expr[0]) : null,
    span: spanOf(source, node),
  };
}

function toDeclaration(source: Source, node: DeclarationCstNode): DataDeclaration {
  const { typedName, keys, expr } = node.children;
  return {
    kind: "declaration",
    ...typed(source, typedName[0]),
    from: keys ? keys[0].children.String!.map(stringValue) : null,
    value: expr ? toExpr(source, expr[0]) : null,
    span: spanOf(source, node),
  };
}

// ----------------------------------------------------------------------------------------------- statements

const toBody = (source: Source, node: BodyCstNode): Body => ({
  statements: (node.children.statement ?? []).flatMap((one) => toStatement(source, one)),
  span: spanOf(source, node),
});

/** One statement; of a broken one, what its body holds. */
function toStatement(source: Source, node: StatementCstNode): readonly Statement[] {
  const { brokenStatement, attribute = [] } = node.children;
  if (brokenStatement) return salvage(source, brokenStatement[0]);
  const attributes = attribute.map((one) => toAttribute(source, one));
  const bare = toBare(source, node);
  const start = attributes[0]?.span.start ?? bare.span.start;
  return [{ ...bare, attributes, span: { ...bare.span, start } }];
}

function salvage(source: Source, node: BrokenStatementCstNode): readonly Statement[] {
  const { body, elseClause } = node.children;
  const otherwise = elseClause?.[0].children.body?.[0];
  return [body?.[0], otherwise].flatMap((one) => (one ? toBody(source, one).statements : []));
}

function toBare(source: Source, node: StatementCstNode): Statement {
  const c = node.children;
  const random = c.sampleStatement?.[0] ?? c.observeStatement?.[0];
  if (random) {
    const kind = random.name === "sampleStatement" ? "sample" : "observe";
    const { target, expr } = random.children;
    return { kind, target: toTarget(source, target[0]), dist: toExpr(source, expr[0]), ...blank(source, random) };
  }
  const one = c.factorStatement?.[0] ?? c.returnStatement?.[0];
  if (one) {
    const kind = one.name === "factorStatement" ? "factor" : "return";
    return { kind, value: toExpr(source, one.children.expr[0]), ...blank(source, one) };
  }
  return toDefinition(source, node) ?? toNested(source, node) ?? toFamilyStatement(source, node);
}

const blank = (
  source: Source,
  node: Parameters<typeof spanOf>[1],
): { attributes: readonly Attribute[]; span: Span } => ({ attributes: [], span: spanOf(source, node) });

function toDefinition(source: Source, node: StatementCstNode): Statement | null {
  const { letStatement, reportStatement, paramStatement } = node.children;
  const found = letStatement?.[0] ?? reportStatement?.[0] ?? paramStatement?.[0];
  if (found === undefined) return null;
  const target = toTarget(source, found.children.target[0]);
  const value = found.children.expr ? toExpr(source, found.children.expr[0]) : null;
  const rest = blank(source, found);
  if (found.name === "reportStatement") return { kind: "report", target, value, ...rest };
  if (value === null) return ice(`${found.name} without a value`);
  if (found.name === "letStatement") return { kind: "let", target, value, ...rest };
  const type = found.children.type ? toType(source, found.children.type[0]) : null;
  return { kind: "param", target, type, value, ...rest };
}

function toNested(source: Source, node: StatementCstNode): Statement | null {
  const { plateStatement, scanStatement, ifStatement } = node.children;
  if (plateStatement) {
    const { binder, body } = plateStatement[0].children;
    const binders = binder.map((one) => toBinder(source, one));
    return { kind: "plate", binders, body: toBody(source, body[0]), ...blank(source, plateStatement[0]) };
  }
  if (scanStatement) return toScan(source, scanStatement[0]);
  return ifStatement ? toIfStatement(source, ifStatement[0]) : null;
}

function toScan(source: Source, node: ScanStatementCstNode): Statement {
  const { binder, Reverse, carried = [], body } = node.children;
  return {
    kind: "scan",
    binder: toBinder(source, binder[0]),
    reverse: Reverse !== undefined,
    carried: carried.map((one) => toCarried(source, one)),
    body: toBody(source, body[0]),
    ...blank(source, node),
  };
}

/** `else if` becomes a body of one statement, whose span is that statement. */
function toIfStatement(source: Source, node: IfStatementCstNode): Statement {
  const { expr, body, elseClause } = node.children;
  const { ifStatement, body: last } = elseClause?.[0].children ?? {};
  const chained = ifStatement ? toIfStatement(source, ifStatement[0]) : null;
  const otherwise = chained ? { statements: [chained], span: chained.span } : last ? toBody(source, last[0]) : null;
  return {
    kind: "if",
    condition: toExpr(source, expr[0]),
    then: toBody(source, body[0]),
    otherwise,
    ...blank(source, node),
  };
}

function toFamilyStatement(source: Source, node: StatementCstNode): Statement {
  const { defaultStatement, blockStatement } = node.children;
  if (defaultStatement) {
    const family = toFamily(source, defaultStatement[0].children.family[0]);
    return { kind: "default", family, ...blank(source, defaultStatement[0]) };
  }
  const block = blockStatement?.[0] ?? ice("a statement without a kind");
  return {
    kind: "block",
    names: block.children.Name.map((one) => toName(source, one)),
    family: toFamily(source, block.children.family[0]),
    ...blank(source, block),
  };
}

function toAttribute(source: Source, node: AttributeCstNode): Attribute {
  const { Name, args } = node.children;
  return { name: toName(source, Name[0]), args: args ? toArgs(source, args[0]) : [], span: spanOf(source, node) };
}

function toFamily(source: Source, node: FamilyCstNode): Family {
  const { Name, args } = node.children;
  return { name: toName(source, Name[0]), args: args ? toArgs(source, args[0]) : [], span: spanOf(source, node) };
}

function toTarget(source: Source, node: TargetCstNode): Target {
  const { Name, subs } = node.children;
  return { name: toName(source, Name[0]), subs: subs ? toSubs(source, subs[0]) : null, span: spanOf(source, node) };
}

function toCarried(source: Source, node: CarriedCstNode): Carried {
  const { Name, type, expr } = node.children;
  return {
    name: toName(source, Name[0]),
    type: type ? toType(source, type[0]) : null,
    start: expr ? toExpr(source, expr[0]) : null,
    span: spanOf(source, node),
  };
}
