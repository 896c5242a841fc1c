// The function `telemetry`: manifests, failures and events into the event log.
//
// The body is a manifest (a JSON array), `{"manifest_url"}` below the docs bucket's base URL, a
// failure.json, or `{"events"}`. What a manifest entry means is known to the database alone.

import { type Json, parseJson, readAtMost, sha256 } from "./body.ts";
import { appendEventsOf, ingestManifest, type Outcome } from "./database.ts";
import { fetchManifest } from "./docs_bucket.ts";
import type { Subject } from "./identity.ts";
import { answer, invalidBody } from "./refusal.ts";
import { serve, type Work } from "./serve.ts";
import type { Settings } from "./settings.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

type Fields = Record<string, unknown>;

/** Answers a request. */
export const telemetry = serve({
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
        throw invalidBody("the document is no manifest");
      }
      return await manifest(document);
    }
    case "events":
      return {
        subjects: subjectsOf(fields.events),
        call: appendEventsOf(body.text),
      };
    case "failure":
      return failure(fields);
    default:
      throw invalidBody(
        "it is no manifest, manifest_url, failure.json or list of events",
      );
  }
}

async function manifest({ text, value }: Json): Promise<Work> {
  const subjects = subjectsOf(value);
  const hash = await sha256(new TextEncoder().encode(text));
  return { subjects, call: ingestManifest(text, hash) };
}

/** A failure.json is the entry that the manifest keeps of the same run, or will keep. */
function failure(fields: Fields): Work {
  const { run, tag, status, failure_reason, release_url, occurred_at } = fields;
  if (status !== "failure") {
    throw invalidBody("the status of a failure.json is `failure`");
  }
  const checksFailed = fields.checks_failed ?? [];
  if (!Array.isArray(checksFailed)) {
    throw invalidBody("checks_failed is no array");
  }
  const entry: Fields = {
    run,
    tag,
    status,
    failure_reason,
    validated_at: occurred_at,
  };
  entry.artifact = "";
  entry.release_url = release_url ?? "";
  if (fields.repository != null) entry.repository = fields.repository;
  if (checksFailed.length > 0) {
    entry.decision = "refused";
    entry.checks_failed = checksFailed;
  }
  const notified = fields.notified as Fields | null | undefined;
  if (typeof notified?.slack === "boolean") {
    const { slack, issue } = notified;
    entry.notified = issue == null ? { slack } : { slack, issue };
  }
  return {
    subjects: subjectsOf([entry]),
    call: ingestManifest(JSON.stringify([entry]), null),
  };
}

/** What entries or events are about. One that is nothing is the database's to reject. */
function subjectsOf(items: unknown): Subject[] {
  if (!Array.isArray(items)) throw invalidBody("`events` is no array");
  if (items.length > MAX_ENTRIES) {
    throw invalidBody(`it has more than ${MAX_ENTRIES} entries`);
  }
  return items.flatMap((item) => {
    if (typeof item?.tag !== "string") return [];
    const { repository } = item;
    const isNamed = typeof repository === "string" && repository !== "";
    return [{ repository: isNamed ? repository : null, tag: item.tag }];
  });
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
