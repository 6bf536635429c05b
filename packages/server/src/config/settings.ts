import { isIP } from "node:net";
import { parseNetwork } from "@gatehouse-aaa/contract";
import { closestName } from "../kernel/closest-name.ts";
import { hasIPv6, isLoopback, isOfMany } from "./machine-addresses.ts";

/** Reads one setting: the value, or throws a sentence that says what would fit. */
interface Setting<T> {
  readonly description: string;
  /** How the default is written in the reference. */
  readonly defaultText: string;
  readonly read: (text: string | undefined) => T;
}

class Unfit extends Error {}

const text = (description: string, fallback: string): Setting<string> => ({
  description,
  defaultText: fallback,
  read: (value) => value ?? fallback,
});

const integer = (description: string, fallback: number, lowest: number, highest: number): Setting<number> => ({
  description,
  defaultText: String(fallback),
  read(value) {
    if (value === undefined) return fallback;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= lowest && number <= highest)) throw new Unfit(`must be an integer from ${lowest} to ${highest}`);
    return number;
  },
});

const optional = (description: string, fits: (value: string) => boolean, sentence: string): Setting<string | undefined> => ({
  description,
  defaultText: "unset",
  read(value) {
    if (value !== undefined && !fits(value)) throw new Unfit(sentence);
    return value;
  },
});

/** An address or a name to listen on. */
const host = (description: string, fallback: string): Setting<string> => ({
  ...text(description, fallback),
  read: (value = fallback) => ofThisMachine([value])[0]!,
});

/** The same addresses. */
const ofThisMachine = (list: readonly string[]): readonly string[] => {
  if (list.some((one) => isOfMany(one))) throw new Unfit("names an address of many machines (multicast or broadcast)");
  return list;
};

/** A UDP port; undefined is `off`. */
const portOrOff = (description: string, fallback: number): Setting<number | undefined> => ({
  description,
  defaultText: String(fallback),
  read(value) {
    if (value === undefined) return fallback;
    if (value === "off") return undefined;
    const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    if (!(port <= 65_535)) throw new Unfit("must be an integer from 0 to 65535, or off");
    return port;
  },
});

/** IP addresses, all different; `onePerKind` takes one of IPv4 and one of IPv6 at most. */
const addresses = (
  description: string,
  fallback: readonly string[],
  { onePerKind = false }: { readonly onePerKind?: boolean } = {},
): Setting<readonly string[]> => ({
  description,
  defaultText: fallback.length === 0 ? "unset" : fallback.join(","),
  read(value) {
    // On a machine without IPv6 all of its addresses are none: to want to listen there would never end.
    if (value === undefined) return fallback.filter((one) => one !== "::" || hasIPv6());
    const list = value.split(",").map((one) => one.trim());
    if (!list.every((one) => isIP(one) !== 0)) throw new Unfit("must be IPv4 or IPv6 addresses, separated by commas");
    if (new Set(list).size < list.length) throw new Unfit("must not name an address twice");
    if (onePerKind && new Set(list.map(isIP)).size < list.length) throw new Unfit("must name at most one IPv4 and one IPv6 address");
    return ofThisMachine(list);
  },
});

/** Addresses and ranges of addresses, each in the one way in which it is written. */
const networks = (description: string): Setting<readonly string[]> => ({
  description,
  defaultText: "unset",
  read(value) {
    const list = value?.split(",").map((one) => parseNetwork(one.trim())?.canonical) ?? [];
    if (list.includes(undefined)) {
      throw new Unfit("must be addresses or ranges whose bits beyond the length are 0, such as 10.0.0.0/24, separated by commas");
    }
    return list as readonly string[];
  },
});

/** One of a few words, the first of which is the default. */
const oneOf = <const Word extends string>(description: string, words: readonly [Word, ...Word[]]): Setting<Word> => ({
  description,
  defaultText: words[0],
  read(value) {
    const word = value === undefined ? words[0] : words.find((known) => known === value);
    if (word === undefined) throw new Unfit(`must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
    return word;
  },
});

const isUrl = (value: string, protocols: readonly string[]): boolean => URL.canParse(value) && protocols.includes(new URL(value).protocol);

const is32Bytes = (value: string): boolean => /^[A-Za-z0-9+/]{43}=$/.test(value) && Buffer.from(value, "base64").length === 32;

/** Every setting, its default and its check: what the start reads and what the reference documents. */
export const settings = {
  GATEHOUSE_HOST: host("The address to listen on.", "127.0.0.1"),
  GATEHOUSE_PORT: integer("The TCP port to listen on; 0 takes any free one.", 8080, 0, 65_535),
  GATEHOUSE_DATA_DIR: text("The directory for the SQLite database and the generated secret key.", "./data"),
  DATABASE_URL: optional(
    "A PostgreSQL 15+ database, as `postgres://user:password@host:5432/name`; a socket by its directory, as `postgres://user@/name?host=/run/postgresql`; over TLS with `?sslmode=verify-full`, and with `&sslrootcert=<file>` where its authority is one of your own. Unset: SQLite in the data directory.",
    // As libpq writes it, the host may stand in the query alone: postgres://user@/name?host=/run/postgresql.
    (value) => isUrl(value.replace("@/", "@socket/"), ["postgres:", "postgresql:"]),
    "must be a URL that begins with postgres://",
  ),
  GATEHOUSE_PUBLIC_URL: optional(
    "The URL at which clients reach Gatehouse through a proxy, with its path. It is used in the links of lists, in `Location` and in the OpenAPI document. Unset: the URL of each request.",
    (value) => isUrl(value, ["http:", "https:"]) && !/[?#@]/.test(value),
    "must be a URL that begins with http:// or https://, without user and query",
  ),
  GATEHOUSE_TRUSTED_PROXIES: networks(
    "The addresses or ranges of the proxies in front, separated by commas. Their `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-Prefix` (or `Forwarded`, if none of the first three is present) give the client's address and the requested URL, in links, logs, the audit trail and wherever requests are counted by source. The proxies must set or remove each of these headers. From other addresses the headers are ignored.",
  ),
  GATEHOUSE_BOOTSTRAP_TOKEN: optional(
    "The first full-rights token, of the root organization, used when there is no token yet: 32 or more characters of `A-Z a-z 0-9 - . _ ~ + /`, then `=` as padding. Unset: one is generated and printed once.",
    (value) => /^[A-Za-z0-9\-._~+/]{1,}=*$/.test(value) && value.length >= 32 && value.length <= 512,
    "must be 32 to 512 characters of A-Z a-z 0-9 - . _ ~ + / with = only at the end",
  ),
  GATEHOUSE_SECRET_KEY: optional(
    "The key that encrypts personal data: 32 bytes in base64 (`openssl rand -base64 32`). Unset: generated once in the data directory, in a file that only its owner can read. A database refuses any other key than its first one.",
    is32Bytes,
    "must be 32 bytes in base64",
  ),
  GATEHOUSE_RATE_LIMIT: integer(
    "Requests per minute and token; 0 is no limit. This version checks the value and does not enforce it yet.",
    0,
    0,
    1_000_000,
  ),
  GATEHOUSE_RADIUS_HOST: addresses(
    "The addresses on which RADIUS listens, separated by commas. Without an AAA client nothing listens, and only AAA clients get answers. On a machine with several addresses, list the ones that its AAA clients use, because answers must come from them.",
    ["0.0.0.0", "::"],
  ),
  GATEHOUSE_RADIUS_AUTH_PORT: portOrOff(
    "UDP port for RADIUS authentication, open as soon as there is an AAA client. 0 takes any free port. `off` opens none, for example beside a FreeRADIUS on the same machine.",
    1812,
  ),
  GATEHOUSE_RADIUS_ACCT_PORT: portOrOff("UDP port for RADIUS accounting, with the same special values.", 1813),
  GATEHOUSE_RADIUS_SOURCE: addresses(
    "The local addresses from which Disconnect-Requests and CoA-Requests (RFC 5176) are sent, separated by commas, at most one IPv4 and one IPv6 address. Network equipment accepts them only from addresses that it knows. Unset: the system chooses.",
    [],
    { onePerKind: true },
  ),
  GATEHOUSE_COA_LOCAL: oneOf(
    "Whether Disconnect-Requests and CoA-Requests (RFC 5176) may go to loopback and link-local addresses. `auto`: to loopback addresses, if `GATEHOUSE_HOST` is one. `never`: to neither. `always`: to both. Multicast, broadcast and unspecified addresses never get any.",
    ["auto", "never", "always"],
  ),
  GATEHOUSE_DATABASE_POOL: integer(
    "The most connections to PostgreSQL that each process uses for requests, half of them for reads. One more connection listens for changes of other processes. With `--workers`, each worker is a process.",
    10,
    1,
    1_000,
  ),
  GATEHOUSE_DATABASE_TIMEOUT: integer(
    "Seconds that a request waits for a connection to PostgreSQL, or for a row that another request holds, before it is answered with 503.",
    5,
    1,
    600,
  ),
  GATEHOUSE_OVERLOAD_DELAY: integer(
    "If the mean delay of the event loop exceeds this number of milliseconds, new requests are answered with 503 and `Retry-After`. 0 refuses none.",
    1_000,
    0,
    600_000,
  ),
  GATEHOUSE_BODY_MEMORY: integer(
    "The most mebibytes that all request bodies of a process may use together, from reading to answer. One organization may use a quarter. Beyond that, requests are answered with 503 and `Retry-After`.",
    64,
    32,
    16_384,
  ),
  GATEHOUSE_DECISION_DAYS: integer(
    "The number of days for which access decisions are kept with their traces. Older ones are deleted, a few at a time. 0 keeps them for ever.",
    30,
    0,
    36_500,
  ),
  GATEHOUSE_METRICS: oneOf(
    "Who may read `/metrics`. `token`: a token of the root organization with the scope `metrics:read`. `loopback`: also everybody who connects from this machine, but not through a proxy on it. `off`: nobody.",
    ["token", "loopback", "off"],
  ),
  GATEHOUSE_LOG_LEVEL: oneOf("The least severe log lines to write: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.", [
    "info",
    "trace",
    "debug",
    "warn",
    "error",
    "fatal",
    "silent",
  ]),
} as const satisfies Record<string, Setting<unknown>>;

type Values = { readonly [K in keyof typeof settings]: ReturnType<(typeof settings)[K]["read"]> };

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly databasePool: number;
  readonly databaseTimeoutSeconds: number;
  /** Zero refuses no request. */
  readonly overloadDelayMs: number;
  readonly publicUrl: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly bootstrapToken: string | undefined;
  readonly secretKey: string | undefined;
  readonly rateLimit: number;
  readonly radiusHosts: readonly string[];
  /** Undefined: RADIUS does not listen there. */
  readonly radiusAuthPort: number | undefined;
  readonly radiusAcctPort: number | undefined;
  readonly radiusSourceAddresses: readonly string[];
  readonly bodyMemoryBytes: number;
  /** Which addresses of this machine and its link CoA-Requests and Disconnect-Requests go to. */
  readonly coaLocal: "none" | "loopback" | "all";
  /** Zero keeps them for ever. */
  readonly decisionDays: number;
  readonly metrics: "token" | "loopback" | "off";
  readonly logLevel: string;
}

/** The environment does not describe a Gatehouse: every problem by its setting's name, never by its value. */
export class InvalidConfiguration extends Error {
  override readonly name = "InvalidConfiguration";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Reads all settings at once. Throws InvalidConfiguration with every problem, unknown GATEHOUSE_ names included. */
export const readConfig = (environment: Readonly<Record<string, string | undefined>>): Config => {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    try {
      values[name] = setting.read(environment[name] === "" ? undefined : environment[name]);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      problems.push(`${name} ${error.message}.`);
    }
  }
  for (const name of Object.keys(environment)) {
    if (!name.startsWith("GATEHOUSE_") || name in settings) continue;
    const meant = closestName(name, Object.keys(settings));
    problems.push(`${name} is not a setting.${meant === undefined ? "" : ` Did you mean ${meant}?`}`);
  }
  if (problems.length > 0) throw new InvalidConfiguration(problems);
  const read = values as unknown as Values;
  return Object.freeze({
    host: read.GATEHOUSE_HOST,
    port: read.GATEHOUSE_PORT,
    dataDir: read.GATEHOUSE_DATA_DIR,
    databaseUrl: read.DATABASE_URL,
    databasePool: read.GATEHOUSE_DATABASE_POOL,
    databaseTimeoutSeconds: read.GATEHOUSE_DATABASE_TIMEOUT,
    overloadDelayMs: read.GATEHOUSE_OVERLOAD_DELAY,
    publicUrl: read.GATEHOUSE_PUBLIC_URL,
    trustedProxies: read.GATEHOUSE_TRUSTED_PROXIES,
    bootstrapToken: read.GATEHOUSE_BOOTSTRAP_TOKEN,
    secretKey: read.GATEHOUSE_SECRET_KEY,
    rateLimit: read.GATEHOUSE_RATE_LIMIT,
    radiusHosts: read.GATEHOUSE_RADIUS_HOST,
    radiusAuthPort: read.GATEHOUSE_RADIUS_AUTH_PORT,
    radiusAcctPort: read.GATEHOUSE_RADIUS_ACCT_PORT,
    radiusSourceAddresses: read.GATEHOUSE_RADIUS_SOURCE,
    bodyMemoryBytes: read.GATEHOUSE_BODY_MEMORY * 1024 * 1024,
    coaLocal: coaLocal(read.GATEHOUSE_COA_LOCAL, read.GATEHOUSE_HOST),
    decisionDays: read.GATEHOUSE_DECISION_DAYS,
    metrics: read.GATEHOUSE_METRICS,
    logLevel: read.GATEHOUSE_LOG_LEVEL,
  });
};

const coaLocal = (setting: Values["GATEHOUSE_COA_LOCAL"], host: string): Config["coaLocal"] => {
  if (setting === "auto") return isLoopback(host) ? "loopback" : "none";
  return setting === "always" ? "all" : "none";
};
