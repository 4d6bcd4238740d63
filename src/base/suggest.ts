// The nearest of some names to a mistyped one, for hints.

/** The candidate that a slip or two of the fingers turn into `name`, else the only one that `name` abbreviates, or
 *  null. */
export function nearest(name: string, names: Iterable<string>): string | null {
  const candidates = [...names];
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = slips(name, candidate);
    if (distance < bestDistance && distance <= allowed(name, candidate)) [best, bestDistance] = [candidate, distance];
  }
  return best ?? abbreviated(name, candidates);
}

/** The one candidate that begins with `name`: `full` for `fullrank`. */
function abbreviated(name: string, candidates: readonly string[]): string | null {
  const found =
    name.length < 3 ? [] : candidates.filter((candidate) => sameLetters(candidate.slice(0, name.length), name));
  return found.length === 1 ? found[0]! : null;
}

/** The hint "did you mean `tau`?" with the nearest candidate between `quote`s, or undefined where none is near. */
export function didYouMean(name: string, candidates: Iterable<string>, quote = "`"): string | undefined {
  const near = nearest(name, candidates);
  return near === null || near === name ? undefined : `did you mean ${quote}${near}${quote}?`;
}

/** One slip per three letters; letters that differ only by case are never too far. */
function allowed(name: string, candidate: string): number {
  return sameLetters(name, candidate) ? Infinity : Math.floor(Math.max(name.length, candidate.length) / 3);
}

const sameLetters = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Damerau-Levenshtein distance with adjacent swaps (optimal string alignment); a change of case costs half. */
export function slips(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + letterCost(a[i - 1]!, b[j - 1]!);
      next[j] = Math.min(change, row[j]! + 1, next[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

function letterCost(a: string, b: string): number {
  if (a === b) return 0;
  return sameLetters(a, b) ? 0.5 : 1;
}
