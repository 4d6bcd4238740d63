// Numbers for people: as many digits as their uncertainty leaves.

/** Digits after the point so that `scale` shows two significant digits. */
export function decimalsFor(scale: number): number {
  if (!Number.isFinite(scale) || scale <= 0) return 3;
  return Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(scale))));
}

/** `value` with `decimals` digits after the point; powers of ten where that would be long or all zeros. */
export function formatNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size >= 1e7 || decimals > 6) return value.toExponential(2);
  return (size < 0.5 * 10 ** -decimals ? 0 : value).toFixed(decimals);
}

/** Three significant digits. */
export const formatShort = (value: number): string =>
  formatNumber(value, Math.min(6, decimalsFor(Math.abs(value)) + 1));

/** `0.8 s`, `12 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `12,345`. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
