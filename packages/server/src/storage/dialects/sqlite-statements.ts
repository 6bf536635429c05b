import type BetterSqlite from "better-sqlite3";
import { BoundedCache } from "../../kernel/bounded-cache.ts";
import type { NewRows, Plan, RowChange, StatementRunner } from "../runner.ts";
import { conflictText, quoted } from "./insert-text.ts";
import type { Translating } from "./sqlite-constraints.ts";

/** Distinct statement texts kept prepared: optional filters make many of them. */
const maxPrepared = 500;

export type Statement = BetterSqlite.Statement<unknown[]>;

/** Statements of a connection by their texts. */
export type Statements = (text: string) => Statement;

/** Statements of one connection, each prepared once: preparing costs ten times what running does. */
export const statementCache = (connection: BetterSqlite.Database): Statements => {
  const cache = new BoundedCache<string, Statement>(maxPrepared);
  return (text) => {
    let statement = cache.get(text);
    if (!statement) {
      statement = connection.prepare<unknown[]>(text);
      cache.set(text, statement);
    }
    return statement;
  };
};

/** There are no booleans to bind, and no lists. */
export const encode = (parameters: readonly unknown[]): unknown[] =>
  parameters.map((value) => (value === true ? 1 : value === false ? 0 : Array.isArray(value) ? JSON.stringify(value) : value));

export interface RunnerOptions {
  readonly owner: object;
  readonly statement: Statements;
  readonly translating: Translating;
  /** Lets others have the event loop when this unit has held it for long; undefined when there is no need yet. */
  giveWay(): Promise<void> | undefined;
  /** The first of so many numbers of a sequence. */
  takeNumbers(sequence: string, count: number): number;
  /** Where reads go that may take long; a unit's own go to its connection, for nobody else sees what it wrote. */
  readLong?<Row>(text: string, values: readonly unknown[], payer?: string): Promise<readonly Row[]>;
}

/** Runs texts at once: the database lies in this process. */
export const sqliteRunner = ({ owner, statement, translating, giveWay, takeNumbers, readLong }: RunnerOptions): StatementRunner => {
  const run = (text: string, values: readonly unknown[]): void => {
    translating(() => void statement(text).run(encode(values)));
  };
  const insertAll = async (text: string, rows: NewRows["rows"], columns: readonly string[], firstId: number | undefined) => {
    for (const [index, row] of rows.entries()) {
      const values = columns.map((column) => row[column]);
      run(text, firstId === undefined ? values : [...values, firstId + index]);
      const pause = giveWay();
      if (pause) await pause;
    }
  };
  const read = async <Row>({ text }: Plan, values: readonly unknown[]) => translating(() => statement(text).all(encode(values))) as Row[];
  return {
    owner,
    locking: "none",
    lockOptimistically: () => {},
    read,
    readLong: async <Row>(plan: Plan, values: readonly unknown[], payer?: string) =>
      readLong ? readLong<Row>(plan.text, values, payer) : read<Row>(plan, values),
    lock: read,
    write({ text }, values) {
      run(text, values);
      return giveWay();
    },
    insert(rows) {
      const columns = Object.keys(rows.rows[0]!);
      const firstId = rows.numberedBy === undefined ? undefined : takeNumbers(rows.numberedBy, rows.rows.length);
      return insertAll(insertText(rows, columns), rows.rows, columns, firstId);
    },
    change(change) {
      const { values, adds = {}, key, guards = {} } = change;
      run(changeText(change), [...Object.values(values), ...Object.values(adds), ...Object.values(key), ...Object.values(guards)]);
      return giveWay();
    },
  };
};

const texts = new Map<string, string>();

const insertText = ({ insertInto: table, onConflict, numberedBy }: NewRows, columns: readonly string[]): string => {
  const key = `${table}(${columns.join()})${onConflict?.change ?? ""}${numberedBy ?? ""}`;
  let text = texts.get(key);
  if (text === undefined) {
    const names = numberedBy === undefined ? columns : [...columns, "id"];
    text = `insert into ${quoted(table)} (${names.map(quoted).join()}) values (${names.map(() => "?").join()})${conflictText(table, onConflict)}`;
    texts.set(key, text);
  }
  return text;
};

const changeText = ({ update: table, key, guards = {}, values, adds = {} }: RowChange): string => {
  const shape = `${table}(${Object.keys(values).join()})(${Object.keys(adds).join()})(${Object.keys(key).join()})(${Object.keys(guards).join()})`;
  let text = texts.get(shape);
  if (text === undefined) {
    const set = Object.keys(values).map((column) => `${quoted(column)} = ?`);
    const added = Object.keys(adds).map((column) => `${quoted(column)} = ${quoted(column)} + ?`);
    // An index is not looked into for what stands behind a unary plus.
    const named = [
      ...Object.keys(key).map((column) => `${quoted(column)} = ?`),
      ...Object.keys(guards).map((column) => `+${quoted(column)} = ?`),
    ];
    text = `update ${quoted(table)} set ${[...set, ...added].join(", ")} where ${named.join(" and ")}`;
    texts.set(shape, text);
  }
  return text;
};
