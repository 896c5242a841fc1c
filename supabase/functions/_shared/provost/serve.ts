// One request from its first byte to its answer. Every function of provost starts here.

import { parseJson, readBody, sha256 } from "./body.ts";
import type { Json } from "./body.ts";
import { type Call, countRequest, type Outcome, submit } from "./database.ts";
import { authenticate, foreign, type Subject } from "./identity.ts";
import { log, Refusal, Unauthorized, unavailable } from "./refusal.ts";
import { read, type Settings } from "./settings.ts";

/** What a body asks for. */
export interface Work {
  /** What its entries are about; `null` stands for what is no entry. */
  subjects: (Subject | null)[];
  call: Call;
}

/** A function: what a body asks for, and how the outcomes are told. */
export interface Route {
  /** Its path, which is part of what a token is used for. */
  path: string;
  scope: string;
  maxBytes: number;
  work(body: Json, settings: Settings): Work | Promise<Work>;
  tell(outcomes: Outcome[]): Response;
}

/** The handler for `export default { fetch }`. */
export function serve(route: Route): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await run(route, request);
    } catch (error) {
      if (error instanceof Unauthorized) {
        log("warn", "refused", { reason: error.reason });
      }
      if (error instanceof Refusal) return error.response();
      // The text may quote what was sent.
      const why = error instanceof Error ? error.name : "unknown";
      log("error", "the request came to nothing", { why });
      return unavailable("the request could not be done").response();
    }
  };
}

async function run(route: Route, request: Request): Promise<Response> {
  if (request.method !== "POST") {
    throw new Refusal(405, "method-not-allowed", "send a POST request", {
      allow: "POST",
    });
  }
  const settings = settingsInForce();
  const caller = await authenticate(request, route.scope, settings);
  await countRequest(settings, caller);
  const bytes = await readBody(request, route.maxBytes);
  const work = await route.work(parseJson(bytes), settings);
  const skip = foreign(caller, work.subjects);
  const use = await sha256(
    new TextEncoder().encode(`POST ${route.path} ${await sha256(bytes)}`),
  );
  const call = (sql: Parameters<Call>[0]) => work.call(sql, skip);
  return route.tell(together(await submit(settings, caller, use, call), skip));
}

/** The outcomes of what was called for, and of what was skipped, in the order sent. */
function together(outcomes: Outcome[], skip: number[]): Outcome[] {
  const [taken, skipped] = [outcomes.values(), new Set(skip)];
  const all: Outcome[] = [];
  for (let index = 0; index < outcomes.length + skip.length; index++) {
    const problem = "the token is of another repository or tag than this entry";
    const outcome: Outcome | undefined = skipped.has(index)
      ? { index, outcome: "rejected", id: null, problem }
      : taken.next().value;
    if (outcome !== undefined) all.push({ ...outcome, index });
  }
  return all;
}

function settingsInForce(): Settings {
  try {
    return read();
  } catch (error) {
    // These texts name a variable and never its value.
    log("error", "the function is not configured", {
      why: (error as Error).message,
    });
    throw unavailable("the function is not configured");
  }
}
