// The answers that are no success, as the errors document that every route of provost gives.

/** A request that is not done, with what the caller may know of it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }

  response(): Response {
    const document = { errors: [{ code: this.code, detail: this.detail }] };
    return answer(this.status, document, this.headers);
  }
}

/** The one answer to a caller who did not prove who it is: the reason goes to the log. */
export class Unauthorized extends Refusal {
  constructor(readonly reason: string) {
    super(401, "unauthorized", "the caller is not authenticated", {
      "www-authenticate": "Bearer",
    });
  }
}

/** The body cannot be what this route takes. */
export function invalidBody(detail: string): Refusal {
  return new Refusal(400, "invalid-body", detail);
}

/** The caller is known, and may not do this. */
export function forbidden(detail: string): Refusal {
  return new Refusal(403, "forbidden", detail);
}

/** It could not be done now, and the same request may be sent again. */
export function unavailable(detail: string): Refusal {
  return new Refusal(503, "unavailable", detail, { "retry-after": "5" });
}

/** A JSON answer that no cache keeps. */
export function answer(
  status: number,
  document: unknown,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

/** A line in the function's log. No value comes from a token, a body or a URL with a query. */
export function log(
  level: "info" | "warn" | "error",
  message: string,
  fields: Record<string, string | number> = {},
) {
  console[level](JSON.stringify({ level, message, ...fields }));
}
