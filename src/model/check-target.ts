// Left sides of definitions and the attributes before them: which plates a name carries, which estimator and output
// name are wished.

import { didYouMean } from "../base/suggest.ts";
import type * as Ast from "../syntax/ast.ts";
import { wordOf } from "../syntax/words.ts";
import { fault, find, textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { unwrap } from "./check-subscript.ts";
import type { Options, PlateAxis, Symbol, Wish } from "./model.ts";

/** The plates whose indices stand behind a name, as written. */
export type Carried = { readonly axes: readonly PlateAxis[]; readonly owners: readonly Symbol[] };

/** `verb` null: any of the plates may be missing (a `let`). Null after PPL205. */
export function checkTarget(target: Ast.Target, verb: string | null, env: Env): Carried | null {
  const name = target.name.text;
  const owners: Symbol[] = [];
  for (const sub of target.subs ?? []) {
    const owner = plateIndex(sub, env);
    if (owner === null || owners.includes(owner)) {
      return fault(env, "PPL205", sub.span, { name, sub: textOf(sub.span) }, { hint: targetHint(target, verb, env) });
    }
    owners.push(owner);
  }
  const missing = env.plates.map(({ symbol }) => symbol).filter((index) => !owners.includes(index));
  if (verb !== null && missing.length > 0) {
    const open = env.plates.map(({ symbol }) => symbol.name);
    const names = missing.map((index) => index.name);
    const shared = `for one value shared by all ${names.join(", ")}, move the statement out of the plate`;
    return fault(
      env,
      "PPL205",
      target.name.span,
      { name, verb, open, missing: names },
      {
        hint: `write ${name}[${open.join(", ")}]; ${shared}`,
      },
    );
  }
  const axes = owners.map((owner) => env.plates.find(({ symbol }) => symbol === owner)!.plate);
  return { axes, owners };
}

/** `sample mu[N] ~ …`: a dim where an index belongs. */
function targetHint({ name, subs }: Ast.Target, verb: string | null, env: Env): string {
  const [only] = subs?.length === 1 ? subs : [];
  const dim =
    only?.kind === "index" && only.value.kind === "name" && env.sizes.has(only.value.name.text)
      ? only.value.name.text
      : null;
  return dim === null
    ? "write the indices of the plates around it, each once"
    : `an index is introduced by a plate: plate i in ${dim} { ${verb === "sampled" ? "sample" : "let"} ${name.text}[i] … }`;
}

/** The open plate's index that a subscript is. */
function plateIndex(sub: Ast.Sub, env: Env): Symbol | null {
  const value = sub.kind === "index" ? unwrap(sub.value) : null;
  const symbol = value?.kind === "name" ? find(env.scope, value.name.text)?.symbol : null;
  return env.plates.find((binder) => binder.symbol === symbol)?.symbol ?? null;
}

// ---------------------------------------------------------------------------------------- attributes

export type Attributes = {
  readonly estimator: Wish | null;
  readonly outputName: string | null;
  readonly marginal: boolean;
};

const KNOWN = ["estimator", "name", "marginal"];

/** `allowed`: the attributes that this kind of statement takes. Others are PPL202. */
export function checkAttributes(statement: Ast.Statement, allowed: readonly string[], env: Env): Attributes {
  let estimator: Wish | null = null;
  let outputName: string | null = null;
  let marginal = false;
  for (const attribute of statement.attributes) {
    const { text, span } = attribute.name;
    if (!KNOWN.includes(text))
      fault(env, "PPL202", span, { what: "attribute", name: text }, { hint: didYouMean(text, KNOWN) });
    else if (!allowed.includes(text)) {
      fault(
        env,
        "PPL202",
        span,
        { what: `attribute of \`${statement.kind}\``, name: text },
        { hint: "@estimator belongs to `sample`, @marginal to `sample` and `observe`, @name to `sample` and `report`" },
      );
    } else if (text === "marginal") marginal = true;
    else if (text === "estimator") estimator = checkWish(attribute, env);
    else outputName = checkOutputName(attribute, env);
  }
  return { estimator, outputName, marginal };
}

function checkOutputName({ args, span }: Ast.Attribute, env: Env): string | null {
  const value = args.length === 1 && args[0]!.name === null ? args[0]!.value : null;
  if (value?.kind === "string" && value.value.length > 0) return value.value;
  return fault(env, "PPL308", span, { of: "`@name`", problem: 'needs the name as a string: @name("…")' });
}

/** `@estimator(name, option = …)`, the name in quotes where it has a plus. Whether there is such an estimator is known
 *  where estimators are. */
function checkWish({ args, span }: Ast.Attribute, env: Env): Wish | null {
  const [first, ...rest] = args;
  const options = checkOptions(rest, "`@estimator`", env);
  const name = first?.name === null ? wordOf(first.value) : null;
  if (name === null) {
    return fault(env, "PPL308", span, {
      of: "`@estimator`",
      problem: 'needs the name of an estimator: @estimator(path), @estimator(reinmax-rao), @estimator("arsm+")',
    });
  }
  return options === null ? null : { name, options, span };
}

/** `name = literal`, where a bare name counts as a string. */
export function checkOptions(args: readonly Ast.Arg[], of: string, env: Env): Options | null {
  const options = args.map((arg) => {
    const value = literalOf(arg.value);
    if (arg.name === null || value === null) {
      return fault(env, "PPL308", arg.span, {
        of,
        problem: "takes options as name = value, the value a number, a word, true or false",
      });
    }
    return { name: arg.name.text, value };
  });
  return options.every((option) => option !== null) ? options : null;
}

/** A number, word, string, true or false as it stands. */
export function literalOf(node: Ast.Expr): number | string | boolean | null {
  switch (node.kind) {
    case "int":
    case "real":
    case "bool":
      return node.value;
    case "name":
    case "string":
    case "binary":
      return wordOf(node);
    case "unary": {
      const inner = node.op === "-" ? literalOf(node.operand) : null;
      return typeof inner === "number" ? -inner : null;
    }
    default:
      return null;
  }
}
