// The binary format of a WebAssembly module: one memory, imported functions of numbers, exported functions. Bytes are appended to plain arrays.

/** Instructions and their operands, encoded. */
export type Code = number[];

export type Type = "i32" | "f64" | "v128";
const TYPES: Readonly<Record<Type, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

/** An imported function of `arity` numbers that gives a number. */
export type Import = { readonly name: string; readonly arity: number };

export type Func = {
  readonly name: string;
  readonly params: readonly Type[];
  readonly locals: readonly Type[];
  readonly code: Code;
};

/** Unsigned LEB128. */
export function unsigned(value: number): Code {
  const bytes: Code = [];
  let rest = value;
  for (;;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    if (rest === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** Signed LEB128 of a 32-bit number. */
export function signed(value: number): Code {
  const bytes: Code = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

export const float32 = (value: number): Code => [...new Uint8Array(Float32Array.of(value).buffer)];
export const float64 = (value: number): Code => [...new Uint8Array(Float64Array.of(value).buffer)];

const text = (value: string): Code => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
};
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];

const signature = (params: readonly Type[], results: readonly Type[]): Code => [
  0x60,
  ...vector(params.map((t) => [TYPES[t]])),
  ...vector(results.map((t) => [TYPES[t]])),
];

/** The bytes of a module with an imported memory `env.memory` of at least `pages`. */
export function moduleBytes(
  imports: readonly Import[],
  functions: readonly Func[],
  pages: number,
): Uint8Array<ArrayBuffer> {
  const types = [
    ...imports.map(({ arity }) => signature(Array<Type>(arity).fill("f64"), ["f64"])),
    ...functions.map(({ params }) => signature(params, [])),
  ];
  const bodies = functions.map(({ locals, code }) => {
    const body = [...vector(runs(locals)), ...code, 0x0b];
    return append(unsigned(body.length), body);
  });
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    0x01,
    0x00,
    0x00,
    0x00,
    ...section(1, vector(types)),
    ...section(
      2,
      vector([
        ...imports.map(({ name }, i) => [...text("env"), ...text(name), 0x00, ...unsigned(i)]),
        [...text("env"), ...text("memory"), 0x02, 0x00, ...unsigned(pages)],
      ]),
    ),
    ...section(3, vector(functions.map((_, i) => unsigned(imports.length + i)))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(imports.length + i)]))),
    ...section(10, vector(bodies)),
  ]);
}

const append = (a: Code, b: Code): Code => a.concat(b);

/** Locals in runs of one type. */
function runs(locals: readonly Type[]): readonly Code[] {
  const found: { type: Type; count: number }[] = [];
  for (const type of locals) {
    const last = found.at(-1);
    if (last?.type === type) last.count++;
    else found.push({ type, count: 1 });
  }
  return found.map(({ type, count }) => [...unsigned(count), TYPES[type]]);
}
