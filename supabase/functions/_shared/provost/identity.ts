// Who calls: a job of GitHub Actions by its OIDC token, or somebody else by a static token.

import { base64url, compactVerify } from "npm:jose@6.2.18";
import { forbidden, Unauthorized } from "./refusal.ts";
import type { AllowedRepository, Settings } from "./settings.ts";
import { KeySet } from "./keys.ts";
import { sha256 } from "./body.ts";

/** An authenticated caller. */
export interface Caller {
  /** By what its requests are counted: a repository or a token of the settings. */
  sender: string;
  /** The job's token, which counts once; `null` for a static token. */
  token: { issuer: string; jti: string; expiresAt: Date } | null;
  /** What the caller may write about; `null` is anything. */
  repository: string | null;
  tag: string | null;
}

/** What an entry is about, as far as the caller's rights depend on it. */
export interface Subject {
  repository: string | null;
  tag: string;
  /** Whether its key is the one of its content. */
  hasOwnKey: boolean;
}

const MAX_TOKEN = 8 * 1024;
const LEEWAY_S = 30;
const MAX_LIFETIME_S = 15 * 60;
const HEADER_KEYS = ["alg", "kid", "typ", "x5t"];

let keySet: KeySet | null = null;

/** Authenticates, or throws the one answer that says nothing. */
export async function authenticate(
  request: Request,
  scope: string,
  settings: Settings,
): Promise<Caller> {
  // Two headers of the name arrive joined by a comma, which no token has.
  const header = request.headers.get("authorization") ?? "";
  const token = /^Bearer ([\x21-\x2b\x2d-\x7e]+)$/i.exec(header)?.[1];
  if (token === undefined) throw new Unauthorized("no bearer token");
  if (token.length > MAX_TOKEN) throw new Unauthorized("the token is too long");
  const isJwt = token.startsWith("eyJ") && dots(token) === 2;
  return isJwt
    ? await job(token, settings)
    : await holder(token, scope, settings);
}

/**
 * The places of the entries that this caller may not write: a job writes about its own repository
 * and tag. When nothing else is left it is not let in. `null` stands for what is no entry.
 */
export function foreign(
  caller: Caller,
  subjects: (Subject | null)[],
): number[] {
  const places = subjects.flatMap((subject, place) =>
    subject === null || mayWrite(caller, subject) ? [] : [place]
  );
  const isLeft = subjects.some((subject, place) =>
    subject !== null && !places.includes(place)
  );
  if (places.length > 0 && !isLeft) {
    throw new Unauthorized("another repository, tag or key than the token's");
  }
  return places;
}

function mayWrite(
  caller: Caller,
  { repository, tag, hasOwnKey }: Subject,
): boolean {
  if (caller.repository === null) return true;
  return repository?.toLowerCase() === caller.repository.toLowerCase() &&
    (caller.tag === null || tag === caller.tag) && hasOwnKey;
}

async function holder(
  token: string,
  scope: string,
  settings: Settings,
): Promise<Caller> {
  const digest = await sha256(new TextEncoder().encode(token));
  // Every one is looked at, all the way, so that time tells nothing.
  const found = settings.tokens.filter((known) =>
    isEqual(known.sha256, digest)
  );
  if (found.length === 0) throw new Unauthorized("the token is unknown");
  if (!found.some((known) => known.scopes.includes(scope))) {
    throw forbidden(`the token lacks the scope ${scope}`);
  }
  const sender = `token ${found[0].name}`;
  return { sender, token: null, repository: null, tag: null };
}

async function job(token: string, settings: Settings): Promise<Caller> {
  if (settings.audience === null) {
    throw new Unauthorized("no audience is configured");
  }
  const [head, body, signature] = token.split(".", 3);
  const header = jsonPart(head, "header");
  for (const key of Object.keys(header)) {
    if (!HEADER_KEYS.includes(key)) {
      throw new Unauthorized("a header that is not taken");
    }
  }
  if (header.alg !== "RS256") throw new Unauthorized("another algorithm");
  if (header.typ !== "JWT") throw new Unauthorized("another type of token");
  if (typeof header.kid !== "string") throw new Unauthorized("no key id");
  const issuer = settings.issuer.href.replace(/\/$/, "");
  if (jsonPart(body, "claims").iss !== issuer) {
    throw new Unauthorized("another issuer");
  }
  if (!isCanonical(signature)) {
    throw new Unauthorized("a signature that is not canonical");
  }
  keySet ??= new KeySet(settings.issuer);
  const key = await keySet.find(header.kid);
  if (key === null) {
    throw new Unauthorized("a key that the issuer does not have");
  }
  let payload: Uint8Array;
  try {
    ({ payload } = await compactVerify(token, key, { algorithms: ["RS256"] }));
  } catch {
    throw new Unauthorized("the signature does not stand");
  }
  const claims = JSON.parse(new TextDecoder().decode(payload));
  return checked(claims, issuer, settings.audience, settings.repositories);
}

type Claims = Record<string, unknown>;

/** The claims of a token whose signature stands. */
function checked(
  claims: Claims,
  issuer: string,
  audience: string,
  repositories: AllowedRepository[],
): Caller {
  const demand = (holds: boolean, reason: string) => {
    if (!holds) throw new Unauthorized(reason);
  };
  const { aud } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  demand(
    audiences.length === 1 && audiences[0] === audience,
    "another audience",
  );
  const expiresAt = checkTimes(claims, demand);

  const known = repositories.find((it) =>
    it.repository_id === claims.repository_id
  );
  if (known === undefined) {
    throw new Unauthorized("a repository that is not registered");
  }
  demand(known.owner_id === claims.repository_owner_id, "another owner");
  const ref = typeof claims.ref === "string" ? claims.ref : "";
  const isOneOf = (values: string[], claim: unknown) =>
    values.some((value) => value.replace("{ref}", () => ref) === claim);
  const isPinned = isOneOf(known.job_workflow_shas, claims.job_workflow_sha) &&
    known.workflows.some((it) => file(it) === file(claims.job_workflow_ref));
  demand(
    isPinned || isOneOf(known.workflows, claims.job_workflow_ref),
    "another job workflow",
  );
  const { callers } = known;
  demand(
    callers.length === 0 || isOneOf(callers, claims.workflow_ref),
    "another workflow",
  );
  demand(known.events.includes(String(claims.event_name)), "another event");
  const { environment } = known;
  demand(
    environment === null || claims.environment === environment,
    "another environment",
  );
  demand(claims.runner_environment === "github-hosted", "a self-hosted runner");
  const isEmpty = (claim: unknown) => claim === undefined || claim === "";
  demand(
    isEmpty(claims.head_ref) && isEmpty(claims.base_ref),
    "a pull request",
  );
  const isTag = claims.ref_type === "tag" && ref.startsWith("refs/tags/");
  demand(isTag || known.branches.includes(ref), "another ref");
  const { jti } = claims;
  if (typeof jti !== "string" || jti === "" || jti.length > 256) {
    throw new Unauthorized("no token id");
  }
  return {
    sender: `repository ${known.repository_id}`,
    token: { issuer, jti, expiresAt },
    repository: known.repository,
    tag: isTag ? ref.slice("refs/tags/".length) : null,
  };
}

/** The workflow without its ref. */
function file(workflow: unknown): string {
  return String(workflow).split("@", 1)[0];
}

function checkTimes(
  { exp, nbf, iat }: Claims,
  demand: (holds: boolean, reason: string) => void,
): Date {
  const now = Date.now() / 1000;
  const isTime = (value: unknown): value is number =>
    typeof value === "number" && Number.isFinite(value) && value > 0 &&
    value < 1e11;
  if (!isTime(exp) || !isTime(iat) || !isTime(nbf)) {
    throw new Unauthorized("a time is missing");
  }
  demand(exp > now - LEEWAY_S, "expired");
  demand(nbf <= now + LEEWAY_S && iat <= now + LEEWAY_S, "not valid yet");
  demand(exp >= iat && exp - iat <= MAX_LIFETIME_S, "it lives too long");
  return new Date(exp * 1000);
}

/** A part of the token: canonical base64url of a JSON object. */
function jsonPart(text: string, what: string): Claims {
  try {
    const bytes = base64url.decode(text);
    const value = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    );
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    if (isObject && isCanonical(text)) return value;
  } catch { /* the same answer */ }
  throw new Unauthorized(`a ${what} that is not canonical`);
}

/** Whether it is base64url as an encoder writes it: no padding, no spare bits. */
function isCanonical(text: string): boolean {
  try {
    return base64url.encode(base64url.decode(text)) === text;
  } catch {
    return false;
  }
}

function dots(text: string): number {
  let count = 0;
  for (
    let at = text.indexOf(".");
    at >= 0 && count < 3;
    at = text.indexOf(".", at + 1)
  ) count++;
  return count;
}

/** Compares digests of one length in constant time. */
function isEqual(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) {
    difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  }
  return difference === 0;
}
