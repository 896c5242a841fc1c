// One request from its first byte to its answer. Every function of provost starts here.

import { parseJson, readBody, sha256 } from "./body.ts";
import type { Json } from "./body.ts";
import { type Call, type Outcome, submit } from "./database.ts";
import { authenticate, authorize, type Subject } from "./identity.ts";
import { log, Refusal, Unauthorized, unavailable } from "./refusal.ts";
import { read, type Settings } from "./settings.ts";

/** What a body asks for. */
export interface Work {
  /** What it is about; the caller must have the right to all of it. */
  subjects: Subject[];
  call: Call;
}

/** A function: what a body asks for, and how the outcomes are told. */
export interface Route {
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
  const bytes = await readBody(request, route.maxBytes);
  const work = await route.work(parseJson(bytes), settings);
  authorize(caller, work.subjects);
  return route.tell(
    await submit(settings, caller, await sha256(bytes), work.call),
  );
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
