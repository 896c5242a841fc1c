// The database: one transaction a request, as `service_role`, through functions alone.

import postgres from "npm:postgres@3.4.9";
import { invalid, log, Refusal, unavailable } from "./refusal.ts";
import type { Caller } from "./identity.ts";
import type { Settings } from "./settings.ts";

/** What became of one entry. */
export interface Outcome {
  index: number;
  outcome: "inserted" | "duplicate" | "rejected";
  id: string | null;
  problem: string | null;
}

/** A call of a function of the database, about all entries but those at the places to skip. */
export type Call = (
  sql: postgres.TransactionSql,
  skip: number[],
) => Promise<Outcome[]>;

/** An answer of the database to what the body holds; any other failure is not the caller's. */
const DATA_ERROR = /^(22|54001)/;
const CONFLICT = /^40(001|P01)$/;

let pool: postgres.Sql | null = null;

function connect(settings: Settings): postgres.Sql {
  pool ??= postgres(settings.databaseUrl, {
    // A transaction pooler gives every transaction another connection.
    prepare: false,
    fetch_types: false,
    max: 4,
    idle_timeout: 20,
    connect_timeout: 10,
    onnotice: () => {},
  });
  return pool;
}

/** Counts a request of the caller, and refuses one too many of this minute. */
export async function countRequest(settings: Settings, { sender }: Caller) {
  const most = settings.requestsPerMinute;
  let wait: number;
  try {
    wait = await connect(settings).begin(async (sql) => {
      await asService(sql);
      const [{ wait }] = await sql`
        select public.count_provenance_request(${sender}, ${most}) as wait`;
      return wait;
    });
  } catch (error) {
    throw refusalOf(error, String((error as { code?: unknown }).code));
  }
  if (wait > 0) {
    const detail = "this sender sends too much; come again later";
    const headers = { "retry-after": String(wait) };
    throw new Refusal(429, "too-many-requests", detail, headers);
  }
}

async function asService(sql: postgres.TransactionSql) {
  await sql`select set_config('statement_timeout', '15s', true)`;
  await sql`select set_config('role', rolname, true) from pg_catalog.pg_roles
    where rolname = 'service_role' and pg_has_role(oid, 'member')`;
}

/**
 * The call and the use of the caller's token, together or not at all. What two requests at the
 * same time kept from happening is tried again. `use` is a hash of what the
 * token is used for.
 */
export async function submit(
  settings: Settings,
  caller: Caller,
  use: string,
  call: (sql: postgres.TransactionSql) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  for (let left = 2;; left--) {
    try {
      return await connect(settings).begin(async (sql) => {
        await asService(sql);
        await useToken(sql, caller, use);
        return await call(sql);
      });
    } catch (error) {
      const { code = "unknown" } = error as { code?: unknown };
      if (left > 0 && CONFLICT.test(String(code))) continue;
      throw refusalOf(error, String(code));
    }
  }
}

function refusalOf(error: unknown, code: string): Refusal {
  if (error instanceof Refusal) return error;
  if (DATA_ERROR.test(code)) {
    return invalid("the body has a value that no column can hold");
  }
  log("error", "the database did not take a request", { code });
  return unavailable(
    "the event log is not available; send the same request again",
  );
}

/** A token counts once; the same request again is answered again. */
async function useToken(
  sql: postgres.TransactionSql,
  { token }: Caller,
  use: string,
) {
  if (token === null) return;
  const [{ known }] = await sql`select public.use_provenance_token(
    ${token.issuer}, ${token.jti}, ${use}, ${token.expiresAt}) as known`;
  if (known === "reused") {
    const detail = "the token was used for another request; ask for a new one";
    throw new Refusal(409, "token-reused", detail);
  }
}

/** Appends events; the text is a JSON array, or an object with `events`. */
export function appendEvents(text: string): Call {
  return async (sql, skip) =>
    await sql<Outcome[]>`select index, outcome, id, problem
      from public.append_provenance_events(${
      entries(sql, text, skip)
    }) order by index`;
}

/** Ingests a manifest; the text is a JSON array. */
export function ingestManifest(
  text: string,
  manifestSha256: string | null,
): Call {
  return async (sql, skip) =>
    await sql<Outcome[]>`select index, outcome, id, problem
      from public.ingest_provenance_manifest(
        ${entries(sql, text, skip)}, ${manifestSha256}::text) order by index`;
}

/** The array as the database reads it from the text that was sent. */
function entries(sql: postgres.TransactionSql, text: string, skip: number[]) {
  const all =
    sql`coalesce(${text}::text::jsonb -> 'events', ${text}::text::jsonb)`;
  if (skip.length === 0) return all;
  return sql`(select coalesce(jsonb_agg(entry order by ord), '[]')
    from jsonb_array_elements(${all}) with ordinality as sent (entry, ord)
    where not ${JSON.stringify(skip)}::text::jsonb @> to_jsonb(ord - 1))`;
}
