// The part of the platform that is used, the same in Node and in a page: memory, and a module's exports from its bytes.

import { F64 } from "./code/lanes.ts";
import { moduleBytes, type Pages } from "./code/module.ts";

type Exports = Readonly<Record<string, unknown>>;
type Platform = {
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => Memory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, unknown>>,
  ) => { readonly exports: Exports };
  readonly validate: (bytes: Uint8Array<ArrayBuffer>) => boolean;
};

const platform = (): Platform | undefined => (globalThis as { WebAssembly?: Platform }).WebAssembly;

/** Why this platform cannot run the engine's modules, or null. `on`: the platform, for tests. */
export function lacking(on: Pick<Platform, "validate"> | undefined = platform()): string | null {
  if (on === undefined) return "this platform has no WebAssembly";
  const half = {
    name: "half",
    params: [],
    locals: ["v128" as const],
    code: [0x20, 0, 0x20, 0, 0xfd, F64.op.add, 0x01, 0x1a],
  };
  return on.validate(moduleBytes([], [half], { pages: 1, isShared: false }))
    ? null
    : "this platform has WebAssembly without SIMD (fixed-width 128-bit vectors)";
}

/** A buffer that several threads may have is of another class, and else the same. */
export type Memory = { readonly buffer: ArrayBuffer };

export const newMemory = ({ pages, isShared }: Pages): Memory =>
  new (platform() as Platform).Memory(isShared ? { initial: pages, maximum: pages, shared: true } : { initial: pages });

/** A module and its exports; `env` is what it imports. */
export function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  env: Record<string, unknown>,
): { readonly module: object; readonly exports: Exports } {
  const { Module, Instance } = platform() as Platform;
  const module = new Module(bytes);
  return { module, exports: new Instance(module, { env }).exports };
}
