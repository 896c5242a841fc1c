// By what an event is recognised when it is sent again: a hash over what makes it this event.

import { sha256 } from "./body.ts";

type Fields = Record<string, unknown>;

/** The key over a compact JSON array of texts, as the database and the program make it. */
export async function eventKey(
  kind: string,
  ...parts: string[]
): Promise<string> {
  const text = JSON.stringify([kind, ...parts]);
  return `${kind}:${await sha256(new TextEncoder().encode(text))}`;
}

/**
 * Whether an event's key is the one of its content. With a key of its own choice a job could take
 * the place of another repository's event before that happens.
 */
export async function hasOwnKey(event: Fields): Promise<boolean> {
  const { event_key, event: kind, run_id, tag, occurred_at } = event;
  if (typeof event_key !== "string" || typeof kind !== "string") return false;
  const repository = String(event.repository ?? "");
  const about = [repository, String(run_id), String(tag)];
  switch (kind) {
    case "dispatched":
      return event_key === await eventKey(kind, ...about);
    case "provenance":
    case "validated": {
      const at = utc(occurred_at);
      if (at === null) return false;
      const keys = ["success", "failure"].map((status) =>
        eventKey(kind, ...about, status, at)
      );
      return (await Promise.all(keys)).includes(event_key);
    }
    default:
      return event_key.startsWith(`${kind}:`);
  }
}

/**
 * A time of RFC 3339 in UTC, written in the one way that keys are made of: a fraction without
 * trailing zeros, and none when it is zero. `null` for what is no time.
 */
export function utc(text: unknown): string | null {
  const form =
    /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
  const parts = typeof text === "string" ? form.exec(text) : null;
  if (parts === null) return null;
  const [, day, clock, fraction, zone] = parts;
  // A leap second is the second before it.
  const time = clock.replace(/:60$/, ":59");
  const local = new Date(`${day}T${time}Z`);
  // A day that no month has is moved on by the parser instead of refused.
  const isReal = !Number.isNaN(local.getTime()) &&
    local.toISOString().startsWith(`${day}T${time}`);
  const at = new Date(`${day}T${time}${zone.toUpperCase()}`);
  if (!isReal || Number.isNaN(at.getTime())) return null;
  const digits = (fraction ?? "").replace(/0+$/, "");
  const seconds = at.toISOString().slice(0, 19);
  return digits === "" ? `${seconds}Z` : `${seconds}.${digits}Z`;
}
