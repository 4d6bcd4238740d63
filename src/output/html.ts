// Text → HTML.

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it stands, in content and in attributes. */
export const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

export type Cell = { readonly html: string; readonly kind?: "number" | "prose" };
export const textCell = (text: string): Cell => ({ html: escape(text) });
export const numberCell = (text: string): Cell => ({ html: escape(text), kind: "number" });

/** A table with a line of titles. It scrolls by itself where the page is narrower. */
export function tableHtml(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const kindOf = (c: number): string => (rows[0]?.[c]?.kind === "number" ? ' class="number"' : "");
  const head = titles.map((title, c) => `<th scope="col"${kindOf(c)}>${escape(title)}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map(({ html, kind }) => `<td${kind === undefined ? "" : ` class="${kind}"`}>${html}</td>`).join("")}</tr>`);
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`;
}

export const section = (title: string, ...content: readonly string[]): string =>
  content.every((part) => part === "") ? "" : `<section>\n<h2>${escape(title)}</h2>\n${content.filter((part) => part !== "").join("\n")}\n</section>`;

export const paragraph = (text: string, kind = ""): string => `<p${kind === "" ? "" : ` class="${kind}"`}>${escape(text)}</p>`;
