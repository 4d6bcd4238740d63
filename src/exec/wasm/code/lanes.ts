// The two precisions as vectors of 128 bits: how many numbers a vector holds, and the instructions on them. Opcodes as in the WebAssembly SIMD proposal.

export type Precision = "f64" | "f32";

export type LaneOp =
  | "loadSplat"
  | "loadZero"
  | "loadLane"
  | "storeLane"
  | "splat"
  | "extract"
  | "replace"
  | "eq"
  | "ne"
  | "lt"
  | "gt"
  | "le"
  | "ge"
  | "ceil"
  | "floor"
  | "trunc"
  | "nearest"
  | "abs"
  | "neg"
  | "sqrt"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "pmin"
  | "pmax"
  /** On the bits of a number as a whole number of its width. */
  | "shiftLeft"
  | "shiftRight"
  | "addInt"
  | "subInt"
  /** The highest bit of every number, in a word. */
  | "bitmask"
  /** To whole numbers of 32 bits, in the first lanes. */
  | "toInt";

export type Lanes = {
  readonly name: Precision;
  readonly count: number;
  /** Of one number. */
  readonly bytes: number;
  readonly op: Readonly<Record<LaneOp, number>>;
};

export const F64: Lanes = {
  name: "f64",
  count: 2,
  bytes: 8,
  op: {
    loadSplat: 0x0a,
    loadZero: 0x5d,
    loadLane: 0x57,
    storeLane: 0x5b,
    splat: 0x14,
    extract: 0x21,
    replace: 0x22,
    eq: 0x47,
    ne: 0x48,
    lt: 0x49,
    gt: 0x4a,
    le: 0x4b,
    ge: 0x4c,
    ceil: 0x74,
    floor: 0x75,
    trunc: 0x7a,
    nearest: 0x94,
    abs: 0xec,
    neg: 0xed,
    sqrt: 0xef,
    add: 0xf0,
    sub: 0xf1,
    mul: 0xf2,
    div: 0xf3,
    min: 0xf4,
    max: 0xf5,
    pmin: 0xf6,
    pmax: 0xf7,
    shiftLeft: 0xcb,
    shiftRight: 0xcd,
    addInt: 0xce,
    bitmask: 0xc4,
    subInt: 0xd1,
    toInt: 0xfc,
  },
};

export const F32: Lanes = {
  name: "f32",
  count: 4,
  bytes: 4,
  op: {
    loadSplat: 0x09,
    loadZero: 0x5c,
    loadLane: 0x56,
    storeLane: 0x5a,
    splat: 0x13,
    extract: 0x1f,
    replace: 0x20,
    eq: 0x41,
    ne: 0x42,
    lt: 0x43,
    gt: 0x44,
    le: 0x45,
    ge: 0x46,
    ceil: 0x67,
    floor: 0x68,
    trunc: 0x69,
    nearest: 0x6a,
    abs: 0xe0,
    neg: 0xe1,
    sqrt: 0xe3,
    add: 0xe4,
    sub: 0xe5,
    mul: 0xe6,
    div: 0xe7,
    min: 0xe8,
    max: 0xe9,
    pmin: 0xea,
    pmax: 0xeb,
    shiftLeft: 0xab,
    shiftRight: 0xad,
    addInt: 0xae,
    bitmask: 0xa4,
    subInt: 0xb1,
    toInt: 0xf8,
  },
};

export const LANES: Readonly<Record<Precision, Lanes>> = { f64: F64, f32: F32 };
