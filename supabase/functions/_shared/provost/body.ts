// The bytes of a request or a document: bounded, strict UTF-8, strict JSON.

import { invalidBody, Refusal } from "./refusal.ts";

/** JSON deeper than this is nobody's manifest. */
const MAX_DEPTH = 64;

/** A JSON text with its value. The database gets the text, so that no number loses digits. */
export interface Json {
  text: string;
  value: unknown;
}

/** The body of a request. */
export async function readBody(
  request: Request,
  limit: number,
): Promise<Uint8Array> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new Refusal(415, "unsupported-media-type", "send application/json");
  }
  const bytes = await readAtMost(request.body, limit);
  if (bytes === null) {
    throw new Refusal(
      413,
      "body-too-large",
      `the body is larger than ${limit} bytes`,
    );
  }
  return bytes;
}

/** All bytes, or `null` when they are more than the limit. */
export async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > limit) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Reads JSON that says nothing twice. `run_id` keeps its digits as text. */
export function parseJson(bytes: Uint8Array): Json {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch {
    throw invalidBody("it is no UTF-8 text");
  }
  let value: unknown;
  try {
    value = JSON.parse(text, keepDigits);
  } catch {
    throw invalidBody("it is no JSON");
  }
  checkNames(text);
  return { text, value };
}

/** A run id may have more digits than a JavaScript number. */
function keepDigits(
  key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  const isRun = key === "run_id" && typeof value === "number";
  return isRun ? context?.source ?? String(value) : value;
}

/** Refuses a text, known to be JSON, that has a name twice in one object or nests too deep. */
function checkNames(text: string) {
  const open: (Set<string> | null)[] = [];
  let isNameNext = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case "{":
      case "[":
        open.push(text[at] === "{" ? new Set() : null);
        if (open.length > MAX_DEPTH) {
          throw invalidBody(`it nests deeper than ${MAX_DEPTH}`);
        }
        isNameNext = text[at] === "{";
        break;
      case "}":
      case "]":
        open.pop();
        isNameNext = false;
        break;
      case ",":
        isNameNext = open.at(-1) instanceof Set;
        break;
      case '"': {
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (isNameNext && names instanceof Set) {
          const name = JSON.parse(text.slice(at, end));
          if (names.has(name)) throw invalidBody("an object has a key twice");
          names.add(name);
          isNameNext = false;
        }
        at = end - 1;
      }
    }
  }
}

/** Behind the closing quote of the string that starts here. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    bytes as Uint8Array<ArrayBuffer>,
  );
  return Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}
