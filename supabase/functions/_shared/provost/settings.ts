// The configuration: environment variables, and nothing else.

/**
 * A repository whose jobs may write, as `PROVOST_REPOSITORIES` names it: the keys are those of
 * `[[server.repository]]` in provost.toml.
 */
export interface AllowedRepository {
  /** `OWNER/NAME`: what the rows of this repository say. */
  repository: string;
  /** GitHub's numbers, which no renaming changes. These decide. */
  repository_id: string;
  owner_id: string;
  /** `OWNER/REPO/.github/workflows/x.yml@REF` of the job; `{ref}` is the ref that it runs on. */
  workflows: string[];
  /** Commits of those workflows that are accepted whatever their ref. */
  job_workflow_shas: string[];
  /** Workflows that may call them, in the same form; none: any of the repository. */
  callers: string[];
  events: string[];
  /** Branches whose jobs may write about any tag. A job on a tag writes about that tag alone. */
  branches: string[];
  environment: string | null;
}

/** A static token, as `PROVOST_TOKENS` names it. */
export interface StaticToken {
  name: string;
  sha256: string;
  scopes: string[];
}

export interface Settings {
  databaseUrl: string;
  audience: string | null;
  issuer: URL;
  repositories: AllowedRepository[];
  tokens: StaticToken[];
  /** Requests that one repository or token may make in a minute. */
  requestsPerMinute: number;
  /** Below it, and nowhere else, a manifest is fetched. */
  docsBase: URL | null;
  serviceKey: string | null;
}

/** The issuer of GitHub.com. */
const GITHUB = "https://token.actions.githubusercontent.com";

/** What starts a run that may write, unless the repository says otherwise. */
const DEFAULT_EVENTS = ["push", "release", "workflow_dispatch"];

let settings: Settings | null = null;

/**
 * The settings, read once. A setting that cannot be used is an error that names it and does not
 * repeat its value.
 */
export function read(): Settings {
  settings ??= parse((name) => Deno.env.get(name) || null);
  return settings;
}

function parse(variable: (name: string) => string | null): Settings {
  const databaseUrl = variable("SUPABASE_DB_URL");
  if (databaseUrl === null) throw new Error("SUPABASE_DB_URL is not set");
  const docs = variable("PROVOST_DOCS_BASE_URL");
  const audience = variable("PROVOST_OIDC_AUDIENCE");
  const repositories = list("PROVOST_REPOSITORIES", variable, asRepository);
  if (audience === null && repositories.length > 0) {
    throw new Error(
      "PROVOST_REPOSITORIES is set, and PROVOST_OIDC_AUDIENCE is not",
    );
  }
  return {
    databaseUrl,
    audience,
    issuer: baseUrl(
      "PROVOST_OIDC_ISSUER",
      variable("PROVOST_OIDC_ISSUER") ?? GITHUB,
    ),
    repositories,
    tokens: list("PROVOST_TOKENS", variable, asToken),
    requestsPerMinute: perMinute(variable("PROVOST_REQUESTS_PER_MINUTE")),
    docsBase: docs === null ? null : baseUrl("PROVOST_DOCS_BASE_URL", docs),
    serviceKey: variable("SUPABASE_SERVICE_ROLE_KEY"),
  };
}

function perMinute(text: string | null): number {
  if (text === null) return 600;
  if (!/^[1-9][0-9]{0,5}$/.test(text)) {
    throw new Error(
      "PROVOST_REQUESTS_PER_MINUTE is no number from 1 to 999999",
    );
  }
  return Number(text);
}

/** `https`, or `http` on loopback, without user, query and fragment; without a final slash. */
function baseUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const loopback = ["127.0.0.1", "[::1]", "localhost"];
  const isSafe = url !== null &&
    (url.protocol === "https:" ||
      (url.protocol === "http:" && loopback.includes(url.hostname))) &&
    url.username === "" && url.password === "" && !text.includes("?") &&
    !text.includes("#");
  if (!isSafe) throw new Error(`${name} is no https:// base URL`);
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

type Fields = Record<string, unknown>;

function list<T>(
  name: string,
  variable: (name: string) => string | null,
  item: (fields: Fields) => T | null,
): T[] {
  const text = variable(name);
  if (text === null) return [];
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw new Error(`${name} is no JSON`);
  }
  if (!Array.isArray(values)) throw new Error(`${name} is no JSON array`);
  return values.map((value, index) => {
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    const read = isObject ? item(value as Fields) : null;
    if (read === null) {
      throw new Error(`${name}: item ${index} is not as it must be`);
    }
    return read;
  });
}

const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "";
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(isText);

/** The lists of texts of an object; an absent one is empty. */
function texts(fields: Fields, names: string[]): string[][] | null {
  const lists = names.map((name) => fields[name] ?? []);
  return lists.every(isTexts) ? lists as string[][] : null;
}

function onlyKeys(fields: Fields, known: string[]): boolean {
  return Object.keys(fields).every((key) => known.includes(key));
}

/** GitHub's number, as a number or as its digits. */
function id(value: unknown): string | null {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return isText(text) && /^[1-9][0-9]{0,18}$/.test(text) ? text : null;
}

const LISTS = [
  "workflows",
  "job_workflow_shas",
  "callers",
  "events",
  "branches",
];

function asRepository(fields: Fields): AllowedRepository | null {
  const { repository, environment = null } = fields;
  const known = ["repository", "repository_id", "owner_id", "environment"];
  const [repository_id, owner_id] = [
    id(fields.repository_id),
    id(fields.owner_id),
  ];
  const lists = texts(fields, LISTS);
  const isGood = onlyKeys(fields, [...known, ...LISTS]) && isText(repository) &&
    /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/.test(repository) &&
    (environment === null || isText(environment));
  if (
    !isGood || repository_id === null || owner_id === null || lists === null
  ) return null;
  const [workflows, job_workflow_shas, callers, events, branches] = lists;
  if (workflows.length === 0) return null;
  return {
    repository,
    repository_id,
    owner_id,
    workflows,
    job_workflow_shas,
    callers,
    events: events.length === 0 ? DEFAULT_EVENTS : events,
    branches,
    environment,
  };
}

function asToken(fields: Fields): StaticToken | null {
  const isGood = onlyKeys(fields, ["name", "sha256", "scopes"]) &&
    isText(fields.name) &&
    isText(fields.sha256) && /^[0-9a-f]{64}$/.test(fields.sha256) &&
    isTexts(fields.scopes) && fields.scopes.length > 0;
  return isGood ? fields as unknown as StaticToken : null;
}
