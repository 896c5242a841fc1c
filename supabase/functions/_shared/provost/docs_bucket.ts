// A manifest in the docs bucket: fetched below the configured base URL and nowhere else.

import { readAtMost } from "./body.ts";
import { invalidBody, log, Refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";

const TIMEOUT_MS = 10_000;

/** The bytes of a manifest at a URL that the caller names. */
export async function fetchManifest(
  text: unknown,
  settings: Settings,
  limit: number,
): Promise<Uint8Array> {
  const base = settings.docsBase;
  if (base === null) {
    throw invalidBody("no docs bucket is configured: send the manifest itself");
  }
  const url = below(base, text);
  if (url === null) {
    throw invalidBody(
      "manifest_url is not below the base URL of the docs bucket",
    );
  }
  const headers: Record<string, string> = { accept: "application/json" };
  // The key goes to the configured origin, and `below` lets nothing else pass.
  if (settings.serviceKey !== null) {
    headers.authorization = `Bearer ${settings.serviceKey}`;
    headers.apikey = settings.serviceKey;
  }
  let bytes: Uint8Array | null;
  let status: number;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { redirect: "manual", signal, headers });
    status = response.status;
    if (status === 200) {
      bytes = await readAtMost(response.body, limit);
    } else {
      await response.body?.cancel();
      bytes = null;
    }
  } catch (error) {
    const why = error instanceof Error ? error.name : "unknown";
    log("warn", "the docs bucket did not answer", { why });
    throw new Refusal(
      502,
      "manifest-unavailable",
      "the docs bucket did not answer",
    );
  }
  if (status !== 200) {
    throw new Refusal(
      502,
      "manifest-unavailable",
      `the docs bucket answered ${status}`,
    );
  }
  if (bytes === null) {
    throw new Refusal(
      413,
      "body-too-large",
      `the manifest is larger than ${limit} bytes`,
    );
  }
  return bytes;
}

/** The URL, when it is of the base's origin and below its path as the far side will read it. */
function below(base: URL, text: unknown): URL | null {
  // What a parser drops or turns round is refused as it stands, so that two readers agree.
  if (typeof text !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(text)) {
    return null;
  }
  if (/[\\@#?]|%2e|%2f|%5c|\/\/.*\/\//i.test(text) || !URL.canParse(text)) {
    return null;
  }
  const url = new URL(text);
  const prefix = base.pathname.endsWith("/")
    ? base.pathname
    : `${base.pathname}/`;
  const isBelow = url.origin === base.origin && url.href === text &&
    url.pathname.startsWith(prefix) && url.pathname.length > prefix.length &&
    url.username === "" && url.password === "";
  return isBelow ? url : null;
}
