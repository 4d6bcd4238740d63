// Amounts of memory, as people write and read them.

const UNITS = ["bytes", "kB", "MB", "GB"] as const;

/** `1.2 MB`: two digits. */
export function amount(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${Number(value.toPrecision(value < 100 ? 2 : 3))} ${UNITS[unit]!}`;
}

/** Bytes of `512MB`, `2 GB`, `800kB` or a number of bytes; null: not an amount. */
export function parseAmount(text: string): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*(bytes|kb|mb|gb|)$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return null;
  const power = UNITS.findIndex((name) => name.toLowerCase() === unit!.toLowerCase());
  const bytes = Math.floor(Number(digits) * 1000 ** Math.max(0, power));
  return bytes > 0 ? bytes : null;
}
