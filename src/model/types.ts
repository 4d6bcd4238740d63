// Types of expressions: element, and a shape of named and numbered sizes. One place decides which shapes agree.

/** A dim by name, a number, or a number that is known at load only. */
export type Size = string | number | null;
export type Shape = readonly Size[];
export type Elem = { readonly kind: "real" | "int" | "bool" } | { readonly kind: "index"; readonly dim: string };

export type ArrayType = { readonly kind: "array"; readonly elem: Elem; readonly shape: Shape };
export type RecordType = { readonly kind: "record"; readonly fields: Readonly<Record<string, Type>> };
export type Type = ArrayType | RecordType;

export const real: Elem = { kind: "real" };
export const int: Elem = { kind: "int" };
export const bool: Elem = { kind: "bool" };
export const array = (elem: Elem, shape: Shape): ArrayType => ({ kind: "array", elem, shape });

/** Two sizes agree: the same name, or at least one is a number (numbers must be equal where both are known). */
export function sizesAgree(a: Size, b: Size): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b;
  return typeof a === "number" && typeof b === "number" ? a === b : true;
}

/** `real[N, 2]`, `index(K)[T]`. */
export function showType(type: Type): string {
  if (type.kind === "record") {
    return `{ ${Object.entries(type.fields).map(([name, t]) => `${name}: ${showType(t)}`).join(", ")} }`;
  }
  const elem = type.elem.kind === "index" ? `index(${type.elem.dim})` : type.elem.kind;
  return type.shape.length === 0 ? elem : `${elem}${showShape(type.shape)}`;
}

export const showShape = (shape: Shape): string => `[${shape.map((s) => s ?? "?").join(", ")}]`;

/** For each position of `to`, the position of `from` that it takes its index from, or null where `from` is repeated.
 *  language.md section 3: scalar; equal rank by agreement; aligned by name; aligned at the end. */
export type Alignment = readonly (number | null)[];
