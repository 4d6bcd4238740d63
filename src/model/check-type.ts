// Types as written → types. Sizes are looked up; bounds are expressions of data.

import { didYouMean } from "../base/suggest.ts";
import type * as Ast from "../syntax/ast.ts";
import { checkExpr, needData } from "./check-expr.ts";
import { fault, sizeOf, textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { typeHint } from "./foreign-names.ts";
import type { Bound, Expr } from "./model.ts";
import { align, array, bool, index, int, real, showType } from "./types.ts";
import type { ArrayType, Elem, Size, Type } from "./types.ts";

const ELEMS: Readonly<Record<string, Elem>> = { real, int, bool };
const TYPE_NAMES = ["real", "int", "bool", "index"];

/** The type without bounds; null after an error. */
export function checkType(node: Ast.TypeNode, env: Env): Type | null {
  if (node.kind === "type") return checkArrayType(node, env);
  const fields: Record<string, Type> = {};
  let sound = true;
  for (const { name, type } of node.fields) {
    const found = checkType(type, env);
    if (Object.hasOwn(fields, name.text)) fault(env, "PPL203", name.span, { name: name.text });
    if (found === null || Object.hasOwn(fields, name.text)) sound = false;
    else fields[name.text] = found;
  }
  return sound ? { kind: "record", fields } : null;
}

export function checkArrayType(node: Ast.ArrayType, env: Env): ArrayType | null {
  const elem = checkElem(node, env);
  const sizes = node.sizes.map((size) => sizeOf(env, size));
  if (elem === null || sizes.includes(null)) return null;
  return array(
    elem,
    sizes.map((entry): Size => entry!.size),
  );
}

function checkElem({ name, argument, span }: Ast.ArrayType, env: Env): Elem | null {
  if (name.text === "index") {
    if (argument === null)
      return fault(env, "PPL308", span, { of: "`index`", problem: "needs the dim of its members: index(D)" });
    const entry = sizeOf(env, argument);
    return entry === null ? null : index(entry.size);
  }
  const elem = Object.hasOwn(ELEMS, name.text) ? ELEMS[name.text]! : null;
  if (elem === null) {
    return fault(
      env,
      "PPL202",
      name.span,
      { what: "type", name: name.text },
      { hint: typeHint(name.text) ?? didYouMean(name.text, TYPE_NAMES) ?? `types are ${TYPE_NAMES.join(", ")}` },
    );
  }
  if (argument !== null)
    return fault(env, "PPL308", span, {
      of: `\`${name.text}\``,
      problem: "has no argument; sizes stand in brackets: real[N]",
    });
  return elem;
}

// ---------------------------------------------------------------------------------------- bounds

/** The bounds of a declaration; `in [a, b]` is two of them. Wrong ones are reported and left out. */
export function checkBounds(node: Ast.ArrayType, type: ArrayType, env: Env): readonly Bound[] {
  if (node.bounds.length > 0 && (type.elem.kind === "index" || type.elem.kind === "bool")) {
    fault(env, "PPL308", node.bounds[0]!.span, {
      of: `\`${showType(type)}\``,
      problem: "takes no bounds: its values are known",
    });
    return [];
  }
  return node.bounds.flatMap((bound): Bound[] => {
    const parts =
      bound.kind === "in"
        ? ([
            [">=", bound.lower],
            ["<=", bound.upper],
          ] as const)
        : ([[bound.kind, bound.value]] as const);
    return parts.flatMap(([kind, value]): Bound[] => {
      const checked = checkBound(value, type, env);
      return checked === null ? [] : [{ kind, value: checked }];
    });
  });
}

/** A number that is known from data, one for all entries or one for each. */
function checkBound(node: Ast.Expr, type: ArrayType, env: Env): Expr | null {
  const value = checkExpr(node, env);
  if (value === null || !needData(env, value, "a bound")) return null;
  if (value.type.kind === "record" || value.type.elem.kind === "index") {
    return fault(env, "PPL306", node.span, {
      value: textOf(node.span),
      found: showType(value.type),
      op: "a bound",
      wants: "a number",
    });
  }
  const aligned = align([type.shape, value.type.shape]);
  if ("problem" in aligned || aligned.shape.length !== type.shape.length) {
    return fault(env, "PPL301", node.span, {
      value: textOf(node.span),
      shape: value.type.shape,
      other: "what it bounds",
      wanted: type.shape,
    });
  }
  return value;
}
