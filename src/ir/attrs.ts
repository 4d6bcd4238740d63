// Typed reading of a node's attributes. A wrong type is a bug of a builder.

import { ice } from "../base/ice.ts";
import type { Attrs, AttrValue } from "./node.ts";

const wrong = (attrs: Attrs, key: string, wanted: string): never =>
  ice(`attribute ${key} should be ${wanted}, it is ${JSON.stringify(attrs[key]) ?? "absent"}`);

export function textAttr(attrs: Attrs, key: string): string {
  const value = attrs[key];
  return typeof value === "string" ? value : wrong(attrs, key, "a text");
}

export function numberAttr(attrs: Attrs, key: string): number {
  const value = attrs[key];
  return typeof value === "number" ? value : wrong(attrs, key, "a number");
}

export function flagAttr(attrs: Attrs, key: string): boolean {
  const value = attrs[key];
  return typeof value === "boolean" ? value : wrong(attrs, key, "a flag");
}

export function numbersAttr(attrs: Attrs, key: string): readonly number[] {
  const value = attrs[key];
  return Array.isArray(value) && value.every((v) => typeof v === "number") ? value : wrong(attrs, key, "numbers");
}

export function textsAttr(attrs: Attrs, key: string): readonly string[] {
  const value = attrs[key];
  return Array.isArray(value) && value.every((v) => typeof v === "string") ? value : wrong(attrs, key, "texts");
}

/** A text that two attribute values share exactly if they are the same (so -0 is not 0, and NaN is NaN). */
export function attrKey(value: AttrValue): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "object") return `[${value.map(attrKey).join(",")}]`;
  return JSON.stringify(value);
}
