import type { Config } from "../config/settings.ts";
import { KeyRefused } from "../modules/foundation/keys/index.ts";
import { DatabaseUnavailable } from "../storage/database.ts";
import { placeOf } from "../storage/dialects/postgres-place.ts";
import { tlsReason, UnusableAddress } from "../storage/dialects/postgres-tls.ts";
import { InstallationRefused, sqliteFile } from "./data-directory.ts";

/** The message about a database that does not open: where it is, what is wrong, and what to do. */
export const explainDatabaseFailure = (error: unknown, config: Config): unknown => {
  if (error instanceof InstallationRefused || error instanceof KeyRefused) return error;
  const sentence = config.databaseUrl === undefined ? sqliteSentence(error, config) : postgresSentence(error, config.databaseUrl);
  return sentence === undefined ? error : new InstallationRefused(sentence, { cause: error });
};

/** The codes of an error and of what caused it, the nearest first. */
const codesOf = (error: unknown): string[] => {
  const codes: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause ?? (one as AggregateError).errors?.[0]) {
    const { code } = one as NodeJS.ErrnoException;
    if (code !== undefined) codes.push(String(code));
  }
  return codes;
};

/** The message of what lies below all wrapping. */
const rootMessage = (error: unknown): string => {
  let message = "";
  for (let one = error; one instanceof Error; one = one.cause ?? (one as AggregateError).errors?.[0]) message = one.message || message;
  return message;
};

/** The file that the system refused, where it says which. */
const pathOf = (error: unknown): string | undefined => {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { path } = one as NodeJS.ErrnoException;
    if (path !== undefined) return path;
  }
  return undefined;
};

const damaged = (file: string) =>
  `${file} is no SQLite database, or is damaged. Nothing was changed. Restore it from a backup, with gatehouse.db-wal beside it moved away.`;
const readOnly = (file: string) =>
  `${file} cannot be written. Check who owns it and its directory, and whether the disk is mounted read-only.`;
const unreachable = (file: string) =>
  `${file} cannot be opened. Check that GATEHOUSE_DATA_DIR is a directory, that this user may read and write in it, and that the disk is not mounted read-only.`;

const sqliteSentences: readonly (readonly [code: RegExp, sentence: (file: string) => string])[] = [
  [/^SQLITE_(?:NOTADB|CORRUPT)/, damaged],
  [/^(?:SQLITE_READONLY|EROFS)/, readOnly],
  [/^(?:SQLITE_FULL|ENOSPC|EDQUOT)/, (file) => `There is no room on the disk of ${file}. Free some, then start again.`],
  [/^SQLITE_IOERR/, (file) => `The disk of ${file} fails to read or write. Look into the system's log.`],
  [/^(?:SQLITE_CANTOPEN|SQLITE_PERM|SQLITE_AUTH|EACCES|EPERM|ENOTDIR|ENOENT|EEXIST|EISDIR|ELOOP|ENAMETOOLONG)/, unreachable],
];

const sqliteSentence = (error: unknown, config: Config): string | undefined => {
  for (const code of codesOf(error)) {
    const found = sqliteSentences.find(([pattern]) => pattern.test(code));
    if (found) return found[1](pathOf(error) ?? sqliteFile(config));
  }
  return undefined;
};

const postgresReasons: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^ENOENT$/, "there is no such socket. Start PostgreSQL, or correct its directory"],
  [/^(?:EACCES|EPERM)$/, "this user may not connect to it. Look at the rights of the socket and its directory"],
  [/^ECONNREFUSED$/, "nothing listens there. Start PostgreSQL, or correct host and port"],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, "the name of its host is not known. Correct the host, or look into this machine's DNS"],
  [/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, "no answer comes. Look into the network and its firewalls"],
  [/^28/, "it refuses this user or password. Correct them, or look into its pg_hba.conf"],
  [/^3D000$/, "it has no database of that name. Make one with createdb, or correct the name"],
  [/^53300$/, "it has no connection left. Raise its max_connections, or lower GATEHOUSE_DATABASE_POOL"],
  [/^57P03$/, "it is starting up or shutting down. Try again in a moment"],
  [
    /^42P07$/,
    "it holds a table of another program by a name that Gatehouse needs. Nothing was changed. Name a database of Gatehouse's own",
  ],
  [/^(?:42501|25006)$/, "this user may not write there. Give it the rights to make tables, or name a server that is no read-only replica"],
];

const postgresSentence = (error: unknown, databaseUrl: string): string | undefined => {
  const place = placeOf(databaseUrl);
  const file = pathOf(error);
  // Certificates and keys that the URL names; a socket has no path of this kind.
  if (file !== undefined && (error as NodeJS.ErrnoException).syscall === "open") {
    return `${place} cannot be used: ${file} cannot be read, which the URL names (DATABASE_URL).`;
  }
  for (const code of codesOf(error)) {
    const found = postgresReasons.find(([pattern]) => pattern.test(code));
    if (found) return `${place} cannot be used: ${found[1]} (DATABASE_URL).`;
  }
  const reason = addressFault(error) ?? tlsReason(error) ?? greetingReason(error);
  if (reason !== undefined) return `${place} cannot be used: ${reason} (DATABASE_URL).`;
  if (!(error instanceof DatabaseUnavailable)) return undefined;
  const why = /timeout|Connection terminated/.test(rootMessage(error))
    ? "no answer comes in time. Look into the network, and whether it is PostgreSQL that listens there"
    : rootMessage(error).replace(/\.$/, "");
  return `${place} cannot be used: ${why} (DATABASE_URL).`;
};

/** What is wrong with the URL itself. */
const addressFault = (error: unknown): string | undefined => (error instanceof UnusableAddress ? error.message : undefined);

/** What the server says to a connection that it does not take: an option that it does not know, or a setting that is none. */
const greetingReason = (error: unknown): string | undefined => {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ((one as { severity?: string }).severity === "FATAL") return `it refuses the connection, and says: ${one.message}`;
  }
  return undefined;
};
