// Groups of named arrays → a Zarr store (specification version 2) as files: one uncompressed chunk per array, dims as
// xarray names them, and consolidated metadata, so that a reader opens it at once.
// https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html

import { int64, littleEndian, utf32 } from "./bytes.ts";
import type { File } from "./data-files.ts";

export type Variable = {
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  readonly values:
    | { readonly kind: "real"; readonly values: ArrayLike<number> }
    | { readonly kind: "int"; readonly values: readonly number[] }
    | { readonly kind: "text"; readonly values: readonly string[] };
};
export type Attributes = Readonly<Record<string, string | number | boolean>>;
export type Group = { readonly variables: Readonly<Record<string, Variable>>; readonly attributes: Attributes };

const VERSION = { zarr_format: 2 };

/** The store's files, below `folder`. */
export function zarrStore(
  folder: string,
  groups: Readonly<Record<string, Group>>,
  attributes: Attributes,
): readonly File[] {
  const metadata: Record<string, object> = { ".zgroup": VERSION, ".zattrs": attributes };
  const chunks: File[] = [];
  for (const [name, group] of Object.entries(groups)) {
    metadata[`${name}/.zgroup`] = VERSION;
    metadata[`${name}/.zattrs`] = group.attributes;
    for (const [path, variable] of arraysOf(name, group)) {
      const { type, bytes } = encode(variable.values);
      metadata[`${path}/.zarray`] = header(variable.shape, type);
      metadata[`${path}/.zattrs`] = { _ARRAY_DIMENSIONS: variable.dims };
      // A chunk of an empty array does not exist; that of a scalar is called 0.
      if (bytes.length > 0)
        chunks.push({ path: `${folder}/${path}/${variable.shape.map(() => 0).join(".") || "0"}`, content: bytes });
    }
  }
  const files = Object.entries(metadata).map(([path, value]) => ({
    path: `${folder}/${path}`,
    content: `${JSON.stringify(value, null, 2)}\n`,
  }));
  const consolidated = { zarr_consolidated_format: 1, metadata };
  return [...files, { path: `${folder}/.zmetadata`, content: `${JSON.stringify(consolidated)}\n` }, ...chunks];
}

/** Every variable under a path of its own: characters that a path cannot hold are replaced. */
function arraysOf(group: string, { variables }: Group): readonly (readonly [string, Variable])[] {
  const taken = new Set<string>();
  return Object.entries(variables).map(([name, variable]) => {
    let path = name.replace(/[^\p{L}\p{N}_.[\]{}() ,=+-]|^\.+/gu, "_");
    while (taken.has(path)) path += "_";
    taken.add(path);
    return [`${group}/${path}`, variable];
  });
}

function header(shape: readonly number[], type: string): object {
  const chunks = shape.map((size) => Math.max(size, 1));
  return {
    ...VERSION,
    shape,
    chunks,
    dtype: type,
    compressor: null,
    filters: null,
    fill_value: type === "<f8" ? "NaN" : null,
    order: "C",
  };
}

function encode(values: Variable["values"]): { readonly type: string; readonly bytes: Uint8Array } {
  switch (values.kind) {
    case "real":
      return { type: "<f8", bytes: littleEndian(values.values) };
    case "int":
      return { type: "<i8", bytes: int64(values.values) };
    case "text": {
      const width = Math.max(1, ...values.values.map((name) => [...name].length));
      return { type: `<U${width}`, bytes: utf32(values.values, width) };
    }
  }
}
