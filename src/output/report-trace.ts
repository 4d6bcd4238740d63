// The ELBO over the gradients of a fit.

import { paragraph } from "./html.ts";
import { formatShort } from "./number.ts";
import { axisBelow, axisLeft, extent, label, line, linear, svg, type Interval, type Point } from "./plot.ts";

const [WIDTH, HEIGHT, LEFT, BELOW] = [680, 240, 70, 40];

/** Starts lie far below the end: the picture shows the best half of the values, and says so. */
export function tracePlot(trace: readonly (readonly [gradients: number, elbo: number])[], final: number): string {
  const finite = trace.filter(([, elbo]) => Number.isFinite(elbo));
  if (finite.length < 2) return "";
  const sorted = finite.map(([, elbo]) => elbo).sort((a, b) => a - b);
  const lowest = sorted[Math.floor(sorted.length / 2)]!;
  const values = extent([...sorted.filter((elbo) => elbo >= lowest), final], 0.1);
  const steps = extent(finite.map(([gradients]) => gradients));
  const [x, y] = [linear(steps, [LEFT, WIDTH - 10]), linear(values, [HEIGHT - BELOW, 10])];
  const points = finite.map(([gradients, elbo]): Point => [x(gradients), y(Math.max(elbo, values[0]))]);
  const cut = finite.length - sorted.filter((elbo) => elbo >= values[0]).length;
  const content = [
    axisLeft(values, y, [LEFT, WIDTH - 10], 4),
    axisBelow(steps, x, HEIGHT - BELOW, 6),
    line(points, "curve"),
    label([(LEFT + WIDTH) / 2, HEIGHT - 4], "gradients of one draw"),
    finalLine(final, values, y),
  ].join("");
  const below =
    cut === 0 ? "" : ` ${cut} value${cut === 1 ? "" : "s"} below the picture, down to ${formatShort(sorted[0]!)}.`;
  return (
    paragraph(`The objective during the fit; the dashed line is the ELBO on fresh draws.${below}`, "caption") +
    svg(WIDTH, HEIGHT, `ELBO over gradients, ending at ${formatShort(final)}`, content)
  );
}

const finalLine = (final: number, values: Interval, y: (value: number) => number): string =>
  Number.isFinite(final) && final >= values[0]
    ? line(
        [
          [LEFT, y(final)],
          [WIDTH - 10, y(final)],
        ],
        "reference",
      )
    : "";
