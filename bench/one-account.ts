import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { pino } from "pino";
import type { App } from "../packages/server/src/composition/app.ts";
import { readConfig } from "../packages/server/src/config/settings.ts";
import { ensureFirstToken, ensureRootOrganization } from "../packages/server/src/startup/first-start.ts";
import { openInstallation } from "../packages/server/src/startup/installation.ts";
import { startPostgres } from "../packages/server/test/support/postgres-server.ts";
import { benchToken, sharedEnvironment } from "./data-cache.ts";
import { openEmpty } from "./empty-database.ts";
import { atEnd } from "./ending.ts";
import { integer } from "./options.ts";
import { postgresSettings } from "./postgres-databases.ts";
import { print } from "./print.ts";
import { readTree } from "./process-tree.ts";
import { databaseNames } from "./results.ts";
import { median } from "./statistics.ts";

/** Equipment that reports sessions of the account, and billing that adds to its time beside it. */
const reporters = 10;
const billers = 4;
/** Between two logins of the other tenant. */
const loginPauseMs = 20;

interface Measured {
  readonly operationsPerSecond: number;
  /** Of this process for each operation, and of the database server's. */
  readonly cpuMs: number;
  readonly databaseCpuMs: number;
  readonly loginMs: number;
  readonly maxLoginMs: number;
}

/** All that happens to one account, for so many seconds in this process, beside logins of another tenant. */
const measure = async (environment: Readonly<Record<string, string>>, seconds: number): Promise<Measured> => {
  const app = await openInstallation(
    readConfig({ ...sharedEnvironment, GATEHOUSE_OVERLOAD_DELAY: "0", ...environment }),
    pino({ level: "error" }),
  );
  try {
    await ensureRootOrganization(app);
    await ensureFirstToken(app, benchToken);
    const [busy, other] = [await makeTenant(app, "busy", 1), await makeTenant(app, "other", 2)];
    const logins: number[] = [];
    await login(app, other);
    const cpu = process.cpuUsage();
    const tree = readTree(process.pid).cpuSeconds;
    const startedAt = performance.now();
    const isOver = () => performance.now() - startedAt > seconds * 1000;
    const counts = await Promise.all([
      ...Array.from({ length: reporters }, (_, index) => reportSessions(app, busy, index, isOver)),
      ...Array.from({ length: billers }, () => topUp(app, busy, isOver)),
      logInAgain(app, other, logins, isOver),
    ]);
    const operations = counts.reduce((sum, count) => sum + count, 0);
    const { user, system } = process.cpuUsage(cpu);
    const cpuMs = (user + system) / 1000 / operations;
    return {
      operationsPerSecond: operations / ((performance.now() - startedAt) / 1000),
      cpuMs,
      databaseCpuMs: Math.max(0, ((readTree(process.pid).cpuSeconds - tree) * 1000) / operations - cpuMs),
      loginMs: median(logins) ?? Number.NaN,
      maxLoginMs: Math.max(...logins),
    };
  } finally {
    await app.close();
  }
};

type Tenant = Awaited<ReturnType<typeof makeTenant>>;

const makeTenant = async (app: App, slug: string, place: number) => {
  const organization = await call(app, "/organization/", { slug, name: slug, own_usernames: true });
  const user = await call(app, "/user_token/", { username: slug, password: "secret", organization, user_time: 1_000_000_000 });
  const address = `198.51.100.${place}`;
  const client = await call(app, "/aaa_client/", { short_name: slug, address, secret: "testing123", organization });
  return { slug, user, address, client: app.services.aaaClients.table.get(client)! };
};

/** Makes a record by the API and returns its id. */
const call = async (app: App, path: string, body: object): Promise<number> => {
  const headers = { authorization: `Bearer ${benchToken}`, "content-type": "application/json" };
  const answer = await app.http.inject({ method: "POST", url: `/api/v1${path}`, headers, payload: JSON.stringify(body) });
  if (answer.statusCode >= 300) throw new Error(`${path} answered ${answer.statusCode}: ${answer.body}`);
  return (answer.json() as { id: number }).id;
};

const reportSessions = async (app: App, tenant: Tenant, index: number, isOver: () => boolean): Promise<number> => {
  let reports = 0;
  for (let round = 0; !isOver(); round += 1) {
    for (const [status, time] of [
      ["Start", undefined],
      ["Interim-Update", "2"],
      ["Stop", "5"],
    ] as const) {
      await app.services.sessions.accounting.account({
        client: tenant.client,
        sourceAddress: tenant.address,
        receivedAtMs: Date.now(),
        attributes: {
          "Acct-Status-Type": [status],
          "Acct-Session-Id": [`${index}-${round}`],
          "User-Name": [tenant.slug],
          "Calling-Station-Id": [`AA-00-00-00-00-0${index}`],
          ...(time === undefined ? {} : { "Acct-Session-Time": [time] }),
        },
      });
      reports += 1;
    }
  }
  return reports;
};

const topUp = async (app: App, { user }: Tenant, isOver: () => boolean): Promise<number> => {
  let times = 0;
  for (; !isOver(); times += 1) await call(app, `/user_token/${user}/top_up/`, { seconds: 7 });
  return times;
};

const login = async (app: App, { client, slug }: Tenant): Promise<void> => {
  const credential = { method: "pap" as const, password: Buffer.from("secret") };
  const answer = await app.services.networkAccess.access.authorize({
    client,
    source: "radius",
    userName: slug,
    credential,
    attributes: {},
  });
  if (answer.outcome !== "accept") throw new Error("The other tenant was not let in.");
};

/** Counts nothing: the other tenant's logins are not what is done to the account. */
const logInAgain = async (app: App, tenant: Tenant, logins: number[], isOver: () => boolean): Promise<number> => {
  while (!isOver()) {
    const askedAt = performance.now();
    await login(app, tenant);
    logins.push(performance.now() - askedAt);
    await pause(loginPauseMs);
  }
  return 0;
};

const digits = (value: number) => value.toFixed(value < 10 ? 2 : 0);

/** Measures both databases in turns: Start, Interim-Update and Stop in ten loops and `top_up` in four, all of one account. */
export const runOneAccount = async (argv: readonly string[]): Promise<void> => {
  const command = new Command("npm run bench -- one-account")
    .description("Measures what one account bears when all that happens concerns it, on both databases in turns.")
    .option("--rounds <n>", "rounds on each database", integer(1, 1_000), 3)
    .option("--seconds <n>", "length of a round", integer(1, 600), 8)
    .showHelpAfterError()
    .parse(argv);
  const { rounds, seconds } = command.opts<{ rounds: number; seconds: number }>();
  const server = await startPostgres({ settings: postgresSettings });
  atEnd(() => server.stop());
  const ratios: number[] = [];
  const rows: string[][] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const pair: number[] = [];
    for (const database of databaseNames) {
      const { environment, drop } = await openEmpty(database, server.url);
      const { operationsPerSecond, cpuMs, databaseCpuMs, loginMs, maxLoginMs } = await measure(environment, seconds);
      await drop();
      pair.push(operationsPerSecond);
      rows.push([`${round}`, database, ...[operationsPerSecond, cpuMs, databaseCpuMs, loginMs, maxLoginMs].map(digits)]);
    }
    ratios.push(pair[0]! / pair[1]!);
  }
  print({ headings: ["Round", "Database", "Operations/s", "CPU ms each", "Server's", "Login ms", "Longest"], rows });
  process.stdout.write(
    `\nOf one account SQLite does ${digits(median(ratios)!)} times what PostgreSQL does (${ratios.map(digits).join(", ")}).\n`,
  );
};
