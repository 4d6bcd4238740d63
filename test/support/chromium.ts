// A page in headless Chromium: the repository is served on this machine, the page is opened, and what it posts comes back.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, extname, join, normalize } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The program, null where this machine has none. */
export function findChromium(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null;
}

/** Alone: no profile, no network but this machine, no sandbox (which root cannot have). */
const flags = (profile: string): readonly string[] => [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--user-data-dir=${profile}`,
];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

/** What a static file server would give: these folders of the repository. */
const SERVED = /^(examples|dist[/\\]web)[/\\]/;

/** Opens a page whose module script is `script` and resolves to what it posts, as JSON, to `/result`. */
export async function postedBy(chromium: string, script: string, timeout: number): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "variate-chromium-"));
  const posted = withResolvers<unknown>();
  const server = await listening(serve(script, posted.resolve));
  const address = `http://localhost:${(server.address() as AddressInfo).port}/`;
  const browser = spawn(chromium, [...flags(profile), address], { stdio: "ignore", detached: true });
  browser.on("error", posted.reject);
  const timer = setTimeout(() => posted.reject(new Error(`nothing was posted in ${timeout} ms`)), timeout);
  try {
    return await posted.promise;
  } finally {
    clearTimeout(timer);
    const ended = new Promise((resolve) => browser.once("exit", resolve));
    if (browser.exitCode === null && browser.pid !== undefined) {
      process.kill(-browser.pid, "SIGKILL"); // with its children
      await ended;
    }
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const listening = (server: Server): Promise<Server> =>
  new Promise((resolve) => void server.listen(0, "localhost", () => resolve(server)));

function serve(script: string, receive: (posted: unknown) => void): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "POST") void body(request).then((text) => receive(JSON.parse(text)));
    if (request.method === "POST") response.end();
    else if (pathname === "/") answer(response, ".html", `<!doctype html><script type="module">${script}</script>`);
    else sendFile(response, pathname);
  });
}

async function body(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function sendFile(response: ServerResponse, pathname: string): void {
  const path = normalize(pathname.slice(1) + (pathname.endsWith("/") ? "index.html" : ""));
  if (SERVED.test(path) && existsSync(path)) answer(response, extname(path), readFileSync(path));
  else response.writeHead(404).end();
}

const answer = (response: ServerResponse, extension: string, content: string | Buffer): void =>
  void response.writeHead(200, { "content-type": TYPES[extension] ?? "text/plain; charset=utf-8" }).end(content);

type Promised<T> = {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
};

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): Promised<T> {
  let [resolve, reject]: [Promised<T>["resolve"], Promised<T>["reject"]] = [() => {}, () => {}];
  const promise = new Promise<T>((...given) => ([resolve, reject] = given));
  return { promise, resolve, reject };
}
