// The public keys of the issuer: fetched from one pinned URL, cached, never followed elsewhere.

import { importJWK, type JWK } from "npm:jose@6.2.18";
import { log, unavailable } from "./refusal.ts";
import { readAtMost } from "./body.ts";

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;
const FRESH_MS = 3_600_000;
/** Old keys serve so long while the issuer is out of reach. */
const STALE_MS = 24 * 3_600_000;
/** So often the issuer is asked while it does not answer. */
const RETRY_MS = 10_000;
/** So often an unknown key makes the issuer be asked, whoever names it. */
const UNKNOWN_MS = 60_000;
const MIN_BITS = 2048;

type Keys = Map<string, CryptoKey>;

export class KeySet {
  #keys: Keys = new Map();
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #missedAt = -Infinity;
  #fetching: Promise<void> | null = null;

  constructor(private readonly issuer: URL) {}

  /** The key of this id, or `null` when the issuer has none. */
  async find(id: string): Promise<CryptoKey | null> {
    const now = Date.now();
    if (now - this.#fetchedAt > FRESH_MS) {
      if (now - this.#triedAt > RETRY_MS) await this.#refresh();
    } else if (!this.#keys.has(id) && now - this.#missedAt > UNKNOWN_MS) {
      this.#missedAt = now;
      await this.#refresh();
    }
    // Whoever comes while the keys are fetched waits for them.
    await this.#fetching;
    if (Date.now() - this.#fetchedAt > STALE_MS) {
      throw unavailable("the issuer's keys are out of reach");
    }
    return this.#keys.get(id) ?? null;
  }

  async #refresh() {
    this.#triedAt = Date.now();
    this.#fetching ??= this.#fetch().finally(() => this.#fetching = null);
    await this.#fetching;
  }

  async #fetch() {
    try {
      this.#keys = await fetchKeys(this.issuer);
      this.#fetchedAt = Date.now();
    } catch (error) {
      const why = error instanceof Error ? error.name : "unknown";
      log("error", "the issuer's keys could not be fetched", { why });
    }
  }
}

async function fetchKeys(issuer: URL): Promise<Keys> {
  const base = issuer.href.replace(/\/$/, "");
  const response = await fetch(`${base}/.well-known/jwks`, {
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: "application/json" },
  });
  const bytes = await readAtMost(response.body, MAX_BYTES);
  if (response.status !== 200 || bytes === null) throw new Error("no key set");
  const document = JSON.parse(new TextDecoder().decode(bytes));
  if (!Array.isArray(document?.keys)) throw new Error("no key set");
  const keys: Keys = new Map();
  for (const key of document.keys) {
    const usable = await importKey(key);
    if (usable !== null) keys.set(key.kid, usable);
  }
  if (keys.size === 0) throw new Error("a key set without a usable key");
  return keys;
}

/** An RSA key of 2048 bits or more that is for RS256 signatures; `null` for any other. */
async function importKey(
  key: Record<string, unknown> | null,
): Promise<CryptoKey | null> {
  const isFitting = typeof key?.kid === "string" && key.kty === "RSA" &&
    key.use === "sig" && (key.alg === undefined || key.alg === "RS256") &&
    typeof key.n === "string" && typeof key.e === "string";
  if (!isFitting) return null;
  try {
    const { kty, n, e } = key;
    const imported = await importJWK({ kty, n, e } as JWK, "RS256");
    if (!(imported instanceof CryptoKey)) return null;
    const { modulusLength } = imported.algorithm as RsaHashedKeyAlgorithm;
    return modulusLength >= MIN_BITS ? imported : null;
  } catch {
    return null;
  }
}
