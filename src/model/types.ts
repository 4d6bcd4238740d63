// Types of expressions: element, and a shape of named and numbered sizes. One place decides which shapes agree and
// which elements combine.

/** A dim by name, a number, or a number that is known at load only. */
export type Size = string | number | null;
export type Shape = readonly Size[];
/** `index(D)` names a dim; a number (or null) is the size of an anonymous one: `plate i in 3`, `Categorical([0.2,
 *  0.8])`. */
export type Elem = { readonly kind: "real" | "int" | "bool" } | { readonly kind: "index"; readonly dim: Size };

export type ArrayType = { readonly kind: "array"; readonly elem: Elem; readonly shape: Shape };
export type RecordType = { readonly kind: "record"; readonly fields: Readonly<Record<string, Type>> };
export type Type = ArrayType | RecordType;

export const real: Elem = { kind: "real" };
export const int: Elem = { kind: "int" };
export const bool: Elem = { kind: "bool" };
export const index = (dim: Size): Elem => ({ kind: "index", dim });
export const array = (elem: Elem, shape: Shape): ArrayType => ({ kind: "array", elem, shape });

// ---------------------------------------------------------------------------------------- text

export const showSize = (size: Size): string => (size === null ? "?" : String(size));
export const showShape = (shape: Shape): string => `[${shape.map(showSize).join(", ")}]`;
export const showElem = (elem: Elem): string => (elem.kind === "index" ? `index(${showSize(elem.dim)})` : elem.kind);

/** `real[N, 2]`, `index(K)[T]`. */
export function showType(type: Type): string {
  if (type.kind === "record") {
    return `{ ${Object.entries(type.fields)
      .map(([name, t]) => `${name}: ${showType(t)}`)
      .join(", ")} }`;
  }
  return type.shape.length === 0 ? showElem(type.elem) : `${showElem(type.elem)}${showShape(type.shape)}`;
}

// ---------------------------------------------------------------------------------------- elements

/** bool → int → real is implicit. */
const RANK = { bool: 0, int: 1, real: 2 } as const;

/** The element that both become: the later of bool, int, real; an index only with an index of the same dim. */
export function joinElems(a: Elem, b: Elem): Elem | null {
  if (a.kind === "index" || b.kind === "index") {
    if (a.kind !== "index" || b.kind !== "index" || !sizesAgree(a.dim, b.dim)) return null;
    return index(joinSizes(a.dim, b.dim));
  }
  return RANK[a.kind] >= RANK[b.kind] ? a : b;
}

/** A value of element `from` is accepted where `to` is wanted, without any conversion that is written. */
export function elemFits(from: Elem, to: Elem): boolean {
  if (from.kind === "index") return to.kind === "index" ? sizesAgree(from.dim, to.dim) : to.kind !== "bool";
  return to.kind !== "index" && RANK[from.kind] <= RANK[to.kind];
}

// ---------------------------------------------------------------------------------------- sizes and shapes

/** Two sizes agree: the same name, or at least one is a number (numbers must be equal where both are known). */
export function sizesAgree(a: Size, b: Size): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b;
  return typeof a === "number" && typeof b === "number" ? a === b : true;
}

/** Of two sizes that agree the one that says more: a name, else a number. */
export function joinSizes(a: Size, b: Size): Size {
  if (typeof a === "string" || b === null) return a;
  return typeof b === "string" || a === null ? b : a;
}

/** How sizes are compared: by `sizesAgree` before data is read, by number after it. */
export type Agree = (a: Size, b: Size) => boolean;

export const shapesAgree = (a: Shape, b: Shape, agree: Agree = sizesAgree): boolean =>
  a.length === b.length && a.every((size, i) => agree(size, b[i] ?? null));

/** A value of type `from` is accepted where `to` is wanted: same shape, element by `elemFits`, records field by
 *  field. */
export function typeFits(from: Type, to: Type): boolean {
  if (from.kind === "record" || to.kind === "record") {
    if (from.kind !== "record" || to.kind !== "record") return false;
    const names = Object.keys(to.fields);
    return (
      names.length === Object.keys(from.fields).length &&
      names.every((name) => Object.hasOwn(from.fields, name) && typeFits(from.fields[name]!, to.fields[name]!))
    );
  }
  return elemFits(from.elem, to.elem) && shapesAgree(from.shape, to.shape);
}

/** The type of a whole value whose members, along `front`, have type `type`. */
export function prefixed(front: Shape, type: Type): Type {
  if (front.length === 0) return type;
  if (type.kind === "array") return array(type.elem, [...front, ...type.shape]);
  return {
    kind: "record",
    fields: Object.fromEntries(Object.entries(type.fields).map(([n, t]) => [n, prefixed(front, t)])),
  };
}

// ---------------------------------------------------------------------------------------- alignment

/** For each position of `to`, the position of `from` that it takes its index from, or null where `from` is repeated.
 *  language.md section 3: scalar; equal rank by agreement; aligned by name; aligned at the end. */
export type Alignment = readonly (number | null)[];

export type Aligned = { readonly shape: Shape; readonly alignments: readonly Alignment[] };
/** Why shapes do not combine: `left` and `right` are two that disagree. */
export type Misaligned = { readonly problem: "differ" | "ambiguous"; readonly left: Shape; readonly right: Shape };

/** The shape of an elementwise operation on values of these shapes, and how each is laid along it. */
export function align(shapes: readonly Shape[], agree: Agree = sizesAgree): Aligned | Misaligned {
  const order = shapes.map((_, i) => i).sort((a, b) => shapes[b]!.length - shapes[a]!.length);
  const alignments: Alignment[] = shapes.map(() => []);
  let shape: Shape = shapes[order[0] ?? 0] ?? [];
  for (const i of order) {
    const from = shapes[i]!;
    const found = alignTo(shape, from, agree);
    if (typeof found === "string") return { problem: found, left: shape, right: from };
    alignments[i] = found;
    shape = shape.map((size, at) => (found[at] === null ? size : joinSizes(size, from[found[at]!] ?? null)));
  }
  return { shape, alignments };
}

/** How `from`, of no more dims than `to`, is laid along it. */
function alignTo(to: Shape, from: Shape, agree: Agree): Alignment | Misaligned["problem"] {
  if (from.length === 0) return to.map(() => null);
  if (from.length === to.length) return shapesAgree(to, from, agree) ? to.map((_, i) => i) : "differ";
  if (from.every((size) => typeof size === "string")) return alignByName(to, from);
  const skipped = to.length - from.length;
  return shapesAgree(to.slice(skipped), from, agree) ? to.map((_, i) => (i < skipped ? null : i - skipped)) : "differ";
}

function alignByName(to: Shape, from: Shape): Alignment | Misaligned["problem"] {
  const positions = from.map((name) => to.flatMap((size, i) => (size === name ? [i] : [])));
  if (positions.some((found) => found.length === 0)) return "differ";
  if (positions.some((found) => found.length > 1)) return "ambiguous";
  const at = positions.map((found) => found[0]!);
  if (at.some((position, i) => i > 0 && position <= at[i - 1]!)) return "differ";
  return to.map((_, i) => (at.includes(i) ? at.indexOf(i) : null));
}
