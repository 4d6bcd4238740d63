// How wide a text is on a terminal, and a form of it that a terminal shows as it is.

const TAB = 4;
/** Marks that stand on the letter before them, joiners and other invisible characters. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide and full-width blocks (Unicode annex 11) and emoji: two columns. */
const wide = new RegExp(
  "^(?:\\p{Emoji_Presentation}|[\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\uA4CF\\uA960-\\uA97F\\uAC00-\\uD7A3" +
    "\\uF900-\\uFAFF\\uFE30-\\uFE6F\\uFF00-\\uFF60\\uFFE0-\\uFFE6\\u{20000}-\\u{3FFFD}])$",
  "u",
);
const control = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Columns that `printable(text)` takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += columns(character);
  return width;
}

function columns(character: string): number {
  if (character === "\t") return TAB;
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** Tabs as spaces, control characters (a terminal would obey them) as a replacement mark; line ends are kept. */
export const printable = (text: string): string => text.replaceAll("\t", " ".repeat(TAB)).replace(control, "\uFFFD");
