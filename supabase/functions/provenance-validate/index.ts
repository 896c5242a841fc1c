// POST /functions/v1/provenance-validate: what a gate decided about one release, as one event.

import { type Json, sha256 } from "../_shared/provost/body.ts";
import { appendEvents, type Outcome } from "../_shared/provost/database.ts";
import { answer, invalidBody, Refusal } from "../_shared/provost/refusal.ts";
import { serve, type Work } from "../_shared/provost/serve.ts";

const MAX_BYTES = 1024 * 1024;

/** What goes into the row under its own name. */
const OPTIONAL = [
  "failure_reason",
  "decision",
  "attempt",
  "release_url",
  "artifact_path",
  "commit_sha",
  "builder_id",
  "slsa_build_level",
  "manifest_sha256",
  "actor",
];
const REQUIRED = ["tag", "run_id", "status", "verified_at", "repository"];

type Fields = Record<string, unknown>;

export default {
  fetch: serve({ scope: "ingest", maxBytes: MAX_BYTES, work, tell }),
};

async function work({ value }: Json): Promise<Work> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidBody("it is no object");
  }
  const fields = value as Fields;
  for (const name of Object.keys(fields)) {
    if (!REQUIRED.includes(name) && !OPTIONAL.includes(name)) {
      throw invalidBody(
        `${JSON.stringify(name.slice(0, 64))} is no key of this document`,
      );
    }
  }
  const { run_id, tag, status, repository, verified_at } = fields;
  if (typeof tag !== "string" || typeof repository !== "string") {
    throw invalidBody("tag and repository are texts");
  }
  if (typeof run_id !== "string" || !/^(0|[1-9][0-9]{0,18})$/.test(run_id)) {
    throw invalidBody("run_id is no run id: write decimal digits");
  }
  if (status !== "success" && status !== "failure") {
    throw invalidBody("status is `success` or `failure`");
  }
  const at = utc(verified_at);
  const parts = JSON.stringify([
    "validated",
    repository,
    run_id,
    tag,
    status,
    at,
  ]);
  const hash = await sha256(new TextEncoder().encode(parts));
  const event: Fields = {
    event_key: `validated:${hash}`,
    event: "validated",
    status,
    run_id,
    tag,
    repository,
    occurred_at: at,
    validated_at: at,
  };
  for (const name of OPTIONAL) {
    if (fields[name] != null) event[name] = fields[name];
  }
  return {
    subjects: [{ repository, tag }],
    call: appendEvents(JSON.stringify([event])),
  };
}

/**
 * A time of RFC 3339 in UTC, written in the one way that the event's key is made of: a fraction
 * without trailing zeros, and none when it is zero.
 */
function utc(text: unknown): string {
  const form =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
  const parts = typeof text === "string" ? form.exec(text) : null;
  const invalid = invalidBody(
    "verified_at is no time: write UTC as in 2026-11-23T12:00:00Z",
  );
  if (parts === null) throw invalid;
  const [, day, clock, fraction, zone] = parts;
  // A leap second is the second before it.
  const time = clock.replace(/:60$/, ":59");
  const local = new Date(`${day}T${time}Z`);
  // A day that no month has is moved on by the parser instead of refused.
  if (
    Number.isNaN(local.getTime()) ||
    !local.toISOString().startsWith(`${day}T${time}`)
  ) {
    throw invalid;
  }
  const at = new Date(`${day}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(at.getTime())) throw invalid;
  const digits = (fraction ?? "").replace(/0+$/, "");
  const seconds = at.toISOString().slice(0, 19);
  return digits === "" ? `${seconds}Z` : `${seconds}.${digits}Z`;
}

function tell([outcome]: Outcome[]): Response {
  if (outcome.outcome === "rejected") {
    throw new Refusal(
      422,
      "rejected",
      outcome.problem ?? "the event was not taken",
    );
  }
  return answer(200, { event_id: outcome.id, outcome: outcome.outcome });
}
