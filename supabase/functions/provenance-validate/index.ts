// POST /functions/v1/provenance-validate: what a gate decided about one release, as one event.

import type { Json } from "../_shared/provost/body.ts";
import { appendEvents, type Outcome } from "../_shared/provost/database.ts";
import { eventKey, utc } from "../_shared/provost/event_key.ts";
import { answer, invalid, Refusal } from "../_shared/provost/refusal.ts";
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
  fetch: serve({
    path: "/functions/v1/provenance-validate",
    scope: "ingest",
    maxBytes: MAX_BYTES,
    work,
    tell,
  }),
};

async function work({ value }: Json): Promise<Work> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("the body is no object");
  }
  const fields = value as Fields;
  for (const name of Object.keys(fields)) {
    if (!REQUIRED.includes(name) && !OPTIONAL.includes(name)) {
      throw invalid(
        `the body: ${JSON.stringify(name.slice(0, 64))} is no key of it`,
      );
    }
  }
  const { run_id, tag, status, repository } = fields;
  const at = utc(fields.verified_at);
  if (typeof tag !== "string") throw invalid("tag: it must be a text");
  if (
    typeof repository !== "string" ||
    !/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/.test(repository)
  ) {
    throw invalid("repository: it must be OWNER/NAME");
  }
  if (typeof run_id !== "string" || !/^(0|[1-9][0-9]{0,18})$/.test(run_id)) {
    throw invalid("run_id: it must be the decimal digits of a run id");
  }
  if (status !== "success" && status !== "failure") {
    throw invalid("status: it must be success or failure");
  }
  if (at === null) {
    throw invalid("verified_at: write UTC as in 2026-11-23T12:00:00Z");
  }
  const given = OPTIONAL.filter((name) =>
    fields[name] != null && fields[name] !== ""
  );
  if (status === "success" && given.includes("failure_reason")) {
    throw invalid("failure_reason: a success has none");
  }
  const event: Fields = {
    event_key: await eventKey("validated", repository, run_id, tag, status, at),
    event: "validated",
    status,
    run_id,
    tag,
    repository,
    occurred_at: at,
    validated_at: at,
  };
  for (const name of given) event[name] = fields[name];
  const subjects = [{ repository, tag, hasOwnKey: true }];
  return { subjects, call: appendEvents(JSON.stringify([event])) };
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
