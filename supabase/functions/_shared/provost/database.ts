// The database: one transaction a request, as `service_role`, through functions alone.

import postgres from "npm:postgres@3.4.9";
import { invalidBody, log, Refusal, unavailable } from "./refusal.ts";
import type { Caller } from "./identity.ts";
import type { Settings } from "./settings.ts";

/** What became of one entry. */
export interface Outcome {
  index: number;
  outcome: "inserted" | "duplicate" | "rejected";
  id: string | null;
  problem: string | null;
}

/** A call of a function of the database that answers outcomes. */
export type Call = (sql: postgres.TransactionSql) => Promise<Outcome[]>;

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

/**
 * The call and the use of the caller's token, together or not at all. What two requests at the
 * same time kept from happening is tried again.
 */
export async function submit(
  settings: Settings,
  caller: Caller,
  bodySha256: string,
  call: Call,
): Promise<Outcome[]> {
  for (let left = 2;; left--) {
    try {
      return await connect(settings).begin(async (sql) => {
        await sql`select set_config('statement_timeout', '15s', true)`;
        await sql`select set_config('role', rolname, true) from pg_catalog.pg_roles
          where rolname = 'service_role' and pg_has_role(oid, 'member')`;
        await useToken(sql, caller, bodySha256);
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
    return invalidBody("it has a value that no column can hold");
  }
  log("error", "the database did not take a request", { code });
  return unavailable(
    "the event log is not available; send the same request again",
  );
}

/** A token counts once; the same body again is answered again. */
async function useToken(
  sql: postgres.TransactionSql,
  { token }: Caller,
  bodySha256: string,
) {
  if (token === null) return;
  const [{ use }] = await sql`select public.use_provenance_token(
    ${token.issuer}, ${token.jti}, ${bodySha256}, ${token.expiresAt}) as use`;
  if (use === "reused") {
    throw new Refusal(
      409,
      "token-reused",
      "the token was used with another body",
    );
  }
}

/** Appends events; the text is a JSON array. */
export function appendEvents(text: string): Call {
  return async (sql) =>
    await sql<Outcome[]>`select index, outcome, id, problem
      from public.append_provenance_events(${text}::text::jsonb) order by index`;
}

/** Appends the `events` of a JSON object. */
export function appendEventsOf(text: string): Call {
  return async (sql) =>
    await sql<Outcome[]>`select index, outcome, id, problem
      from public.append_provenance_events(${text}::text::jsonb -> 'events') order by index`;
}

/** Ingests a manifest; the text is a JSON array. */
export function ingestManifest(
  text: string,
  manifestSha256: string | null,
): Call {
  return async (sql) =>
    await sql<Outcome[]>`select index, outcome, id, problem
      from public.ingest_provenance_manifest(
        ${text}::text::jsonb, ${manifestSha256}::text) order by index`;
}
