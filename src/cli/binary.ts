// Binary arrays → numbers and shape: NumPy's .npy (NEP 1), .npz (a ZIP archive of these), and IDX (LeCun's format of
// MNIST). The content tells them apart, not the name; gzip around them is undone.

import { gunzipSync } from "node:zlib";
import type { DataValue, NumericArray, TypedArray } from "../result.ts";
import { sizeOf } from "../ir/shape.ts";

export type BinaryValue = NumericArray | DataValue;
export type BinaryReading =
  | { readonly kind: "array"; readonly value: BinaryValue }
  | { readonly kind: "arrays"; readonly values: Readonly<Record<string, BinaryValue>> }
  | { readonly kind: "problem"; readonly why: string }
  /** The bytes are of none of these formats. */
  | { readonly kind: "other"; readonly bytes: Uint8Array };

/** Leaves the readers below; it never leaves this file. */
class BinaryProblem extends Error {}

function refuse(why: string): never {
  throw new BinaryProblem(why);
}

export async function readBinary(bytes: Uint8Array): Promise<BinaryReading> {
  try {
    return await readPlain(startsWith(bytes, [0x1f, 0x8b]) ? gunzip(bytes) : bytes);
  } catch (error) {
    if (error instanceof BinaryProblem) return { kind: "problem", why: error.message };
    throw error;
  }
}

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, i) => bytes[i] === byte);

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    return refuse("its gzip compression is damaged");
  }
}

async function readPlain(bytes: Uint8Array): Promise<BinaryReading> {
  if (startsWith(bytes, NPY_MAGIC)) return { kind: "array", value: readNpy(bytes) };
  if (startsWith(bytes, [0x50, 0x4b, 3, 4]) || startsWith(bytes, [0x50, 0x4b, 5, 6]))
    return { kind: "arrays", values: await readNpz(bytes) };
  if (startsWith(bytes, [0, 0]) && bytes[2]! in IDX_TYPES) return { kind: "array", value: readIdx(bytes) };
  return { kind: "other", bytes };
}

// ---------------------------------------------------------------------------------------- numbers

type Decode = { readonly size: number; readonly at: (view: DataView, offset: number, little: boolean) => number };

const DECODE = {
  f2: { size: 2, at: (v, o, e) => halfFloat(v.getUint16(o, e)) },
  f4: { size: 4, at: (v, o, e) => v.getFloat32(o, e) },
  f8: { size: 8, at: (v, o, e) => v.getFloat64(o, e) },
  i1: { size: 1, at: (v, o) => v.getInt8(o) },
  i2: { size: 2, at: (v, o, e) => v.getInt16(o, e) },
  i4: { size: 4, at: (v, o, e) => v.getInt32(o, e) },
  i8: { size: 8, at: (v, o, e) => Number(v.getBigInt64(o, e)) },
  u1: { size: 1, at: (v, o) => v.getUint8(o) },
  u2: { size: 2, at: (v, o, e) => v.getUint16(o, e) },
  u4: { size: 4, at: (v, o, e) => v.getUint32(o, e) },
  u8: { size: 8, at: (v, o, e) => Number(v.getBigUint64(o, e)) },
  b1: { size: 1, at: (v, o) => v.getUint8(o) },
} as const satisfies Record<string, Decode>;

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Entries in the order of the file. Bytes stay bytes: images are kept in an eighth of the memory. */
function decode({ size, at }: Decode, bytes: Uint8Array, start: number, count: number, little: boolean): TypedArray {
  const there = (bytes.length - start) / size;
  if (there < count) refuse(`it ends after ${Math.floor(there)} of ${count} entries`);
  if (there > count) refuse(`more bytes follow its ${count} entries`);
  if (at === DECODE.u1.at || at === DECODE.b1.at) return bytes.subarray(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  return Float64Array.from({ length: count }, (_, i) => at(view, i * size, little));
}

// ---------------------------------------------------------------------------------------- IDX

const IDX_TYPES: Readonly<Record<number, Decode>> = {
  0x08: DECODE.u1,
  0x09: DECODE.i1,
  0x0b: DECODE.i2,
  0x0c: DECODE.i4,
  0x0d: DECODE.f4,
  0x0e: DECODE.f8,
};

function readIdx(bytes: Uint8Array): NumericArray {
  const rank = bytes[3]!;
  if (bytes.length < 4 + 4 * rank) refuse("it ends inside its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, d) => view.getUint32(4 + 4 * d));
  return { shape, values: decode(IDX_TYPES[bytes[2]!]!, bytes, 4 + 4 * rank, sizeOf(shape), false) };
}

// ---------------------------------------------------------------------------------------- NumPy

const NPY_MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

async function readNpz(bytes: Uint8Array): Promise<Readonly<Record<string, BinaryValue>>> {
  const { unzipSync } = await import("fflate");
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch {
    return refuse("its ZIP archive is damaged");
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => {
      if (!startsWith(content, NPY_MAGIC)) refuse(`"${name}" inside it is no NumPy array`);
      return [name.replace(/\.npy$/, ""), readNpy(content)];
    }),
  );
}

type Header = {
  readonly order: string;
  readonly kind: string;
  readonly size: number;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
};

function readNpy(bytes: Uint8Array): BinaryValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wide = bytes[6]! > 1;
  const from = wide ? 12 : 10;
  if (bytes.length < from) refuse("it ends inside its header");
  const start = from + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < start) refuse("it ends inside its header");
  const header = npyHeader(new TextDecoder("latin1").decode(bytes.subarray(from, start)));
  if (header.kind === "U" || header.kind === "S") return npyStrings(header, bytes, start);
  const type = (DECODE as Readonly<Record<string, Decode>>)[`${header.kind}${header.size}`];
  if (type === undefined)
    return refuse(`its entries are of NumPy type "${header.kind}${header.size}", not numbers or strings`);
  const values = decode(type, bytes, start, sizeOf(header.shape), header.order !== ">");
  return {
    shape: header.shape,
    values: header.columnMajor ? Float64Array.from(rowMajor(values, header.shape)) : values,
  };
}

/** The header is a Python dictionary: { 'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }. */
function npyHeader(text: string): Header {
  const type = /'descr':\s*'([<>|=]?)([a-zA-Z])(\d*)'/.exec(text);
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text);
  if (shape === null) return refuse("its NumPy header cannot be read");
  if (type === null) return refuse("its entries are records, not numbers");
  return {
    order: type[1]!,
    kind: type[2]!,
    size: Number(type[3]),
    columnMajor: /'fortran_order':\s*True/.test(text),
    shape: shape[1]!
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map(Number),
  };
}

/** Column-major entries in row-major order. */
function rowMajor<Entry>(values: ArrayLike<Entry>, shape: readonly number[]): Entry[] {
  const index = new Array<number>(shape.length).fill(0);
  return Array.from({ length: values.length }, () => {
    const at = index.reduceRight((flat, i, d) => flat * shape[d]! + i, 0);
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d -= 1) index[d] = 0;
    return values[at]!;
  });
}

/** Names of members: UTF-32 (`U`) or bytes (`S`), padded with zeros. */
function npyStrings({ kind, size, order, shape, columnMajor }: Header, bytes: Uint8Array, start: number): DataValue {
  const width = kind === "U" ? 4 * size : size;
  const count = sizeOf(shape);
  if (bytes.length - start !== count * width) refuse(`it does not hold ${count} entries`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const one = (i: number): string => {
    const codes = Array.from({ length: size }, (_, c) =>
      kind === "U" ? view.getUint32(i * width + 4 * c, order !== ">") : view.getUint8(i * width + c),
    );
    return String.fromCodePoint(...codes).replace(/\0+$/, "");
  };
  const entries = Array.from({ length: count }, (_, i) => one(i));
  return nestedLists(columnMajor ? rowMajor(entries, shape) : entries, shape);
}

function nestedLists(entries: readonly string[], shape: readonly number[]): DataValue {
  const [size, ...rest] = shape;
  if (size === undefined) return entries[0]!;
  const step = sizeOf(rest);
  return Array.from({ length: size }, (_, i) => nestedLists(entries.slice(i * step, (i + 1) * step), rest));
}
