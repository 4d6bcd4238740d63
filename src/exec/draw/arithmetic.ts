// What samplers are written in, once for every engine: numbers and truths of one element (the interpreter), or of several at once that take their turns
// together (lanes of a module). The same operations in the same order, so that all engines draw the same bits.

/** Numbers of an attempt, from four words of the element's own stream. */
export type Attempt<X> = {
  /** (word + ½) / 2³², in (0, 1). */
  readonly uniform: (word: number) => X;
  /** Of 53 bits, from a word and the next. */
  readonly long: (word: number) => X;
  /** From a word and the next. */
  readonly normal: (word: number) => X;
  /** Of the angle that a word is of a turn. */
  readonly sine: (word: number) => X;
  readonly cosine: (word: number) => X;
};

/** `X`: a number, `T`: a truth. */
export type Arithmetic<X, T> = {
  readonly add: (a: X | number, b: X | number) => X;
  readonly sub: (a: X | number, b: X | number) => X;
  readonly mul: (a: X | number, b: X | number) => X;
  readonly div: (a: X | number, b: X | number) => X;
  readonly sqrt: (x: X) => X;
  readonly floor: (x: X) => X;
  readonly abs: (x: X) => X;
  readonly exp: (x: X) => X;
  readonly log: (x: X) => X;
  readonly less: (a: X | number, b: X | number) => T;
  readonly atMost: (a: X | number, b: X | number) => T;
  readonly equal: (a: X | number, b: X | number) => T;
  readonly and: (a: T, b: T) => T;
  readonly not: (t: T) => T;
  /** The other one is only asked for where the first does not hold. */
  readonly or: (t: T, other: () => T) => T;
  readonly where: (t: T, a: X | number, b: X | number) => X;
  /** One of two ways, of which each is only gone for elements that need it. */
  readonly either: (t: T, yes: () => X | number, no: () => X | number) => X;
  /** Numbers that change from turn to turn while `goesOn` holds. */
  readonly turns: (
    begin: readonly (X | number)[],
    goesOn: (now: readonly X[]) => T,
    step: (now: readonly X[]) => readonly X[],
  ) => readonly X[];
};

/** With the stream of random words that belongs to the element. */
export type Drawing<X, T> = Arithmetic<X, T> & {
  /** What the first attempt that is taken comes to. */
  readonly attempts: (attempt: (numbers: Attempt<X>) => Taken<X, T>) => readonly X[];
  /** Numbers of the first attempt. */
  readonly once: () => Attempt<X>;
};

export type Taken<X, T> = { readonly isTaken: T; readonly values: readonly X[] };

/** A draw from its parameters; NaN for parameters outside. */
export type Sampler = <X, T>(a: Drawing<X, T>, parameters: readonly X[]) => X;

/** log(1 + x) to 2 units in the last place: log u, u = 1 + x rounded, and what the rounding took. */
export function log1p<X, T>(a: Arithmetic<X, T>, x: X): X {
  const u = a.add(x, 1);
  return a.add(a.log(u), a.div(a.sub(x, a.sub(u, 1)), u));
}
