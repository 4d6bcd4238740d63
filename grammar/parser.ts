// The grammar of `.ppl` files, LL(2), as chevrotain rules without actions: tokens enter, a concrete tree leaves.
// `Broken` and `Missing` are put into the tokens by the recovery (src/syntax/recover.ts), so every tree is complete.

import {
  CstParser,
  defaultParserErrorProvider,
  LLkLookaheadStrategy,
  type ILookaheadStrategy,
  type IParserErrorMessageProvider,
  type TokenType,
} from "chevrotain";
import { tokens as t } from "./tokens.ts";

/** Messages are worded in src/syntax/parse-errors.ts; a mismatch only hands on the token that the rule wanted. */
const wantedTokenName: IParserErrorMessageProvider = {
  ...defaultParserErrorProvider,
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNoViableAltMessage: () => "",
  buildEarlyExitMessage: () => "",
  buildNotAllInputParsedMessage: () => "",
};

/** Tokens that any decision may look at. */
const LOOKAHEAD = 2;

/** LL(k) as chevrotain decides it, with the table of each decision computed when it is first met: most files use few
 *  rules. */
const decidedWhenMet = (): ILookaheadStrategy => {
  const strategy = new LLkLookaheadStrategy({ maxLookahead: LOOKAHEAD });
  return {
    validate: (grammar) => strategy.validate(grammar),
    buildLookaheadForAlternation: (decision) => whenMet(() => strategy.buildLookaheadForAlternation(decision)),
    buildLookaheadForOptional: (decision) => whenMet(() => strategy.buildLookaheadForOptional(decision)),
  };
};

/** The function that `build` gives, built at its first call; chevrotain calls it on the parser. */
function whenMet<Arguments extends unknown[], Result>(
  build: () => (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let built: ((...args: Arguments) => Result) | undefined;
  return function (this: unknown, ...args) {
    built ??= build();
    return built.apply(this, args);
  };
}

export class PplParser extends CstParser {
  // ------------------------------------------------------------------------------------------- files

  file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.item));
  });

  item = this.RULE("item", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importItem) },
      { ALT: () => this.SUBRULE(this.fun) },
      { ALT: () => this.SUBRULE(this.net) },
      { ALT: () => this.SUBRULE(this.dataBlock) },
      { ALT: () => this.SUBRULE(this.modelBlock) },
      { ALT: () => this.SUBRULE(this.guideBlock) },
      { ALT: () => this.SUBRULE(this.predictBlock) },
      { ALT: () => this.CONSUME(t.Broken) },
    ]);
  });

  importItem = this.RULE("importItem", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.String);
  });

  fun = this.RULE("fun", () => {
    this.CONSUME(t.Fun);
    this.CONSUME(t.Name);
    this.SUBRULE(this.parameters);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.type);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Equal);
          this.SUBRULE(this.expr);
        },
      },
      { ALT: () => this.SUBRULE(this.body) },
    ]);
  });

  net = this.RULE("net", () => {
    this.CONSUME(t.Net);
    this.CONSUME(t.Name);
    this.SUBRULE(this.parameters);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.type);
    this.SUBRULE(this.body);
  });

  parameters = this.RULE("parameters", () => {
    this.CONSUME(t.LParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.typedName) });
    this.CONSUME(t.RParen);
  });

  typedName = this.RULE("typedName", () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
  });

  modelBlock = this.RULE("modelBlock", () => {
    this.CONSUME(t.Model);
    this.SUBRULE(this.body);
  });

  guideBlock = this.RULE("guideBlock", () => {
    this.CONSUME(t.Guide);
    this.SUBRULE(this.body);
  });

  predictBlock = this.RULE("predictBlock", () => {
    this.CONSUME(t.Predict);
    this.CONSUME(t.LBrace);
    this.OPTION(() => this.SUBRULE(this.dataBlock));
    this.MANY(() => this.SUBRULE(this.statement));
    this.CONSUME(t.RBrace);
  });

  // ------------------------------------------------------------------------------------------- data and types

  dataBlock = this.RULE("dataBlock", () => {
    this.CONSUME(t.Data);
    this.CONSUME(t.LBrace);
    this.MANY(() => this.SUBRULE(this.dataItem));
    this.CONSUME(t.RBrace);
  });

  dataItem = this.RULE("dataItem", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.baseItem) },
      { ALT: () => this.SUBRULE(this.dimItem) },
      { ALT: () => this.SUBRULE(this.declaration) },
      { ALT: () => this.CONSUME(t.Broken) },
    ]);
    this.OPTION(() => this.CONSUME(t.Semicolon));
  });

  baseItem = this.RULE("baseItem", () => {
    this.CONSUME(t.Base);
    this.CONSUME(t.Int);
  });

  dimItem = this.RULE("dimItem", () => {
    this.CONSUME(t.Dim);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.dim) });
  });

  dim = this.RULE("dim", () => {
    this.CONSUME(t.Name);
    this.OPTION1(() => {
      this.CONSUME(t.From);
      this.CONSUME(t.String);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Equal);
      this.SUBRULE(this.expr);
    });
  });

  declaration = this.RULE("declaration", () => {
    this.SUBRULE(this.typedName);
    this.OPTION1(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.keys);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Equal);
      this.SUBRULE(this.expr);
    });
  });

  keys = this.RULE("keys", () => {
    this.OR([
      { ALT: () => this.CONSUME1(t.String) },
      {
        ALT: () => {
          this.CONSUME(t.LSquare);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME2(t.String) });
          this.CONSUME(t.RSquare);
        },
      },
    ]);
  });

  type = this.RULE("type", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.arrayType) }, { ALT: () => this.SUBRULE(this.recordType) }]);
  });

  arrayType = this.RULE("arrayType", () => {
    this.CONSUME(t.Name);
    this.OPTION1(() => {
      this.CONSUME(t.LParen);
      this.SUBRULE1(this.size, { LABEL: "argument" });
      this.CONSUME(t.RParen);
    });
    this.OPTION2(() => this.CONSUME(t.Question));
    this.OPTION3(() => {
      this.CONSUME(t.LSquare);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE2(this.size) });
      this.CONSUME(t.RSquare);
    });
    this.MANY(() => this.SUBRULE(this.bound));
  });

  recordType = this.RULE("recordType", () => {
    this.CONSUME(t.LBrace);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.typedName) });
    this.CONSUME(t.RBrace);
  });

  size = this.RULE("size", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Name) }, { ALT: () => this.CONSUME(t.Int) }]);
  });

  bound = this.RULE("bound", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.In);
          this.CONSUME(t.LSquare);
          this.SUBRULE1(this.expr);
          this.CONSUME(t.Comma);
          this.SUBRULE2(this.expr);
          this.CONSUME(t.RSquare);
        },
      },
      {
        ALT: () => {
          this.operator(t.Greater, t.GreaterEqual, t.Less, t.LessEqual);
          this.SUBRULE(this.additive);
        },
      },
    ]);
  });

  // ------------------------------------------------------------------------------------------- statements

  body = this.RULE("body", () => {
    this.CONSUME(t.LBrace);
    this.MANY(() => this.SUBRULE(this.statement));
    this.CONSUME(t.RBrace);
  });

  statement = this.RULE("statement", () => {
    this.MANY(() => this.SUBRULE(this.attribute));
    this.OR([
      { ALT: () => this.SUBRULE(this.sampleStatement) },
      { ALT: () => this.SUBRULE(this.observeStatement) },
      { ALT: () => this.SUBRULE(this.letStatement) },
      { ALT: () => this.SUBRULE(this.reportStatement) },
      { ALT: () => this.SUBRULE(this.paramStatement) },
      { ALT: () => this.SUBRULE(this.factorStatement) },
      { ALT: () => this.SUBRULE(this.returnStatement) },
      { ALT: () => this.SUBRULE(this.plateStatement) },
      { ALT: () => this.SUBRULE(this.scanStatement) },
      { ALT: () => this.SUBRULE(this.ifStatement) },
      { ALT: () => this.SUBRULE(this.defaultStatement) },
      { ALT: () => this.SUBRULE(this.blockStatement) },
      { ALT: () => this.SUBRULE(this.brokenStatement) },
    ]);
    this.OPTION(() => this.CONSUME(t.Semicolon));
  });

  attribute = this.RULE("attribute", () => {
    this.CONSUME(t.At);
    this.CONSUME(t.Name);
    this.OPTION(() => this.SUBRULE(this.args));
  });

  sampleStatement = this.RULE("sampleStatement", () => {
    this.CONSUME(t.Sample);
    this.SUBRULE(this.target);
    this.CONSUME(t.Tilde);
    this.SUBRULE(this.expr);
  });

  observeStatement = this.RULE("observeStatement", () => {
    this.CONSUME(t.Observe);
    this.SUBRULE(this.target);
    this.CONSUME(t.Tilde);
    this.SUBRULE(this.expr);
  });

  letStatement = this.RULE("letStatement", () => {
    this.CONSUME(t.Let);
    this.SUBRULE(this.target);
    this.CONSUME(t.Equal);
    this.SUBRULE(this.expr);
  });

  reportStatement = this.RULE("reportStatement", () => {
    this.CONSUME(t.Report);
    this.SUBRULE(this.target);
    this.OPTION(() => {
      this.CONSUME(t.Equal);
      this.SUBRULE(this.expr);
    });
  });

  paramStatement = this.RULE("paramStatement", () => {
    this.CONSUME(t.Param);
    this.SUBRULE(this.target);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Equal);
    this.SUBRULE(this.expr);
  });

  factorStatement = this.RULE("factorStatement", () => {
    this.CONSUME(t.Factor);
    this.SUBRULE(this.expr);
  });

  returnStatement = this.RULE("returnStatement", () => {
    this.CONSUME(t.Return);
    this.SUBRULE(this.expr);
  });

  plateStatement = this.RULE("plateStatement", () => {
    this.CONSUME(t.Plate);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.binder) });
    this.SUBRULE(this.body);
  });

  scanStatement = this.RULE("scanStatement", () => {
    this.CONSUME(t.Scan);
    this.SUBRULE(this.binder);
    this.OPTION1(() => this.CONSUME(t.Reverse));
    this.OPTION2(() => {
      this.CONSUME(t.Carry);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.carried) });
    });
    this.SUBRULE(this.body);
  });

  ifStatement = this.RULE("ifStatement", () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.expr);
    this.SUBRULE(this.body);
    this.OPTION(() => this.SUBRULE(this.elseClause));
  });

  elseClause = this.RULE("elseClause", () => {
    this.CONSUME(t.Else);
    this.OR([{ ALT: () => this.SUBRULE(this.ifStatement) }, { ALT: () => this.SUBRULE(this.body) }]);
  });

  defaultStatement = this.RULE("defaultStatement", () => {
    this.CONSUME(t.Default);
    this.SUBRULE(this.family);
  });

  blockStatement = this.RULE("blockStatement", () => {
    this.CONSUME(t.Block);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Name) });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.family);
  });

  /** What recovery leaves of an unreadable statement; the body of an unreadable header is still read. */
  brokenStatement = this.RULE("brokenStatement", () => {
    this.CONSUME(t.Broken);
    this.OPTION1(() => {
      this.SUBRULE(this.body);
      this.OPTION2(() => this.SUBRULE(this.elseClause));
    });
  });

  target = this.RULE("target", () => {
    this.CONSUME(t.Name);
    this.OPTION(() => this.SUBRULE(this.subs));
  });

  binder = this.RULE("binder", () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.In);
    this.SUBRULE(this.size);
  });

  carried = this.RULE("carried", () => {
    this.CONSUME(t.Name);
    this.OPTION1(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Equal);
      this.SUBRULE(this.expr);
    });
  });

  family = this.RULE("family", () => {
    this.CONSUME(t.Name);
    this.OPTION(() => this.SUBRULE(this.args));
  });

  args = this.RULE("args", () => {
    this.CONSUME(t.LParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.arg) });
    this.CONSUME(t.RParen);
  });

  arg = this.RULE("arg", () => {
    this.OPTION(() => {
      this.CONSUME(t.Name);
      this.CONSUME(t.Equal);
    });
    this.SUBRULE(this.expr);
  });

  subs = this.RULE("subs", () => {
    this.CONSUME(t.LSquare);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.sub) });
    this.CONSUME(t.RSquare);
  });

  sub = this.RULE("sub", () => {
    this.OR([
      {
        ALT: () => {
          this.SUBRULE1(this.expr, { LABEL: "lower" });
          this.OPTION1(() => {
            this.CONSUME1(t.DotDot);
            this.OPTION2(() => this.SUBRULE2(this.expr, { LABEL: "upper" }));
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME2(t.DotDot);
          this.OPTION3(() => this.SUBRULE3(this.expr, { LABEL: "upper" }));
        },
      },
    ]);
  });

  // ------------------------------------------------------------------------------------------- expressions

  expr = this.RULE("expr", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.ifExpr) }, { ALT: () => this.SUBRULE(this.disjunction) }]);
  });

  ifExpr = this.RULE("ifExpr", () => {
    this.CONSUME(t.If);
    this.SUBRULE1(this.expr, { LABEL: "condition" });
    this.CONSUME(t.Then);
    this.SUBRULE2(this.expr, { LABEL: "then" });
    this.CONSUME(t.Else);
    this.SUBRULE3(this.expr, { LABEL: "otherwise" });
  });

  disjunction = this.RULE("disjunction", () => {
    this.SUBRULE1(this.conjunction, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.OrOr, { LABEL: "operator" });
      this.SUBRULE2(this.conjunction, { LABEL: "operand" });
    });
  });

  conjunction = this.RULE("conjunction", () => {
    this.SUBRULE1(this.comparison, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.AndAnd, { LABEL: "operator" });
      this.SUBRULE2(this.comparison, { LABEL: "operand" });
    });
  });

  comparison = this.RULE("comparison", () => {
    this.SUBRULE1(this.additive, { LABEL: "operand" });
    this.OPTION(() => {
      this.operator(t.EqualEqual, t.NotEqual, t.Less, t.LessEqual, t.Greater, t.GreaterEqual);
      this.SUBRULE2(this.additive, { LABEL: "operand" });
    });
  });

  additive = this.RULE("additive", () => {
    this.SUBRULE1(this.product, { LABEL: "operand" });
    this.MANY(() => {
      this.operator(t.Plus, t.Minus);
      this.SUBRULE2(this.product, { LABEL: "operand" });
    });
  });

  product = this.RULE("product", () => {
    this.SUBRULE1(this.unary, { LABEL: "operand" });
    this.MANY(() => {
      this.operator(t.Star, t.Slash, t.Percent);
      this.SUBRULE2(this.unary, { LABEL: "operand" });
    });
  });

  unary = this.RULE("unary", () => {
    this.OR1([
      {
        ALT: () => {
          this.operator(t.Minus, t.Bang);
          this.SUBRULE(this.unary);
        },
      },
      { ALT: () => this.SUBRULE(this.power) },
    ]);
  });

  power = this.RULE("power", () => {
    this.SUBRULE(this.postfix);
    this.OPTION(() => {
      this.CONSUME(t.Caret);
      this.SUBRULE(this.unary);
    });
  });

  postfix = this.RULE("postfix", () => {
    this.SUBRULE(this.primary);
    this.MANY(() => this.SUBRULE(this.suffix));
  });

  suffix = this.RULE("suffix", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.subs) },
      {
        ALT: () => {
          this.CONSUME(t.Dot);
          this.CONSUME(t.Name);
        },
      },
    ]);
  });

  primary = this.RULE("primary", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.nameOrCall) },
      { ALT: () => this.CONSUME(t.Int) },
      { ALT: () => this.CONSUME(t.Real) },
      { ALT: () => this.CONSUME(t.String) },
      { ALT: () => this.CONSUME(t.True) },
      { ALT: () => this.CONSUME(t.False) },
      { ALT: () => this.SUBRULE(this.parens) },
      { ALT: () => this.SUBRULE(this.array) },
      { ALT: () => this.SUBRULE(this.record) },
      { ALT: () => this.CONSUME(t.Missing) },
    ]);
  });

  nameOrCall = this.RULE("nameOrCall", () => {
    this.CONSUME(t.Name);
    this.OPTION(() => this.SUBRULE(this.args));
  });

  parens = this.RULE("parens", () => {
    this.CONSUME(t.LParen);
    this.SUBRULE(this.expr);
    this.CONSUME(t.RParen);
  });

  array = this.RULE("array", () => {
    this.CONSUME(t.LSquare);
    this.OR([
      { ALT: () => this.SUBRULE(this.comprehension) },
      { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expr) }) },
    ]);
    this.CONSUME(t.RSquare);
  });

  comprehension = this.RULE("comprehension", () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.binder) });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.expr);
  });

  record = this.RULE("record", () => {
    this.CONSUME(t.LBrace);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.field) });
    this.CONSUME(t.RBrace);
  });

  field = this.RULE("field", () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.expr);
  });

  constructor(settings: { readonly skipValidations: boolean }) {
    super(Object.values(t), {
      maxLookahead: LOOKAHEAD,
      lookaheadStrategy: decidedWhenMet(),
      recoveryEnabled: false,
      nodeLocationTracking: "onlyOffset",
      skipValidations: settings.skipValidations,
      errorMessageProvider: wantedTokenName,
    });
    this.performSelfAnalysis();
  }

  /** One of several operators, under one label so that the tree keeps their order. */
  private operator(...types: readonly TokenType[]): void {
    this.OR9(types.map((type) => ({ ALT: () => this.CONSUME(type, { LABEL: "operator" }) })));
  }
}

let parser: PplParser | undefined;

/** The one parser of the process; built at the first call, since its analysis costs more than a parse. */
export function pplParser(): PplParser {
  parser ??= new PplParser({ skipValidations: true });
  return parser;
}
