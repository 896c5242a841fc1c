// A manifest in the docs bucket: fetched below the configured base URL and nowhere else.

import { readAtMost } from "./body.ts";
import { invalid, log, Refusal, tooLarge } from "./refusal.ts";
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
    throw invalid("no docs bucket is configured: send the manifest itself");
  }
  const url = below(base, text);
  if (url === null) {
    throw invalid(
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
  if (bytes === null) throw tooLarge("the manifest", limit);
  return bytes;
}

/**
 * The URL, when it is of the base's origin and below its path, whoever reads it: a file's name has
 * no character that one reader drops, decodes or turns round and another does not.
 */
function below(base: URL, text: unknown): URL | null {
  const prefix = `${base.href.replace(/\/$/, "")}/`;
  if (typeof text !== "string" || !text.startsWith(prefix)) return null;
  const name = text.slice(prefix.length);
  const isPlain = /^[A-Za-z0-9._~+-]+(\/[A-Za-z0-9._~+-]+)*$/.test(name);
  if (!isPlain || name.length > 1024 || name.split("/").some(isDots)) {
    return null;
  }
  const url = new URL(text);
  return url.href === text && url.origin === base.origin ? url : null;
}

function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}
