// Numbers and names as bytes, little-endian whatever the machine is.

/** Float64. */
export function littleEndian(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i]!, true);
  return bytes;
}

/** UTF-32, every name padded with zeros to `width` characters. */
export function utf32(names: readonly string[], width: number): Uint8Array {
  const bytes = new Uint8Array(4 * width * names.length);
  const view = new DataView(bytes.buffer);
  names.forEach((name, i) =>
    [...name].forEach((char, c) => view.setUint32(4 * (i * width + c), char.codePointAt(0)!, true)),
  );
  return bytes;
}

/** 64-bit integers. */
export function int64(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setBigInt64(8 * i, BigInt(value), true));
  return bytes;
}
