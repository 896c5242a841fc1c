// POST /functions/v1/telemetry: manifests, failures and events into the event log.
//
// The body is a manifest (a JSON array), `{"manifest_url"}` below the docs bucket's base URL, a
// failure.json, or `{"events"}`. What a manifest entry means is known to the database alone.

import { type Json, parseJson, sha256 } from "../_shared/provost/body.ts";
import {
  appendEventsOf,
  ingestManifest,
  type Outcome,
} from "../_shared/provost/database.ts";
import { fetchManifest } from "../_shared/provost/docs_bucket.ts";
import type { Subject } from "../_shared/provost/identity.ts";
import { answer, invalidBody } from "../_shared/provost/refusal.ts";
import { serve, type Work } from "../_shared/provost/serve.ts";
import type { Settings } from "../_shared/provost/settings.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

type Fields = Record<string, unknown>;

export default {
  fetch: serve({ scope: "ingest", maxBytes: MAX_BYTES, work, tell }),
};

async function work(body: Json, settings: Settings): Promise<Work> {
  if (Array.isArray(body.value)) return await manifest(body);
  if (typeof body.value !== "object" || body.value === null) {
    throw invalidBody("it is neither an array nor an object");
  }
  const fields = body.value as Fields;
  const names = Object.keys(fields).join();
  if (names === "manifest_url") {
    const bytes = await fetchManifest(fields.manifest_url, settings, MAX_BYTES);
    const document = parseJson(bytes);
    if (!Array.isArray(document.value)) {
      throw invalidBody("the document is no manifest");
    }
    return await manifest(document);
  }
  if (names === "events") {
    return {
      subjects: subjectsOf(fields.events),
      call: appendEventsOf(body.text),
    };
  }
  if ("failure_reason" in fields && "run" in fields) return failure(fields);
  throw invalidBody(
    "it is no manifest, manifest_url, failure.json or list of events",
  );
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
