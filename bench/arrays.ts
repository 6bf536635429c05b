import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { startPostgres } from "../packages/server/test/support/postgres-server.ts";
import { stockPostgres } from "../packages/server/test/support/stock-postgres.ts";
import { benchToken, openFolder, sharedEnvironment, temporaryFolder } from "./data-cache.ts";
import { atEnd } from "./ending.ts";
import { startGatehouse } from "./gatehouse.ts";
import { integer, listOf, readDatabase } from "./options.ts";
import { onServer, postgresSettings } from "./postgres-databases.ts";
import { print } from "./print.ts";
import { say } from "./progress.ts";
import { type DatabaseName, databaseNames } from "./results.ts";
import { median } from "./statistics.ts";
import { figure, type Table } from "./tables.ts";

interface Options {
  readonly database: readonly DatabaseName[];
  readonly stock?: true;
  readonly beside: readonly number[];
  readonly rows: number;
  readonly rounds: number;
  readonly profile?: string;
}

const readArrayOptions = (argv: readonly string[]): Options =>
  new Command("npm run bench -- arrays")
    .description("How long arrays take, one after another, in tables that are empty and in tables with accounts of similar names.")
    .addOption(
      new Option("--database <name,…>", "databases").argParser(listOf(readDatabase)).default([...databaseNames], databaseNames.join()),
    )
    .option("--stock", "the PostgreSQL that is installed, as its package sets it up, instead of the one that came with Gatehouse")
    .addOption(
      new Option("--beside <n,…>", "accounts that are there already, in thousands")
        .argParser(listOf(integer(0, 10_000)))
        .default([0, 20], "0,20"),
    )
    .addOption(new Option("--rows <n>", "rows of an array").argParser(integer(1, 1_000)).default(1_000))
    .addOption(new Option("--rounds <n>", "how often each call is made").argParser(integer(1, 1_000)).default(3))
    .option("--profile <folder>", "leave CPU profiles of gatehouse serve there")
    .showHelpAfterError()
    .parse(argv as string[])
    .opts<Options>();

/** Sends a body and returns what came of its rows, with the milliseconds that it took. */
type Send = (
  method: "POST" | "PATCH",
  path: string,
  rows: readonly unknown[],
) => Promise<{ readonly ids: readonly number[]; readonly ms: number }>;

const sendTo =
  (address: string): Send =>
  async (method, path, rows) => {
    const headers = { authorization: `Bearer ${benchToken}`, "content-type": "application/json" };
    const body = JSON.stringify(rows);
    const beganMs = performance.now();
    const answer = await fetch(
      `${address}/api/v1${path}`,
      method === "POST" ? { method: "POST", headers, body } : { method: "PATCH", headers, body },
    );
    const text = await answer.text();
    const ms = performance.now() - beganMs;
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 1_000)}`);
    return { ids: (JSON.parse(text) as { readonly id: number }[]).map(({ id }) => id), ms };
  };

/** What is measured, in this order. */
const titles = [
  "POST /user/",
  "PATCH /user/",
  "PATCH /user/ to another organization",
  "POST /user_token/",
  "POST /user_token/ with hashes",
  "PATCH /user_token/",
  "POST /user_extra/ with two devices each",
  "PATCH /user_extra/ with two other devices each",
] as const;
type Title = (typeof titles)[number];

interface Place {
  readonly send: Send;
  readonly rows: number;
  /** An organization below the root's. */
  readonly branch: number;
}

let rounds = 0;

/** Makes each call once, with names that nothing has had before, and says what each took. */
const oneRound = async ({ send, rows, branch }: Place): Promise<Record<Title, number>> => {
  rounds += 1;
  const name = (index: number, kind: string) => `subscriber-of-the-town-${kind}${rounds}-${index}`;
  const each = <Row>(make: (index: number) => Row): Row[] => Array.from({ length: rows }, (_, index) => make(index));
  const took = {} as Record<Title, number>;
  const timed = async (title: Title, body: readonly unknown[], query = "") => {
    const [method, path] = title.split(" ") as ["POST" | "PATCH", string];
    const { ids, ms } = await send(method, `${path}${query}`, body);
    took[title] = ms;
    return ids;
  };
  const devices = (index: number, kind: string) => ({
    assigned_devices: [{ device_id: name(index, `d${kind}`) }, { device_id: name(index, `e${kind}`) }],
  });
  const users = await timed(
    "POST /user/",
    each((index) => ({ username: name(index, "u"), external_id: name(index, "x"), groups: ["a"] })),
  );
  await timed(
    "PATCH /user/",
    users.map((id, index) => ({ id, username: name(index, "v"), first_name: `Name ${index}`, groups: ["b", "c"] })),
  );
  const tokens = await timed(
    "POST /user_token/",
    each((index) => ({ username: name(index, "t"), user_time: 600 })),
  );
  // Of passwords in clear each costs 10 ms of a core: what is measured here is what is written.
  await timed(
    "POST /user_token/ with hashes",
    each((index) => ({ username: name(index, "h"), password: "5ebe2294ecd0e0f08eab7690d2a6ee69", password_scheme: "md5" })),
  );
  await timed(
    "PATCH /user_token/",
    tokens.map((id, index) => ({ id, user_time: 700 + index })),
  );
  const extras = await timed(
    "POST /user_extra/ with two devices each",
    users.map((parent, index) => ({ parent, city: "Porto", device_info: devices(index, "1") })),
    "?device_info=true",
  );
  await timed(
    "PATCH /user_extra/ with two other devices each",
    extras.map((id, index) => ({ id, city: "Lisboa", device_info: devices(index, "2") })),
    "?device_info=true",
  );
  await timed(
    "PATCH /user/ to another organization",
    users.map((id) => ({ id, organization: branch })),
  );
  return took;
};

/** Makes accounts with names that differ in their last characters alone, each with an extra record and a device. */
const fill = async (send: Send, count: number): Promise<void> => {
  for (let made = 0; made < count; made += 1_000) {
    const names = Array.from({ length: 1_000 }, (_, index) => `subscriber-of-the-town-${made + index}`);
    const users = await send(
      "POST",
      "/user_token/",
      names.map((username) => ({ username, user_time: 600 })),
    );
    await send(
      "POST",
      "/user_extra/",
      users.ids.map((parent, index) => ({ parent, device_info: { assigned_devices: [{ device_id: `device-of-${names[index]}` }] } })),
    );
  }
};

/** What each call took at one place, by rounds. */
const measurePlace = async (environment: Readonly<Record<string, string>>, log: string, beside: number, options: Options) => {
  const profiling: Record<string, string> = options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` } : {};
  const gatehouse = await startGatehouse({ ...sharedEnvironment, ...environment, ...profiling, GATEHOUSE_OVERLOAD_DELAY: "0" }, 1, log);
  const send = sendTo(gatehouse.address);
  await fill(send, beside);
  const answer = await fetch(`${gatehouse.address}/api/v1/organization/`, {
    method: "POST",
    headers: { authorization: `Bearer ${benchToken}`, "content-type": "application/json" },
    body: JSON.stringify({ slug: "branch", name: "Branch" }),
  });
  const { id: branch } = (await answer.json()) as { id: number };
  const all: Record<Title, number>[] = [];
  for (let round = 0; round < options.rounds; round += 1) all.push(await oneRound({ send, rows: options.rows, branch }));
  await gatehouse.stop();
  return (title: Title) => all.map((took) => took[title]);
};

const openPostgres = async (stock: boolean) => {
  const server = await (stock ? stockPostgres() : startPostgres({ settings: postgresSettings }));
  return { url: server.url, stop: atEnd(() => server.stop()) };
};

/** `npm run bench -- arrays`: what arrays of the most rows that a request may have take. */
export const runArrays = async (argv: readonly string[]): Promise<void> => {
  const options = readArrayOptions(argv);
  const folder = join(import.meta.dirname, ".data");
  await openFolder(folder);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  for (const database of options.database) {
    const postgres = database === "postgres" ? await openPostgres(options.stock === true) : undefined;
    const columns: ((title: Title) => number[])[] = [];
    for (const thousands of options.beside) {
      say(`${database}, beside ${thousands},000 accounts`);
      const { path, drop } = await temporaryFolder(folder);
      if (postgres) await onServer(postgres.url("postgres"), `create database arrays_${thousands}`);
      const environment = { GATEHOUSE_DATA_DIR: path, ...(postgres ? { DATABASE_URL: postgres.url(`arrays_${thousands}`) } : {}) };
      columns.push(await measurePlace(environment, join(logs, `${database}-${thousands}.log`), thousands * 1_000, options));
      await drop();
    }
    const version = postgres && (await onServer(postgres.url("postgres"), "show server_version"))[0]![0]!["server_version"];
    process.stdout.write(
      `\nArrays of ${options.rows.toLocaleString("en")} rows, ${postgres ? `PostgreSQL ${version}` : "SQLite"}, one process\n\n`,
    );
    print(tableOf(columns, options));
    await postgres?.stop();
  }
};

const tableOf = (columns: readonly ((title: Title) => readonly number[])[], { beside, rounds: times }: Options): Table => ({
  headings: ["array", ...beside.map((thousands) => `ms beside ${thousands === 0 ? "none" : `${thousands},000`}: median of ${times} (all)`)],
  rows: titles.map((title) => [
    title,
    ...columns.map(
      (of) =>
        `${figure(median(of(title))!)} (${of(title)
          .map((ms) => figure(ms))
          .join(", ")})`,
    ),
  ]),
});
