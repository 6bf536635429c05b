import type { Expression, Kysely, RawBuilder, SqlBool } from "kysely";
import type { ColumnTypes } from "./columns.ts";
import type { Tables } from "./tables.ts";

/** A handle on which queries run: a connection pool, the reader, or one transaction. */
export type Handle = Kysely<Tables>;

/** An index that finds rows by a part of a text, kept by the store that writes the rows. */
export interface SubstringIndex {
  create(handle: Handle, table: string, column: string): Promise<void>;
  set(handle: Handle, table: string, column: string, rows: readonly { id: number; text: string }[]): Promise<void>;
  remove(handle: Handle, table: string, column: string, ids: readonly number[]): Promise<void>;
  /** How the index looks for a part; it is folded like the column before. */
  pattern(part: string): SearchPattern;
  /** True of rows whose column contains the part. It looks at the pattern's text only as a parameter. */
  contains(table: string, column: string, pattern: SearchPattern): Expression<SqlBool>;
}

/** A part of a text as an index looks for it. */
export interface SearchPattern {
  /** Too short for the index: the rows themselves are read. */
  readonly isShort: boolean;
  readonly text: string;
}

/** What migrations ask for that each database does in its own way, or has no need of. */
export interface Alterations {
  createMovingIndex(handle: Handle, table: string, column: string): Promise<void>;
  leaveRoom(handle: Handle, table: string): Promise<void>;
  /** Makes a substring index serve the search for parts alone. */
  separateSearch(handle: Handle, table: string, column: string): Promise<void>;
  expectRows(handle: Handle, table: string, rowsOf: Readonly<Record<string, readonly number[]>>): Promise<void>;
}

/** What a database can do, so that nothing outside of storage/dialects asks which one it is. */
export interface Capabilities {
  readonly columnTypes: ColumnTypes;
  /** Whether a row read in a unit must be locked to keep it from changing. One writer at a time needs no locks. */
  readonly needsRowLocks: boolean;
  /** How many shards a kept count is spread over, so that no row is written by everyone. */
  readonly countShards: number;
  readonly substringIndex: SubstringIndex;
  readonly alterations: Alterations;
  /** The database's own time in milliseconds since 1970, which processes on several machines share. */
  readonly databaseNowMs: RawBuilder<number>;
  createSequence(handle: Handle, name: string): Promise<void>;
  /**
   * The next numbers of a sequence, taken inside a unit: they rise in the order in which units that lock the same row
   * take them, which ids from blocks do not.
   */
  nextNumbers(handle: Handle, sequence: string, count: number): Promise<number[]>;
}

/** What a database has done for this process and what waits for it. */
export interface DatabaseFigures {
  /** Units of work that ended, and the commits that made them durable: one flush may serve many units. */
  readonly units: number;
  readonly flushes: number;
  readonly unitsWaiting: number;
  /** Reads that wait for a connection. */
  readonly readsWaiting: number;
  readonly connections: { readonly open: number; readonly idle: number };
}

/** What happens to a listener. */
export interface ListenerEvents {
  /** A process of this database has announced a topic, or said something; it may be this one. */
  receive(carried: string): void;
  /** Announcements may have been missed. */
  missed(): void;
  /** Announcements do not arrive; called once, until they do again. */
  onTrouble(message: string, error?: unknown): void;
}

export interface Listener {
  isLive(): boolean;
  close(): Promise<void>;
}

/** An open database. */
export interface Database {
  readonly name: string;
  /** For reads outside of units. It sees every committed write. */
  readonly reader: Handle;
  readonly capabilities: Capabilities;
  /**
   * Runs one unit of writes: all or none. It may run the unit again when the database asks for it. Where units wait, payers
   * take turns; without one it is the house's own.
   */
  write<T>(unit: (handle: Handle) => Promise<T>, payer?: string): Promise<T>;
  /** Keeps other processes from migrating until the unit of `handle` ends. */
  lockSchema(handle: Handle): Promise<void>;
  /** Announces a topic to every process that listens, once the unit of `handle` has committed. */
  announce(handle: Handle, topic: string): Promise<void>;
  /** Carries a text of at most 8,000 octets to every process that listens; absent where one process alone decides. */
  readonly say?: (text: string) => Promise<void>;
  listen(events: ListenerEvents): Listener;
  /** Looks for damage beside everything else, and describes it; undefined where all is whole, or the server looks itself. */
  findDamage(): Promise<string | undefined>;
  figures(): DatabaseFigures;
  /** How many connections this process may hold at most, and how many the database gives to all; undefined without a limit. */
  connectionLimits(): Promise<{ readonly process: number; readonly all: number } | undefined>;
  /** The names of the tables and views where ours are, or would be, and of whatever else has the name of one. */
  listTables(handle: Handle): Promise<string[]>;
  /** The schema as reviewable text, one statement a line, the same for the same migrations. */
  describeSchema(): Promise<string>;
  close(): Promise<void>;
}

/** A unique or other constraint refused a row; its name says which rule was broken, where the database names it. */
export class ConstraintViolation extends Error {
  override readonly name = "ConstraintViolation";
  readonly constraint: string;
  /** Whether a row names another one that is not there, or is named by one that is. */
  readonly isReference: boolean;

  constructor(constraint: string, cause: unknown, options: { isReference: boolean } = { isReference: false }) {
    super(`The constraint ${constraint} refused a row.`, { cause });
    this.constraint = constraint;
    this.isReference = options.isReference;
  }
}

/** The database cannot be reached or is too busy; trying again later can help. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}

/** What a unit has read before it had its locks is no longer so: it is run again, and sees what is. */
export class OutdatedRead extends Error {
  override readonly name = "OutdatedRead";
}
