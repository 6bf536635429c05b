import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe } from "node:test";
import pg from "pg";
import { pino } from "pino";
import type { App, Surroundings } from "../../src/composition/app.ts";
import { type Config, readConfig } from "../../src/config/settings.ts";
import { type Clock, type Delay, systemClock } from "../../src/kernel/clock.ts";
import { openInstallation } from "../../src/startup/installation.ts";
import { assertDeclared } from "./operations.ts";
import { openReadingWorker, writerSocketOf } from "./reading-worker.ts";

export type DatabaseName = "sqlite" | "postgres";
/** Both, unless the run is about one of them. */
export const databaseNames: readonly DatabaseName[] = process.env["TEST_DATABASES"] === "postgres" ? ["postgres"] : ["sqlite", "postgres"];

/** The full-rights token of every test world. */
export const fullToken = "test-token-of-the-root-organization-0123456789";
const secretKey = Buffer.alloc(32, 7).toString("base64");

export interface RequestOptions {
  /** Null sends none. */
  token?: string | null;
  body?: unknown;
  /** Sends these bytes instead of a JSON body. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** A Gatehouse over a database of its own that holds the demo world, built by the function that `serve` uses. */
export interface World {
  readonly database: DatabaseName;
  readonly app: App;
  readonly config: Config;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  patch(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  delete(path: string, options?: RequestOptions): Promise<Answer>;
  /** What the log says at error level: a test world closes only with an empty one. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** The settings of a fresh database: a copy of the template that holds the demo world. */
export const freshDatabase = async (
  database: DatabaseName,
  template = true,
): Promise<{ environment: Record<string, string>; drop(): Promise<void> }> => {
  const dataDir = await mkdtemp(join(tmpdir(), "gatehouse-world-"));
  const environment: Record<string, string> = {
    GATEHOUSE_DATA_DIR: dataDir,
    GATEHOUSE_SECRET_KEY: secretKey,
    GATEHOUSE_BOOTSTRAP_TOKEN: fullToken,
    // A machine that does much else beside is slow, and refuses nothing for that.
    GATEHOUSE_OVERLOAD_DELAY: "0",
    GATEHOUSE_DATABASE_TIMEOUT: "60",
  };
  const dropDirectory = () => rm(dataDir, { recursive: true, force: true });
  if (database === "sqlite") {
    if (template) await cp(join(needed("TEST_SQLITE_TEMPLATE"), "gatehouse.db"), join(dataDir, "gatehouse.db"));
    return { environment, drop: dropDirectory };
  }
  worlds += 1;
  const name = `world_${process.pid}_${worlds}_${Math.trunc(performance.now())}`;
  await onServer(`create database ${name} ${template ? "template gatehouse_template" : ""}`);
  environment["DATABASE_URL"] = needed("TEST_POSTGRES_URL").replace(/[^/]+$/, name);
  environment["GATEHOUSE_DATABASE_POOL"] = "8";
  return {
    environment,
    async drop() {
      await onServer(`drop database if exists ${name} with (force)`);
      await dropDirectory();
    },
  };
};

let worlds = 0;

const needed = (name: string): string => {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the tests by npm test, which starts the databases.`);
  return value;
};

const onServer = async (statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: needed("TEST_POSTGRES_URL") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};

export interface WorldOptions {
  readonly clock?: Clock;
  /** How waits pass: for the answers of equipment, and of those who are refused. */
  readonly delay?: Delay;
  /** Hears every line of the log. */
  readonly onLine?: (line: string) => void;
  /** How DNS is asked. */
  readonly lookup?: NonNullable<Surroundings["lookup"]>;
  readonly environment?: Record<string, string>;
  /** Sends the requests to a reading worker, which hands its writes to the app. */
  readonly throughReader?: boolean;
}

export const openWorld = async (database: DatabaseName, options: WorldOptions = {}): Promise<World> => {
  const { environment, drop } = await freshDatabase(database);
  const config = readConfig({ ...environment, ...options.environment });
  const errors: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const line = chunk.toString();
      options.onLine?.(line);
      if ((JSON.parse(line) as { level: number }).level >= 50) errors.push(line);
      done();
    },
  });
  const logger = pino({ level: options.onLine ? "info" : "error" }, sink);
  const app = await openInstallation(config, logger, options.clock ?? systemClock, {
    ...(options.delay && { delay: options.delay }),
    ...(options.lookup && { lookup: options.lookup }),
  });
  if (options.throughReader) await app.writeReceiver.listen(writerSocketOf(config));
  const reader = options.throughReader ? await openReadingWorker(config, logger) : undefined;
  const request = async (
    method: string,
    path: string,
    { token = fullToken, body, raw, headers = {} }: RequestOptions = {},
  ): Promise<Answer> => {
    const response = await (reader ?? app).http.inject({
      method: method as "GET",
      url: /^\/(?:swagger|healthz|readyz|metrics)/.test(path) ? path : `/api/v1${path}`,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body !== undefined || raw !== undefined ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(raw !== undefined ? { payload: raw } : body !== undefined ? { payload: JSON.stringify(body) } : {}),
    });
    const isJson = /json/.test(String(response.headers["content-type"] ?? ""));
    const answer: Answer = {
      status: response.statusCode,
      headers: response.headers,
      body: isJson && response.body !== "" ? response.json() : response.body,
    };
    assertDeclared(method, path, answer);
    return answer;
  };
  return {
    database,
    app,
    config,
    request,
    errors,
    get: (path, more) => request("GET", path, more),
    post: (path, body, more) => request("POST", path, { ...more, body }),
    put: (path, body, more) => request("PUT", path, { ...more, body }),
    patch: (path, body, more) => request("PATCH", path, { ...more, body }),
    delete: (path, more) => request("DELETE", path, more),
    async close() {
      await reader?.close();
      await app.close();
      await drop();
      assert.deepEqual(errors, [], "the log must hold no errors");
    },
  };
};

/** Declares the same tests for each database. */
export const onEachDatabase = (
  title: string,
  declare: (open: (options?: Parameters<typeof openWorld>[1]) => Promise<World>, database: DatabaseName) => void,
): void => {
  for (const database of databaseNames) {
    describe(`${title} (${database})`, () => declare((options) => openWorld(database, options), database));
  }
};
