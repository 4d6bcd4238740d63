// The little that the plots of a report need: scales, ticks, axes and marks as SVG. Colours are classes of the page's
// style.

import { element, escape, mark } from "./html.ts";

export type Interval = readonly [number, number];
export type Scale = (value: number) => number;

/** Maps `domain` to `range`; a domain of one point maps to the middle. */
export function linear([a, b]: Interval, [from, to]: Interval): Scale {
  return (value) => (a === b ? (from + to) / 2 : from + ((value - a) / (b - a)) * (to - from));
}

/** Finite numbers from least to largest, widened by a part of their range on both sides. */
export function extent(values: Iterable<number>, margin = 0): Interval {
  let [least, largest] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  if (least > largest) return [0, 1];
  const room = least === largest ? Math.abs(least) * 0.05 || 1 : (largest - least) * margin;
  return [least - room, largest + room];
}

/** About `count` round numbers inside the domain: steps of 1, 2 or 5 times a power of ten. */
export function ticks([a, b]: Interval, count: number): readonly number[] {
  const rough = (b - a) / count;
  if (!(rough > 0)) return [a];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
  const first = Math.ceil(a / step - 1e-9);
  return Array.from({ length: Math.floor(b / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

export type Point = readonly [x: number, y: number];

const pathOf = (points: readonly Point[]): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");

export const line = (points: readonly Point[], kind: string): string =>
  mark("path", { class: kind, d: pathOf(points) });

/** The area between points and a base line. */
export function area(points: readonly Point[], base: number, kind: string): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  return mark("path", { class: kind, d: `${pathOf([[first[0], base], ...points, [last[0], base]])}Z` });
}

export const segment = ([x1, y1]: Point, [x2, y2]: Point, kind: string): string =>
  mark("line", { class: kind, x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) });

export const dot = ([x, y]: Point, radius: number, kind: string): string =>
  mark("circle", { class: kind, cx: round(x), cy: round(y), r: radius });

export const bar = (x: number, y: number, width: number, height: number, kind: string): string =>
  mark("rect", { class: kind, x: round(x), y: round(y), width: round(width), height: round(Math.max(height, 0)) });

export const label = ([x, y]: Point, text: string, anchor: "start" | "middle" | "end" = "middle"): string =>
  element("text", { x: round(x), y: round(y), "text-anchor": anchor }, escape(text));

/** Ticks with numbers below a line at height y. */
export function axisBelow(domain: Interval, x: Scale, y: number, count: number): string {
  const at = ticks(domain, count);
  return [
    segment([x(domain[0]), y], [x(domain[1]), y], "axis"),
    ...at.flatMap((value) => [
      segment([x(value), y], [x(value), y + 4], "axis"),
      label([x(value), y + 16], tickText(value)),
    ]),
  ].join("");
}

/** Numbers and faint lines across, left of x. */
export function axisLeft(domain: Interval, y: Scale, [left, right]: Interval, count: number): string {
  return ticks(domain, count)
    .map(
      (value) =>
        segment([left, y(value)], [right, y(value)], "grid") + label([left - 6, y(value) + 4], tickText(value), "end"),
    )
    .join("");
}

const tickText = (value: number): string => {
  const size = Math.abs(value);
  return size >= 1e5 || (size > 0 && size < 1e-3) ? value.toExponential().replace("e+", "e") : String(value);
};

/** A drawing of fixed proportions; `about` says in words what it shows. */
export const svg = (width: number, height: number, about: string, content: string): string =>
  element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": about }, content);
