// The binary format of a WebAssembly module: one memory, imported functions of numbers, exported functions. Bytes are appended to plain arrays.

/** Instructions and their operands, encoded. */
export type Code = number[];

export type Type = "i32" | "i64" | "f64" | "v128";
const TYPES: Readonly<Record<Type, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };

/** An imported function of `arity` numbers that gives a number. */
export type Import = { readonly name: string; readonly arity: number };

/** Where code leaves five bytes for the number of a function. */
export type Called = { readonly at: number; readonly name: string };

export type Func = {
  readonly name: string;
  readonly params: readonly Type[];
  readonly results?: readonly Type[];
  readonly calls?: readonly Called[];
  readonly locals: readonly Type[];
  readonly code: Code;
};

/** Appends a number in unsigned LEB128. */
export function writeUnsigned(code: Code, value: number): void {
  let rest = value;
  for (;;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    if (rest === 0) return void code.push(low);
    code.push(low | 0x80);
  }
}

/** Appends a whole number in signed LEB128. */
export function writeSigned(code: Code, value: number): void {
  let rest = value;
  for (;;) {
    const low = ((rest % 128) + 128) % 128;
    rest = Math.floor(rest / 128);
    if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) return void code.push(low);
    code.push(low | 0x80);
  }
}

export function unsigned(value: number): Code {
  const code: Code = [];
  writeUnsigned(code, value);
  return code;
}

export const float32 = (value: number): Code => [...new Uint8Array(Float32Array.of(value).buffer)];
export const float64 = (value: number): Code => [...new Uint8Array(Float64Array.of(value).buffer)];

const text = (value: string): Code => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
};
// Long arrays are joined by `concat`, which copies them at once.
const vector = (items: readonly Code[]): Code => unsigned(items.length).concat(...items);
const section = (id: number, content: Code): Code => [id].concat(unsigned(content.length), content);

const signature = (params: readonly Type[], results: readonly Type[]): Code => [
  0x60,
  ...vector(params.map((t) => [TYPES[t]])),
  ...vector(results.map((t) => [TYPES[t]])),
];

/** `\0asm`, version 1. */
const MAGIC: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Its one memory, of at least so many pages; of exactly so many where threads share it. */
export type Pages = { readonly pages: number; readonly isShared: boolean };

/** The bytes of a module with an imported memory `env.memory`. Function i has type i, and place i in the table. */
export function moduleBytes(
  imports: readonly Import[],
  functions: readonly Func[],
  { pages, isShared }: Pages,
): Uint8Array<ArrayBuffer> {
  const types = [
    ...functions.map(({ params, results = [] }) => signature(params, results)),
    ...imports.map(({ arity }) => signature(Array<Type>(arity).fill("f64"), ["f64"])),
  ];
  const numberOf = (name: string): number => imports.length + functions.findIndex((own) => own.name === name);
  const bodies = functions.map(({ locals, code, calls = [] }) => {
    for (const { at, name } of calls) code.splice(at, 5, ...inFive(numberOf(name)));
    const body = vector(runs(locals)).concat(code, 0x0b);
    return unsigned(body.length).concat(body);
  });
  const limits = isShared ? [0x03, ...unsigned(pages), ...unsigned(pages)] : [0x00, ...unsigned(pages)];
  const given = [
    ...imports.map(({ name }, i) => [...text("env"), ...text(name), 0x00, ...unsigned(functions.length + i)]),
    [...text("env"), ...text("memory"), 0x02, ...limits],
  ];
  const inTable = functions.map((_, i) => unsigned(imports.length + i));
  return new Uint8Array(
    MAGIC.concat(
      section(1, vector(types)),
      section(2, vector(given)),
      section(3, vector(functions.map((_, i) => unsigned(i)))),
      section(4, [...unsigned(1), 0x70, 0x00, ...unsigned(functions.length)]),
      section(7, vector(functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(imports.length + i)]))),
      section(9, vector([[0x00, 0x41, 0x00, 0x0b, ...vector(inTable)]])),
      section(10, vector(bodies)),
    ),
  );
}

/** Unsigned LEB128 in five bytes. */
const inFive = (value: number): Code =>
  [0, 7, 14, 21, 28].map((bits) => ((value >>> bits) & 0x7f) | (bits < 28 ? 0x80 : 0));

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
