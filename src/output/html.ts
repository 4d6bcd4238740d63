// Text → HTML.

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it stands, in content and in attributes. */
export const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

type Attributes = Readonly<Record<string, string | number>>;

const attributesText = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    .join("");

/** An element around content that is HTML already. */
export const element = (name: string, attributes: Attributes, ...content: readonly string[]): string =>
  `<${name}${attributesText(attributes)}>${content.join("")}</${name}>`;

/** An element of SVG that holds nothing. */
export const mark = (name: string, attributes: Attributes): string => `<${name}${attributesText(attributes)}/>`;

export const code = (text: string): string => element("code", {}, escape(text));

export type Cell = { readonly html: string; readonly kind?: "number" | "prose" };
export const textCell = (text: string): Cell => ({ html: escape(text) });
export const numberCell = (text: string): Cell => ({ html: escape(text), kind: "number" });

const classOf = (kind: string | undefined): Attributes => (kind === undefined ? {} : { class: kind });

/** A table with a line of titles. It scrolls by itself where the page is narrower. */
export function tableHtml(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const kindOf = (c: number): string | undefined => (rows[0]?.[c]?.kind === "number" ? "number" : undefined);
  const head = titles.map((title, c) => element("th", { scope: "col", ...classOf(kindOf(c)) }, escape(title)));
  const body = rows.map((cells) =>
    element("tr", {}, ...cells.map(({ html, kind }) => element("td", classOf(kind), html))),
  );
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, body.join("\n")),
  );
  return element("div", { class: "scroll" }, table);
}

/** Nothing where all content is empty. */
export function section(title: string, ...content: readonly string[]): string {
  const parts = content.filter((part) => part !== "");
  return parts.length === 0 ? "" : element("section", {}, [element("h2", {}, escape(title)), ...parts].join("\n"));
}

export const paragraph = (text: string, kind?: string): string => element("p", classOf(kind), escape(text));
