// The function `telemetry`: manifests, failures and events into the event log.
//
// The body is a manifest (a JSON array), `{"manifest_url"}` below the docs bucket's base URL, a
// failure.json, or `{"events"}`. What a manifest entry means is known to the database alone.

import { type Json, parseJson, readAtMost, sha256 } from "./body.ts";
import { appendEvents, ingestManifest, type Outcome } from "./database.ts";
import { hasOwnKey } from "./event_key.ts";
import { fetchManifest } from "./docs_bucket.ts";
import type { Subject } from "./identity.ts";
import { answer, invalid, Refusal } from "./refusal.ts";
import { serve, type Work } from "./serve.ts";
import type { Settings } from "./settings.ts";

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 5_000;

type Fields = Record<string, unknown>;

/** Answers a request. */
export const telemetry = serve({
  path: "/functions/v1/telemetry",
  scope: "ingest",
  maxBytes: MAX_BYTES,
  work,
  tell,
});

/** Whether a request is one for provost: for a function that takes other things as well. */
export async function isProvenance(request: Request): Promise<boolean> {
  if (request.method !== "POST") return false;
  try {
    const bytes = await readAtMost(request.clone().body, MAX_BYTES);
    return bytes !== null && kindOf(parseJson(bytes).value) !== null;
  } catch {
    return false;
  }
}

/** What a body is, by its shape alone. */
function kindOf(
  value: unknown,
): "manifest" | "manifest_url" | "events" | "failure" | null {
  if (Array.isArray(value)) {
    const isEntry = (item: unknown) =>
      typeof item === "object" && item !== null && "run" in item &&
      "tag" in item;
    return value.length > 0 && value.every(isEntry) ? "manifest" : null;
  }
  if (typeof value !== "object" || value === null) return null;
  const names = Object.keys(value).join();
  if (names === "manifest_url" || names === "events") return names;
  return "failure_reason" in value && "run" in value && "tag" in value
    ? "failure"
    : null;
}

async function work(body: Json, settings: Settings): Promise<Work> {
  // An array is a manifest whatever is in it: the database says what is wrong with which entry.
  if (Array.isArray(body.value)) return await manifest(body);
  const fields = body.value as Fields;
  switch (kindOf(body.value)) {
    case "manifest_url": {
      const bytes = await fetchManifest(
        fields.manifest_url,
        settings,
        MAX_BYTES,
      );
      const document = parseJson(bytes);
      if (!Array.isArray(document.value)) {
        throw invalid("the document is no manifest");
      }
      return await manifest(document);
    }
    case "events":
      return {
        subjects: await Promise.all(items(fields.events).map(event)),
        call: appendEvents(body.text),
      };
    case "failure":
      return failure(fields);
    default:
      // One that lacks what tells it from others' documents is still meant as one.
      if (isObject(body.value) && "failure_reason" in body.value) {
        return failure(fields);
      }
      throw invalid(
        "the body is no manifest, manifest_url, failure.json or list of events",
      );
  }
}

async function manifest({ text, value }: Json): Promise<Work> {
  const subjects = items(value).map(subject);
  const hash = await sha256(new TextEncoder().encode(text));
  return { subjects, call: ingestManifest(text, hash) };
}

/** A failure.json is the entry that the manifest keeps of the same run, or will keep. */
function failure(fields: Fields): Work {
  const { run, tag, status, failure_reason, release_url, occurred_at } = fields;
  const checks = fields.checks_failed;
  if (status !== "failure") return rejected("status: it must be failure");
  if (!Array.isArray(checks)) {
    return rejected("checks_failed: it must be an array");
  }
  const wrong = missing(fields);
  if (wrong !== undefined) return rejected(wrong);
  const entry: Fields = {
    run,
    tag,
    status,
    failure_reason,
    validated_at: occurred_at,
  };
  entry.artifact = "";
  entry.release_url = release_url;
  if (fields.repository != null) entry.repository = fields.repository;
  if (checks.length > 0) entry.decision = "refused";
  const notified = fields.notified as Fields | null | undefined;
  if (typeof notified?.slack === "boolean") {
    const { slack, issue } = notified;
    entry.notified = issue == null ? { slack } : { slack, issue };
  }
  return {
    subjects: [subject(entry)],
    call: ingestManifest(JSON.stringify([entry]), null),
  };
}

/** What a failure.json must have, and no entry of a manifest has. */
function missing(
  { artifact_present, notified, release_url }: Fields,
): string | undefined {
  if (typeof artifact_present !== "boolean") {
    return "artifact_present: it must be true or false";
  }
  if (typeof release_url !== "string") return "release_url: it must be a text";
  return isObject(notified) ? undefined : "notified: it must be an object";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One entry that is none, whatever the database says. */
function rejected(problem: string): Work {
  const outcome: Outcome = { index: 0, outcome: "rejected", id: null, problem };
  return { subjects: [null], call: () => Promise.resolve([outcome]) };
}

function items(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw invalid("`events` is no array");
  if (value.length > MAX_ENTRIES) {
    const detail = `send at most ${MAX_ENTRIES} entries at a time`;
    throw new Refusal(413, "too-many-entries", detail);
  }
  return value;
}

/** What an entry is about. What is none is the database's to reject. */
function subject(item: unknown): Subject | null {
  const { tag, repository } = (item ?? {}) as Fields;
  if (typeof tag !== "string") return null;
  const isNamed = typeof repository === "string" && repository !== "";
  return { repository: isNamed ? repository : null, tag, hasOwnKey: true };
}

async function event(item: unknown): Promise<Subject | null> {
  const about = subject(item);
  return about && { ...about, hasOwnKey: await hasOwnKey(item as Fields) };
}

function tell(outcomes: Outcome[]): Response {
  const count = (word: Outcome["outcome"]) =>
    outcomes.filter(({ outcome }) => outcome === word).length;
  const rejected = outcomes.filter(({ outcome }) => outcome === "rejected");
  const document = {
    inserted: count("inserted"),
    duplicates: count("duplicate"),
    rejected: rejected.map(({ index, problem }) => ({ index, problem })),
    events: outcomes.map(({ index, outcome, id, problem }) =>
      problem === null
        ? { index, outcome, event_id: id }
        : { index, outcome, event_id: id, problem }
    ),
  };
  const isRefused = rejected.length > 0 && rejected.length === outcomes.length;
  return answer(isRefused ? 422 : 200, document);
}
