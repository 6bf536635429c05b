import BetterSqlite from "better-sqlite3";
import pg from "pg";

/** What a statement gives: rows of named columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A database without Gatehouse around it: prepared statements, and units of them. */
export interface StatementRunner {
  /** Parameters stand as `$1`, `$2` and so on, each once and in order. */
  rows(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> | readonly Row[];
  /** Runs one unit durably. */
  unit(run: () => Promise<void>): Promise<void>;
  /** Rows that one insert takes: a prepared statement costs SQLite nothing, and PostgreSQL a round trip. */
  readonly rowsPerInsert: number;
  close(): Promise<void>;
}

/** SQLite in this process, as good as one can have it: each statement prepared once, one transaction, flushed in full. */
const openSqlite = (file: string, readonly: boolean): StatementRunner => {
  const connection = new BetterSqlite(file, { readonly });
  if (!readonly) {
    connection.pragma("journal_mode = wal");
    connection.pragma("synchronous = full");
    connection.pragma("foreign_keys = on");
  }
  const prepared = new Map<string, BetterSqlite.Statement<unknown[]>>();
  return {
    rowsPerInsert: 1,
    rows(text, parameters) {
      let statement = prepared.get(text);
      if (!statement) {
        // `$1` would be a name to better-sqlite3.
        statement = connection.prepare(text.replaceAll(/\$\d+/g, "?"));
        prepared.set(text, statement);
      }
      if (statement.reader) return statement.all(...parameters) as Row[];
      statement.run(...parameters);
      return [];
    },
    async unit(run) {
      connection.exec("begin immediate");
      await run();
      connection.exec("commit");
    },
    close: async () => void connection.close(),
  };
};

/** PostgreSQL over one connection with named statements. */
const openPostgres = async (url: string): Promise<StatementRunner> => {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  const names = new Map<string, string>();
  const rows = async (text: string, parameters: readonly unknown[]): Promise<Row[]> => {
    let name = names.get(text);
    if (name === undefined) {
      name = `s${names.size + 1}`;
      names.set(text, name);
    }
    return (await client.query({ name, text, values: [...parameters] })).rows as Row[];
  };
  return {
    rowsPerInsert: 1_000,
    rows,
    async unit(run) {
      await rows("begin", []);
      await run();
      await rows("commit", []);
    },
    close: () => client.end(),
  };
};

/** Opens the database of an installation's environment. */
export const openStatements = async (environment: Readonly<Record<string, string>>, readonly: boolean): Promise<StatementRunner> => {
  const url = environment["DATABASE_URL"];
  return url === undefined ? openSqlite(`${environment["GATEHOUSE_DATA_DIR"]}/gatehouse.db`, readonly) : openPostgres(url);
};

/** The version of the SQLite that the program carries. */
export const sqliteVersion = (): string => {
  const connection = new BetterSqlite(":memory:");
  const version = connection.prepare("select sqlite_version()").pluck().get() as string;
  connection.close();
  return version;
};
