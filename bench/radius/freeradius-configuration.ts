import type { DatabaseName } from "../results.ts";
import type { PlannedSource } from "./plan.ts";

/** Where a FreeRADIUS finds its database. */
export type SqlPlace =
  | { readonly database: "sqlite"; readonly file: string }
  | { readonly database: "postgres"; readonly host: string; readonly port: number; readonly user: string; readonly name: string };

export interface FreeRadiusPlan {
  /** Where its log goes. */
  readonly folder: string;
  /** The modules of the distribution, and its configuration as shipped. */
  readonly libraries: string;
  readonly shipped: string;
  readonly authPort: number;
  readonly acctPort: number;
  readonly clients: readonly PlannedSource[];
  readonly sql: SqlPlace;
  readonly threads: number;
}

/** How FreeRADIUS calls the kinds of databases, in its drivers and in the folders of its schemas. */
export const dialectOf: Readonly<Record<DatabaseName, string>> = { sqlite: "sqlite", postgres: "postgresql" };

/** Where the schema and the queries of a kind of database stand in the shipped configuration. */
export const shippedSql = (shipped: string, database: DatabaseName): string => `${shipped}/mods-config/sql/main/${dialectOf[database]}`;

/**
 * How many threads it has when nobody says otherwise, each with a connection of its own: without one free, a login is
 * refused. On a database server as shipped. A SQLite file has one writer, and threads that find it locked sleep: there one
 * answers more logins than many and loses nothing.
 */
export const usualThreads: Readonly<Record<DatabaseName, number>> = { sqlite: 1, postgres: 32 };

const connectionOf = (sql: SqlPlace): string =>
  sql.database === "sqlite"
    ? `
    sqlite {
      filename = "${sql.file}"
      busy_timeout = 1000
    }`
    : `
    server = "${sql.host}"
    port = ${sql.port}
    login = "${sql.user}"
    password = ""
    radius_db = "${sql.name}"`;

const listener = (kind: "auth" | "acct", port: number): string => `
  listen {
    type = ${kind}
    ipaddr = 127.0.0.1
    port = ${port}
  }`;

const clientOf = ({ name, address, secret }: PlannedSource): string => `
client ${name} {
  ipaddr = ${address}
  secret = "${secret}"
}`;

/** `rlm_sql` with the queries that it ships with. */
const sqlModule = ({ shipped, sql, threads }: FreeRadiusPlan): string => `  sql {
    dialect = "${dialectOf[sql.database]}"
    driver = "rlm_sql_${dialectOf[sql.database]}"${connectionOf(sql)}
    acct_table1 = "radacct"
    acct_table2 = "radacct"
    postauth_table = "radpostauth"
    authcheck_table = "radcheck"
    groupcheck_table = "radgroupcheck"
    authreply_table = "radreply"
    groupreply_table = "radgroupreply"
    usergroup_table = "radusergroup"
    client_table = "nas"
    group_attribute = "SQL-Group"
    pool {
      start = ${threads}
      min = ${threads}
      max = ${threads}
      spare = 0
      uses = 0
      retry_delay = 30
      lifetime = 0
      idle_timeout = 0
    }
    $INCLUDE ${shippedSql(shipped, sql.database)}/queries.conf
  }`;

/** What becomes of a request. */
const sections = `  authorize {
    sql
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  preacct {
    acct_unique
  }
  accounting {
    sql
  }`;

/**
 * The whole configuration of a FreeRADIUS that does what is measured and nothing besides: `rlm_sql` with the queries that it
 * ships with, `pap` over passwords in clear, and `radacct`. It keeps no trace of logins, which
 * would cost it a write each.
 */
export const freeRadiusConfiguration = (plan: FreeRadiusPlan): string => {
  const { folder, libraries, shipped, threads } = plan;
  return `
prefix = /usr
libdir = ${libraries}
logdir = ${folder}
run_dir = ${folder}
max_requests = 16384
max_request_time = 30
cleanup_delay = 5
hostname_lookups = no
log {
  destination = files
  file = ${folder}/freeradius.log
  auth = no
}
security {
  max_attributes = 200
  reject_delay = 1
  status_server = yes
}
thread pool {
  start_servers = ${Math.min(5, threads)}
  max_servers = ${threads}
  min_spare_servers = ${Math.min(3, threads)}
  max_spare_servers = ${Math.min(10, threads)}
  max_requests_per_server = 0
  auto_limit_acct = no
}
${plan.clients.map(clientOf).join("\n")}
modules {
  expr {
  }
  pap {
  }
${sqlModule(plan)}
}
policy {
  $INCLUDE ${shipped}/policy.d/accounting
}
server default {${listener("auth", plan.authPort)}${listener("acct", plan.acctPort)}
${sections}
}
`;
};
