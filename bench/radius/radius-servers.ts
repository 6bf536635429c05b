import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freeUdpPort } from "../../packages/server/test/support/free-udp-port.ts";
import { benchToken, sharedEnvironment, temporaryFolder } from "../data-cache.ts";
import { type Gatehouse, startGatehouse } from "../gatehouse.ts";
import { onServer, type PostgresDatabases } from "../postgres-databases.ts";
import { say } from "../progress.ts";
import type { DatabaseName } from "../results.ts";
import { findFreeRadius, type RunningFreeRadius, startFreeRadius } from "./freeradius.ts";
import { type SqlPlace, usualThreads } from "./freeradius-configuration.ts";
import { plannedClients, plannedSources } from "./plan.ts";
import { plantFreeRadius, plantGatehouse } from "./planting.ts";

/** A server with its two ports of 127.0.0.1. */
export interface RadiusServer {
  readonly pid: number;
  readonly ports: Readonly<Record<"authentication" | "accounting", number>>;
}

/** What is measured on one kind of database. */
export interface RadiusServers {
  readonly gatehouse: RadiusServer & { readonly address: string };
  readonly freeRadius: (RadiusServer & { readonly version: string }) | undefined;
  /** The database server's first process, where there is one. */
  readonly databasePid: number | undefined;
  /** The URL of Gatehouse's database, where it is on a server. */
  readonly url: string | undefined;
  stop(): Promise<void>;
}

export interface ServersWanted {
  readonly database: DatabaseName;
  readonly accounts: number;
  readonly folder: string;
  readonly logs: string;
  readonly isBesideFreeRadius: boolean;
  /** Of FreeRADIUS; undefined are those that suit the database. */
  readonly threads: number | undefined;
  /** Where Gatehouse leaves a CPU profile when it ends. */
  readonly profiles: string | undefined;
  postgres(): Promise<PostgresDatabases>;
}

interface Databases {
  readonly environment: Readonly<Record<string, string>>;
  readonly sql: SqlPlace;
  readonly pid: number | undefined;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
  drop(): Promise<void>;
}

const openDatabases = async ({ database, folder, postgres }: ServersWanted): Promise<Databases> => {
  const { path, drop } = await temporaryFolder(folder);
  const environment = { ...sharedEnvironment, GATEHOUSE_DATA_DIR: path };
  if (database === "sqlite") {
    const sql: SqlPlace = { database, file: join(path, "freeradius.db") };
    return { environment, sql, pid: undefined, ours: undefined, theirs: undefined, drop };
  }
  const server = await postgres();
  const empty = await server.openEmpty();
  const { hostname, port, username, pathname } = new URL(empty.theirs);
  const sql: SqlPlace = { database, host: hostname, port: Number(port), user: username, name: pathname.slice(1) };
  return {
    environment: { ...environment, DATABASE_URL: empty.ours },
    sql,
    pid: server.pid,
    ours: empty.ours,
    theirs: empty.theirs,
    async drop() {
      await empty.drop();
      await drop();
    },
  };
};

const startOurs = async (wanted: ServersWanted, databases: Databases) => {
  const ports = { authentication: await freeUdpPort(), accounting: await freeUdpPort() };
  const environment = {
    ...databases.environment,
    GATEHOUSE_RADIUS_HOST: "127.0.0.1",
    GATEHOUSE_RADIUS_AUTH_PORT: String(ports.authentication),
    GATEHOUSE_RADIUS_ACCT_PORT: String(ports.accounting),
    ...(wanted.profiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${wanted.profiles}` }),
  };
  const gatehouse: Gatehouse = await startGatehouse(environment, 1, join(wanted.logs, `radius-${wanted.database}.log`));
  await plantGatehouse({ address: gatehouse.address, token: benchToken }, wanted.accounts, plannedClients(plannedSources()));
  // As the database of a settled installation, where accounts are older than a minute.
  if (databases.ours !== undefined) await onServer(databases.ours, "vacuum (analyze)");
  return { gatehouse, ports };
};

const startTheirs = async (wanted: ServersWanted, databases: Databases) => {
  if (!wanted.isBesideFreeRadius) return undefined;
  const found = findFreeRadius(wanted.database);
  if ("missing" in found) {
    say(found.missing);
    return undefined;
  }
  const ports = { authentication: await freeUdpPort(), accounting: await freeUdpPort() };
  await plantFreeRadius(found.shipped, databases.sql, databases.theirs, wanted.accounts);
  const running: RunningFreeRadius = await startFreeRadius(found, {
    folder: join(wanted.logs, `freeradius-${wanted.database}`),
    libraries: found.libraries,
    shipped: found.shipped,
    authPort: ports.authentication,
    acctPort: ports.accounting,
    clients: plannedClients(plannedSources()),
    sql: databases.sql,
    threads: wanted.threads ?? usualThreads[wanted.database],
  });
  return { running, ports, version: found.version };
};

/** Starts Gatehouse on a database of its own, plants it, and starts a FreeRADIUS that knows the same where one is installed. */
export const startServers = async (wanted: ServersWanted): Promise<RadiusServers> => {
  const databases = await openDatabases(wanted);
  const { gatehouse, ports } = await startOurs(wanted, databases);
  const theirs = await startTheirs(wanted, databases);
  // Its sockets open when the first client is known, a moment after the answer.
  await pause(500);
  return {
    gatehouse: { pid: gatehouse.pid, address: gatehouse.address, ports },
    freeRadius: theirs && { pid: theirs.running.pid, ports: theirs.ports, version: theirs.version },
    databasePid: databases.pid,
    url: databases.ours,
    async stop() {
      await theirs?.running.stop();
      await gatehouse.stop();
      await databases.drop();
    },
  };
};
