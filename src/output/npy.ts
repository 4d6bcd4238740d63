// Arrays of numbers → NumPy's .npz: a ZIP archive with an .npy file (version 1.0, little-endian float64, row-major) per
// array.

import { zipSync } from "fflate";
import type { NumericArray } from "../result.ts";
import { littleEndian } from "./bytes.ts";

export const npz = (arrays: Readonly<Record<string, NumericArray>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([key, array]) => [`${key}.npy`, npy(array)])));

/** NEP 1: magic, version, length of the header, a Python dictionary padded to a multiple of 64 bytes, the entries. */
export function npy({ shape, values }: NumericArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = 64 * Math.ceil((10 + dictionary.length + 1) / 64) - 10;
  const header = `${dictionary.padEnd(length - 1)}\n`;
  const start = [0x93, ...ascii("NUMPY"), 1, 0, length & 255, length >> 8, ...ascii(header)];
  const bytes = new Uint8Array(start.length + 8 * values.length);
  bytes.set(start);
  bytes.set(littleEndian(values), start.length);
  return bytes;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
