import pg from "pg";
import { strictTls } from "./postgres-tls.ts";

/**
 * Where a URL of PostgreSQL leads, as a person would say it: the database, and the host with its port or the socket. Read
 * as the connections read it, with what the environment and the defaults add; nothing of it is a secret.
 */
export const placeOf = (url: string): string => {
  try {
    const { host, port, database } = new pg.Client({ connectionString: strictTls(url) });
    const name = database ? ` ${database}` : "";
    if (host.startsWith("/")) return `The PostgreSQL database${name} at the socket ${host.replace(/\/$/, "")}/.s.PGSQL.${port}`;
    return `The PostgreSQL database${name} at ${host.includes(":") ? `[${host}]` : host}:${port}`;
  } catch {
    // A certificate that the URL names cannot be read.
    return "The PostgreSQL database";
  }
};
