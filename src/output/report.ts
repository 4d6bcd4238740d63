import type { Fit } from "../result.ts";
export const reportHtml = (fit: Fit, _: { readonly version: string; readonly created: string }): string => fit.verdict;
