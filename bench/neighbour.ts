import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHistogram } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { packetCode } from "../packages/server/src/radius-protocol/packet/packet-code.ts";
import { sharedSecretOf } from "../packages/server/src/radius-protocol/packet/shared-secret.ts";
import { benchToken, openFolder, sharedEnvironment, temporaryFolder } from "./data-cache.ts";
import { atEnd } from "./ending.ts";
import { type Gatehouse, startGatehouse } from "./gatehouse.ts";
import { floodPackets } from "./neighbour-packets.ts";
import { readDatabase } from "./options.ts";
import { openPostgresDatabases } from "./postgres-databases.ts";
import { print } from "./print.ts";
import { freeUdpPort } from "./radius/free-port.ts";
import { fireVolley } from "./radius/volley.ts";
import { figure } from "./tables.ts";

const secret = "neighbour-secret-0123456789";
const floodAddress = "127.0.0.9";
const arraysAtOnce = 4;
const rowsOfArray = 1_000;

interface Served {
  readonly gatehouse: Gatehouse;
  readonly ports: { readonly authentication: number; readonly accounting: number };
}

const caller =
  ({ address }: Gatehouse) =>
  async (token: string, path: string, body: unknown, method = "POST", signal?: AbortSignal) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${address}/api/v1${path}`, { method, headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) });
    return { status: answer.status, body: (await answer.json()) as { id: number; token: string } };
  };

/** What the quiet tenant does, one thing after the other, and how long each took. */
const watch = async (ask: () => Promise<void>, seconds: number) => {
  const histogram = createHistogram();
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    const beganMs = performance.now();
    await ask();
    histogram.record(Math.max(1, Math.round((performance.now() - beganMs) * 1_000)));
  }
  return { p50: histogram.percentile(50) / 1_000, p99: histogram.percentile(99) / 1_000, asked: histogram.count };
};

const measure = async ({ gatehouse, ports }: Served, seconds: number): Promise<string[][]> => {
  const ask = caller(gatehouse);
  const tenant = async (slug: string) => {
    const { body } = await ask(benchToken, "/organization/", { slug, name: slug, own_usernames: true });
    const token = await ask(benchToken, "/api_token/", { name: slug, organization: body.id, scopes: ["admin"] });
    return { id: body.id, token: token.body.token };
  };
  const [flood, quiet] = [await tenant("flood"), await tenant("quiet")];
  const account = await ask(quiet.token, "/user_token/", { username: "quiet", password: "secret" });
  const client = { short_name: "flood", organization: flood.id, address: floodAddress, secret, coa_port: null };
  await ask(benchToken, "/aaa_client/", client);
  // Its socket opens a moment after the answer.
  await pause(1_000);
  let value = 0;
  const work: Record<string, () => Promise<void>> = {
    "PATCH of a record": async () => {
      value += 1;
      const { status } = await ask(quiet.token, `/user_token/${account.body.id}/`, { user_time: 1_000 + value }, "PATCH");
      if (status !== 200) throw new Error(`The quiet tenant's change was answered ${status}.`);
    },
    "POST of an account with a clear password": async () => {
      value += 1;
      const { status } = await ask(quiet.token, "/user_token/", { username: `quiet.${value}`, password: `password ${value}` });
      if (status !== 201) throw new Error(`The quiet tenant's new account was answered ${status}.`);
    },
  };
  const packets = (kind: "login" | "report") => async (isOver: AbortSignal) => {
    const port = kind === "login" ? ports.authentication : ports.accounting;
    const answerCode = kind === "login" ? packetCode.accessReject : packetCode.accountingResponse;
    while (!isOver.aborted) {
      const decks = [
        {
          packets: floodPackets(kind, floodAddress, secret, randomBytes(4).toString("hex")),
          address: floodAddress,
          secret: sharedSecretOf(Buffer.from(secret)),
        },
      ];
      await fireVolley({ decks, port, window: 128, seconds: 1, isRepeated: false, answerCode, isVerified: false });
    }
  };
  const floods: Record<string, (isOver: AbortSignal) => Promise<unknown>> = {
    [`${arraysAtOnce} arrays of ${rowsOfArray.toLocaleString("en")} accounts with clear passwords`]: (isOver) =>
      Promise.allSettled(
        Array.from({ length: arraysAtOnce }, async () => {
          while (!isOver.aborted) {
            const run = randomBytes(6).toString("hex");
            const rows = Array.from({ length: rowsOfArray }, (_, row) => ({ username: `${run}.${row}`, password: `password ${row}` }));
            await ask(flood.token, "/user_token/", rows, "POST", isOver);
          }
        }),
      ),
    "wrong passwords by RADIUS, 128 at once": packets("login"),
    "accounting Starts, 128 at once": packets("report"),
  };
  const rows: string[][] = [];
  for (const [name, pour] of Object.entries(floods)) {
    for (const [what, one] of Object.entries(work)) {
      const calm = await watch(one, seconds);
      const over = new AbortController();
      const poured = pour(over.signal);
      await pause(500);
      const under = await watch(one, seconds);
      over.abort();
      await poured;
      await pause(2_000);
      const both = (quietly: number, flooded: number) => `${figure(quietly)} / ${figure(flooded)}`;
      rows.push([
        name,
        what,
        both(calm.p50, under.p50),
        figure(under.p50 / calm.p50),
        both(calm.p99, under.p99),
        figure(under.p99 / calm.p99),
      ]);
    }
  }
  return rows;
};

/** `npm run bench -- neighbour`: what a flood of one tenant does to the slowest requests of another. */
export const runNeighbour = async (argv: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: { database: { type: "string", default: "sqlite,postgres" }, seconds: { type: "string", default: "5" } },
  });
  const folder = join(import.meta.dirname, ".data");
  await openFolder(folder);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  for (const database of values.database.split(",").map(readDatabase)) {
    const { path, drop } = await temporaryFolder(folder);
    const empty = database === "postgres" ? await (await openPostgresDatabases(folder)).openEmpty() : undefined;
    const ports = { authentication: await freeUdpPort(), accounting: await freeUdpPort() };
    const environment = {
      ...sharedEnvironment,
      GATEHOUSE_DATA_DIR: path,
      GATEHOUSE_RADIUS_HOST: "127.0.0.1",
      GATEHOUSE_RADIUS_AUTH_PORT: String(ports.authentication),
      GATEHOUSE_RADIUS_ACCT_PORT: String(ports.accounting),
      GATEHOUSE_OVERLOAD_DELAY: "0",
      ...(empty ? { DATABASE_URL: empty.ours } : {}),
    };
    const gatehouse = await startGatehouse(environment, 1, join(logs, `${database}.log`));
    const rows = await measure({ gatehouse, ports }, Number(values.seconds));
    process.stdout.write(`\nA flooding neighbour on ${database}, one process\n\n`);
    print({ headings: ["flood", "what the other does", "p50 ms quiet / flooded", "ratio", "p99 ms quiet / flooded", "ratio"], rows });
    await gatehouse.stop();
    await empty?.drop();
    await drop();
  }
};
