// Types of the concrete syntax tree. Written by generate.ts: do not edit.

import type { CstNode, ICstVisitor, IToken } from "chevrotain";

export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

export type FileCstChildren = {
  item?: ItemCstNode[];
};

export interface ItemCstNode extends CstNode {
  name: "item";
  children: ItemCstChildren;
}

export type ItemCstChildren = {
  importItem?: ImportItemCstNode[];
  fun?: FunCstNode[];
  net?: NetCstNode[];
  dataBlock?: DataBlockCstNode[];
  modelBlock?: ModelBlockCstNode[];
  guideBlock?: GuideBlockCstNode[];
  predictBlock?: PredictBlockCstNode[];
  Broken?: IToken[];
};

export interface ImportItemCstNode extends CstNode {
  name: "importItem";
  children: ImportItemCstChildren;
}

export type ImportItemCstChildren = {
  Import: IToken[];
  String: IToken[];
};

export interface FunCstNode extends CstNode {
  name: "fun";
  children: FunCstChildren;
}

export type FunCstChildren = {
  Fun: IToken[];
  Name: IToken[];
  parameters: ParametersCstNode[];
  Arrow: IToken[];
  type: TypeCstNode[];
  Equal?: IToken[];
  expr?: ExprCstNode[];
  body?: BodyCstNode[];
};

export interface NetCstNode extends CstNode {
  name: "net";
  children: NetCstChildren;
}

export type NetCstChildren = {
  Net: IToken[];
  Name: IToken[];
  parameters: ParametersCstNode[];
  Arrow: IToken[];
  type: TypeCstNode[];
  body: BodyCstNode[];
};

export interface ParametersCstNode extends CstNode {
  name: "parameters";
  children: ParametersCstChildren;
}

export type ParametersCstChildren = {
  LParen: IToken[];
  typedName?: TypedNameCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface TypedNameCstNode extends CstNode {
  name: "typedName";
  children: TypedNameCstChildren;
}

export type TypedNameCstChildren = {
  Name: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
};

export interface ModelBlockCstNode extends CstNode {
  name: "modelBlock";
  children: ModelBlockCstChildren;
}

export type ModelBlockCstChildren = {
  Model: IToken[];
  body: BodyCstNode[];
};

export interface GuideBlockCstNode extends CstNode {
  name: "guideBlock";
  children: GuideBlockCstChildren;
}

export type GuideBlockCstChildren = {
  Guide: IToken[];
  body: BodyCstNode[];
};

export interface PredictBlockCstNode extends CstNode {
  name: "predictBlock";
  children: PredictBlockCstChildren;
}

export type PredictBlockCstChildren = {
  Predict: IToken[];
  LBrace: IToken[];
  dataBlock?: DataBlockCstNode[];
  statement?: StatementCstNode[];
  RBrace: IToken[];
};

export interface DataBlockCstNode extends CstNode {
  name: "dataBlock";
  children: DataBlockCstChildren;
}

export type DataBlockCstChildren = {
  Data: IToken[];
  LBrace: IToken[];
  dataItem?: DataItemCstNode[];
  RBrace: IToken[];
};

export interface DataItemCstNode extends CstNode {
  name: "dataItem";
  children: DataItemCstChildren;
}

export type DataItemCstChildren = {
  baseItem?: BaseItemCstNode[];
  dimItem?: DimItemCstNode[];
  declaration?: DeclarationCstNode[];
  Broken?: IToken[];
  Semicolon?: IToken[];
};

export interface BaseItemCstNode extends CstNode {
  name: "baseItem";
  children: BaseItemCstChildren;
}

export type BaseItemCstChildren = {
  Base: IToken[];
  Int: IToken[];
};

export interface DimItemCstNode extends CstNode {
  name: "dimItem";
  children: DimItemCstChildren;
}

export type DimItemCstChildren = {
  Dim: IToken[];
  dim: DimCstNode[];
  Comma?: IToken[];
};

export interface DimCstNode extends CstNode {
  name: "dim";
  children: DimCstChildren;
}

export type DimCstChildren = {
  Name: IToken[];
  From?: IToken[];
  String?: IToken[];
  Equal?: IToken[];
  expr?: ExprCstNode[];
};

export interface DeclarationCstNode extends CstNode {
  name: "declaration";
  children: DeclarationCstChildren;
}

export type DeclarationCstChildren = {
  typedName: TypedNameCstNode[];
  From?: IToken[];
  keys?: KeysCstNode[];
  Equal?: IToken[];
  expr?: ExprCstNode[];
};

export interface KeysCstNode extends CstNode {
  name: "keys";
  children: KeysCstChildren;
}

export type KeysCstChildren = {
  String?: (IToken)[];
  LSquare?: IToken[];
  Comma?: IToken[];
  RSquare?: IToken[];
};

export interface TypeCstNode extends CstNode {
  name: "type";
  children: TypeCstChildren;
}

export type TypeCstChildren = {
  arrayType?: ArrayTypeCstNode[];
  recordType?: RecordTypeCstNode[];
};

export interface ArrayTypeCstNode extends CstNode {
  name: "arrayType";
  children: ArrayTypeCstChildren;
}

export type ArrayTypeCstChildren = {
  Name: IToken[];
  LParen?: IToken[];
  argument?: SizeCstNode[];
  RParen?: IToken[];
  Question?: IToken[];
  LSquare?: IToken[];
  size?: SizeCstNode[];
  Comma?: IToken[];
  RSquare?: IToken[];
  bound?: BoundCstNode[];
};

export interface RecordTypeCstNode extends CstNode {
  name: "recordType";
  children: RecordTypeCstChildren;
}

export type RecordTypeCstChildren = {
  LBrace: IToken[];
  typedName: TypedNameCstNode[];
  Comma?: IToken[];
  RBrace: IToken[];
};

export interface SizeCstNode extends CstNode {
  name: "size";
  children: SizeCstChildren;
}

export type SizeCstChildren = {
  Name?: IToken[];
  Int?: IToken[];
};

export interface BoundCstNode extends CstNode {
  name: "bound";
  children: BoundCstChildren;
}

export type BoundCstChildren = {
  In?: IToken[];
  LSquare?: IToken[];
  expr?: (ExprCstNode)[];
  Comma?: IToken[];
  RSquare?: IToken[];
  operator?: (IToken)[];
  additive?: AdditiveCstNode[];
};

export interface BodyCstNode extends CstNode {
  name: "body";
  children: BodyCstChildren;
}

export type BodyCstChildren = {
  LBrace: IToken[];
  statement?: StatementCstNode[];
  RBrace: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  attribute?: AttributeCstNode[];
  sampleStatement?: SampleStatementCstNode[];
  observeStatement?: ObserveStatementCstNode[];
  letStatement?: LetStatementCstNode[];
  reportStatement?: ReportStatementCstNode[];
  paramStatement?: ParamStatementCstNode[];
  factorStatement?: FactorStatementCstNode[];
  returnStatement?: ReturnStatementCstNode[];
  plateStatement?: PlateStatementCstNode[];
  scanStatement?: ScanStatementCstNode[];
  ifStatement?: IfStatementCstNode[];
  defaultStatement?: DefaultStatementCstNode[];
  blockStatement?: BlockStatementCstNode[];
  brokenStatement?: BrokenStatementCstNode[];
  Semicolon?: IToken[];
};

export interface AttributeCstNode extends CstNode {
  name: "attribute";
  children: AttributeCstChildren;
}

export type AttributeCstChildren = {
  At: IToken[];
  Name: IToken[];
  args?: ArgsCstNode[];
};

export interface SampleStatementCstNode extends CstNode {
  name: "sampleStatement";
  children: SampleStatementCstChildren;
}

export type SampleStatementCstChildren = {
  Sample: IToken[];
  target: TargetCstNode[];
  Tilde: IToken[];
  expr: ExprCstNode[];
};

export interface ObserveStatementCstNode extends CstNode {
  name: "observeStatement";
  children: ObserveStatementCstChildren;
}

export type ObserveStatementCstChildren = {
  Observe: IToken[];
  target: TargetCstNode[];
  Tilde: IToken[];
  expr: ExprCstNode[];
};

export interface LetStatementCstNode extends CstNode {
  name: "letStatement";
  children: LetStatementCstChildren;
}

export type LetStatementCstChildren = {
  Let: IToken[];
  target: TargetCstNode[];
  Equal: IToken[];
  expr: ExprCstNode[];
};

export interface ReportStatementCstNode extends CstNode {
  name: "reportStatement";
  children: ReportStatementCstChildren;
}

export type ReportStatementCstChildren = {
  Report: IToken[];
  target: TargetCstNode[];
  Equal?: IToken[];
  expr?: ExprCstNode[];
};

export interface ParamStatementCstNode extends CstNode {
  name: "paramStatement";
  children: ParamStatementCstChildren;
}

export type ParamStatementCstChildren = {
  Param: IToken[];
  target: TargetCstNode[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equal: IToken[];
  expr: ExprCstNode[];
};

export interface FactorStatementCstNode extends CstNode {
  name: "factorStatement";
  children: FactorStatementCstChildren;
}

export type FactorStatementCstChildren = {
  Factor: IToken[];
  expr: ExprCstNode[];
};

export interface ReturnStatementCstNode extends CstNode {
  name: "returnStatement";
  children: ReturnStatementCstChildren;
}

export type ReturnStatementCstChildren = {
  Return: IToken[];
  expr: ExprCstNode[];
};

export interface PlateStatementCstNode extends CstNode {
  name: "plateStatement";
  children: PlateStatementCstChildren;
}

export type PlateStatementCstChildren = {
  Plate: IToken[];
  binder: BinderCstNode[];
  Comma?: IToken[];
  body: BodyCstNode[];
};

export interface ScanStatementCstNode extends CstNode {
  name: "scanStatement";
  children: ScanStatementCstChildren;
}

export type ScanStatementCstChildren = {
  Scan: IToken[];
  binder: BinderCstNode[];
  Reverse?: IToken[];
  Carry?: IToken[];
  carried?: CarriedCstNode[];
  Comma?: IToken[];
  body: BodyCstNode[];
};

export interface IfStatementCstNode extends CstNode {
  name: "ifStatement";
  children: IfStatementCstChildren;
}

export type IfStatementCstChildren = {
  If: IToken[];
  expr: ExprCstNode[];
  body: BodyCstNode[];
  elseClause?: ElseClauseCstNode[];
};

export interface ElseClauseCstNode extends CstNode {
  name: "elseClause";
  children: ElseClauseCstChildren;
}

export type ElseClauseCstChildren = {
  Else: IToken[];
  ifStatement?: IfStatementCstNode[];
  body?: BodyCstNode[];
};

export interface DefaultStatementCstNode extends CstNode {
  name: "defaultStatement";
  children: DefaultStatementCstChildren;
}

export type DefaultStatementCstChildren = {
  Default: IToken[];
  family: FamilyCstNode[];
};

export interface BlockStatementCstNode extends CstNode {
  name: "blockStatement";
  children: BlockStatementCstChildren;
}

export type BlockStatementCstChildren = {
  Block: IToken[];
  Name: IToken[];
  Comma?: IToken[];
  Colon: IToken[];
  family: FamilyCstNode[];
};

export interface BrokenStatementCstNode extends CstNode {
  name: "brokenStatement";
  children: BrokenStatementCstChildren;
}

export type BrokenStatementCstChildren = {
  Broken: IToken[];
  body?: BodyCstNode[];
  elseClause?: ElseClauseCstNode[];
};

export interface TargetCstNode extends CstNode {
  name: "target";
  children: TargetCstChildren;
}

export type TargetCstChildren = {
  Name: IToken[];
  subs?: SubsCstNode[];
};

export interface BinderCstNode extends CstNode {
  name: "binder";
  children: BinderCstChildren;
}

export type BinderCstChildren = {
  Name: IToken[];
  In: IToken[];
  size: SizeCstNode[];
};

export interface CarriedCstNode extends CstNode {
  name: "carried";
  children: CarriedCstChildren;
}

export type CarriedCstChildren = {
  Name: IToken[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equal?: IToken[];
  expr?: ExprCstNode[];
};

export interface FamilyCstNode extends CstNode {
  name: "family";
  children: FamilyCstChildren;
}

export type FamilyCstChildren = {
  Name: IToken[];
  args?: ArgsCstNode[];
};

export interface ArgsCstNode extends CstNode {
  name: "args";
  children: ArgsCstChildren;
}

export type ArgsCstChildren = {
  LParen: IToken[];
  arg?: ArgCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface ArgCstNode extends CstNode {
  name: "arg";
  children: ArgCstChildren;
}

export type ArgCstChildren = {
  Name?: IToken[];
  Equal?: IToken[];
  expr: ExprCstNode[];
};

export interface SubsCstNode extends CstNode {
  name: "subs";
  children: SubsCstChildren;
}

export type SubsCstChildren = {
  LSquare: IToken[];
  sub: SubCstNode[];
  Comma?: IToken[];
  RSquare: IToken[];
};

export interface SubCstNode extends CstNode {
  name: "sub";
  children: SubCstChildren;
}

export type SubCstChildren = {
  lower?: ExprCstNode[];
  DotDot?: (IToken)[];
  upper?: (ExprCstNode)[];
};

export interface ExprCstNode extends CstNode {
  name: "expr";
  children: ExprCstChildren;
}

export type ExprCstChildren = {
  ifExpr?: IfExprCstNode[];
  disjunction?: DisjunctionCstNode[];
};

export interface IfExprCstNode extends CstNode {
  name: "ifExpr";
  children: IfExprCstChildren;
}

export type IfExprCstChildren = {
  If: IToken[];
  condition: ExprCstNode[];
  Then: IToken[];
  then: ExprCstNode[];
  Else: IToken[];
  otherwise: ExprCstNode[];
};

export interface DisjunctionCstNode extends CstNode {
  name: "disjunction";
  children: DisjunctionCstChildren;
}

export type DisjunctionCstChildren = {
  operand: (ConjunctionCstNode)[];
  operator?: IToken[];
};

export interface ConjunctionCstNode extends CstNode {
  name: "conjunction";
  children: ConjunctionCstChildren;
}

export type ConjunctionCstChildren = {
  operand: (ComparisonCstNode)[];
  operator?: IToken[];
};

export interface ComparisonCstNode extends CstNode {
  name: "comparison";
  children: ComparisonCstChildren;
}

export type ComparisonCstChildren = {
  operand: (AdditiveCstNode)[];
  operator?: (IToken)[];
};

export interface AdditiveCstNode extends CstNode {
  name: "additive";
  children: AdditiveCstChildren;
}

export type AdditiveCstChildren = {
  operand: (ProductCstNode)[];
  operator?: (IToken)[];
};

export interface ProductCstNode extends CstNode {
  name: "product";
  children: ProductCstChildren;
}

export type ProductCstChildren = {
  operand: (UnaryCstNode)[];
  operator?: (IToken)[];
};

export interface UnaryCstNode extends CstNode {
  name: "unary";
  children: UnaryCstChildren;
}

export type UnaryCstChildren = {
  operator?: (IToken)[];
  unary?: UnaryCstNode[];
  power?: PowerCstNode[];
};

export interface PowerCstNode extends CstNode {
  name: "power";
  children: PowerCstChildren;
}

export type PowerCstChildren = {
  postfix: PostfixCstNode[];
  Caret?: IToken[];
  unary?: UnaryCstNode[];
};

export interface PostfixCstNode extends CstNode {
  name: "postfix";
  children: PostfixCstChildren;
}

export type PostfixCstChildren = {
  primary: PrimaryCstNode[];
  suffix?: SuffixCstNode[];
};

export interface SuffixCstNode extends CstNode {
  name: "suffix";
  children: SuffixCstChildren;
}

export type SuffixCstChildren = {
  subs?: SubsCstNode[];
  Dot?: IToken[];
  Name?: IToken[];
};

export interface PrimaryCstNode extends CstNode {
  name: "primary";
  children: PrimaryCstChildren;
}

export type PrimaryCstChildren = {
  nameOrCall?: NameOrCallCstNode[];
  Int?: IToken[];
  Real?: IToken[];
  String?: IToken[];
  True?: IToken[];
  False?: IToken[];
  parens?: ParensCstNode[];
  array?: ArrayCstNode[];
  record?: RecordCstNode[];
  Missing?: IToken[];
};

export interface NameOrCallCstNode extends CstNode {
  name: "nameOrCall";
  children: NameOrCallCstChildren;
}

export type NameOrCallCstChildren = {
  Name: IToken[];
  args?: ArgsCstNode[];
};

export interface ParensCstNode extends CstNode {
  name: "parens";
  children: ParensCstChildren;
}

export type ParensCstChildren = {
  LParen: IToken[];
  expr: ExprCstNode[];
  RParen: IToken[];
};

export interface ArrayCstNode extends CstNode {
  name: "array";
  children: ArrayCstChildren;
}

export type ArrayCstChildren = {
  LSquare: IToken[];
  comprehension?: ComprehensionCstNode[];
  expr?: ExprCstNode[];
  Comma?: IToken[];
  RSquare: IToken[];
};

export interface ComprehensionCstNode extends CstNode {
  name: "comprehension";
  children: ComprehensionCstChildren;
}

export type ComprehensionCstChildren = {
  binder: BinderCstNode[];
  Comma?: IToken[];
  Colon: IToken[];
  expr: ExprCstNode[];
};

export interface RecordCstNode extends CstNode {
  name: "record";
  children: RecordCstChildren;
}

export type RecordCstChildren = {
  LBrace: IToken[];
  field: FieldCstNode[];
  Comma?: IToken[];
  RBrace: IToken[];
};

export interface FieldCstNode extends CstNode {
  name: "field";
  children: FieldCstChildren;
}

export type FieldCstChildren = {
  Name: IToken[];
  Colon: IToken[];
  expr: ExprCstNode[];
};
