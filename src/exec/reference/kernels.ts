// Which kernel evaluates which op. Map ops share one.

import { ice } from "../../base/ice.ts";
import type { OpDef } from "../../ir/op.ts";
import type { Kernel } from "./cell.ts";
import { einsumKernel, pickKernel } from "./contract.ts";
import { argmaxKernel, cumsumKernel, foldKernel, lseKernel } from "./fold.ts";
import { gatherKernel, scatterKernel } from "./gather.ts";
import { axisSizeKernel, constantKernel, fillKernel, iotaKernel, paramKernel } from "./leaf.ts";
import { mapKernel } from "./map.ts";
import { choleskyKernel, logDetKernel, solveKernel, solveLowerKernel, solveUpperKernel } from "./matrix.ts";
import {
  concatKernel,
  expandKernel,
  firstKernel,
  renameKernel,
  reshapeKernel,
  sliceKernel,
  toAxisKernel,
  toEventKernel,
  transposeKernel,
} from "./move.ts";
import { orderKernel } from "./order.ts";
import { drawKernel, noiseKernel } from "./random.ts";
import { beforeKernel, scanKernel } from "./scan.ts";

const kernels: Readonly<Record<string, Kernel>> = {
  constant: constantKernel,
  fill: fillKernel,
  param: paramKernel,
  noise: noiseKernel,
  iota: iotaKernel,
  axisSize: axisSizeKernel,
  sum: foldKernel,
  prod: foldKernel,
  max: foldKernel,
  min: foldKernel,
  all: foldKernel,
  any: foldKernel,
  lse: lseKernel,
  argmax: argmaxKernel,
  cumsum: cumsumKernel,
  expand: expandKernel,
  einsum: einsumKernel,
  pick: pickKernel,
  reshape: reshapeKernel,
  transpose: transposeKernel,
  slice: sliceKernel,
  concat: concatKernel,
  gather: gatherKernel,
  scatter: scatterKernel,
  sumAxis: foldKernel,
  maxAxis: foldKernel,
  lseAxis: lseKernel,
  toAxis: toAxisKernel,
  toEvent: toEventKernel,
  rename: renameKernel,
  solveLower: solveLowerKernel,
  solveUpper: solveUpperKernel,
  solve: solveKernel,
  cholesky: choleskyKernel,
  logDet: logDetKernel,
  order: orderKernel,
  drawGamma: drawKernel,
  drawPoisson: drawKernel,
  drawVonMises: drawKernel,
  drawBinomial: drawKernel,
  scan: scanKernel,
  before: beforeKernel,
  through: firstKernel,
  grown: firstKernel,
  mark: firstKernel,
};

/** The kernel of an op; `data` has none, its array is its value. */
export const kernelOf = (op: OpDef): Kernel =>
  op.kind === "map" ? mapKernel : (kernels[op.name] ?? ice(`no kernel for ${op.name}`));
