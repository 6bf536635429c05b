import type { Handle } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A statement's text, made once for each opened database. */
export interface Plan {
  readonly text: string;
  /** The table that it writes; reads name none. */
  readonly table?: keyof Tables & string;
}

/** How rows go in when a row of their key is there already. */
export interface OnConflict {
  readonly keys: readonly string[];
  /** The columns that then change: they take the new row's values, or those are added to them. */
  readonly columns: readonly string[];
  readonly change: "replace" | "add";
}

/** Rows of one table, all with the same columns. */
export interface NewRows {
  readonly table: keyof Tables & string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly onConflict?: OnConflict;
  /** The sequence from which each row takes its `id`, in the order of the rows. */
  readonly numberedBy?: string;
  /** Columns whose values are unique and may be claimed by others at the same time: the rows go in in the order of these. */
  readonly inOrderOf?: readonly string[];
}

/** New values for the row of a key, in columns that the key names or not. Where there is no such row, nothing happens. */
export interface RowChange {
  readonly table: keyof Tables & string;
  readonly key: Readonly<Record<string, number | string>>;
  /** What the row must have to be changed, but is not looked for by: an index that begins with it may lead to many others. */
  readonly guards?: Readonly<Record<string, number | string>>;
  readonly values: Readonly<Record<string, unknown>>;
  /** What is added to columns. */
  readonly adds?: Readonly<Record<string, number>>;
  /** Columns whose new values are unique and may be claimed by others at the same time; else rows change in the order of their keys. */
  readonly inOrderOf?: readonly string[];
}

/** Holds for one row of a table until the unit ends: it still has these values, and nobody else changes it. */
export interface Hold {
  readonly table: keyof Tables & string;
  readonly values: Readonly<Record<string, number | string | null>>;
  /** Which of these name the row; none of them is null. */
  readonly key: readonly string[];
  /** False: there is no such row. */
  readonly exists: boolean;
}

/** Runs texts on the connection behind a handle, past the query builder, which costs ten times the statement itself. */
export interface StatementRunner {
  /** Stands for the opened database: plans are made once for each. */
  readonly owner: object;
  /** The rows of a read; at once where the database lies in this process. */
  read<Row>(plan: Plan, values: readonly unknown[]): readonly Row[] | Promise<readonly Row[]>;
  /** The rows of a read that locks them until the unit ends, or of a write that tells of them. */
  lock<Row>(plan: Plan, values: readonly unknown[]): readonly Row[] | Promise<readonly Row[]>;
  /**
   * Runs a write whose outcome the unit does not look at. It may be kept back to travel with the unit's other writes;
   * it has been done before the unit's next statement of another kind sees the database, and before the unit ends.
   */
  write(plan: Plan, values: readonly unknown[]): void | Promise<void>;
  insert(rows: NewRows): void | Promise<void>;
  change(change: RowChange): void | Promise<void>;
  /**
   * The handle on which reads of single rows travel together; undefined where they have no way to go, or must see what
   * this unit has written: with a table, what it has written there.
   */
  gatheringHandle?(table?: string): Handle | undefined;
  /**
   * A read that may take long, where it holds up nobody else: beside the event loop if the database lies in this process.
   * Payers take turns.
   */
  readLong<Row>(plan: Plan, values: readonly unknown[], payer?: string): Promise<readonly Row[]>;
  /**
   * The lock of a row for the length of the unit, by the fewest round trips: `hold` reads it plainly and gives a
   * promise that is made good before anything is written (else the unit runs again), `row` takes the lock at once,
   * `none` where units never run beside each other.
   */
  readonly locking: "hold" | "row" | "none";
  hold(hold: Hold): void;
  /**
   * Waits until no other unit of this process is at work on an account, before this one has a connection: units that would wait
   * for each other's rows keep none from those that would not. Ask for several in the order of their ids. `together`: what the unit
   * locks from here on is this account's alone, so that it may share a transaction with others that wait.
   */
  turn?(accountId: number, company?: "alone" | "together"): void | Promise<void>;
  /** Leaves an item to the end of the transaction that the unit shares with others; false where it has its transaction to itself. */
  leaveToTheEnd?<Item>(task: SharedTask<Item>, item: Item): boolean;
}

/** What units leave behind to be done inside their transaction, and what is done once for all of those that share one. */
export interface SharedTask<Item> {
  /** The handle sees what all of them have written; the items are in the order of the units. */
  run(handle: Handle, items: readonly Item[]): Promise<void>;
}

const runners = new WeakMap<Handle, StatementRunner>();

/** Says how texts run on a handle: each dialect does so for every handle that it gives out. */
export const setRunner = (handle: Handle, runner: StatementRunner): void => void runners.set(handle, runner);

export const runnerOf = (handle: Handle): StatementRunner => {
  const runner = runners.get(handle);
  if (!runner) throw new Error("This handle was not given out by an open database.");
  return runner;
};

/** Inserts rows of one table by as few statements as the database needs. */
export const insertRows = async <T extends keyof Tables & string>(
  handle: Handle,
  table: T,
  rows: readonly Readonly<Record<string, unknown>>[],
  options: Pick<NewRows, "onConflict" | "numberedBy" | "inOrderOf"> = {},
): Promise<void> => {
  if (rows.length > 0) await runnerOf(handle).insert({ table, rows, ...options });
};

/** Does a task at the end of the transaction that a unit shares with others, once for all of their items; at once where it shares none. */
export const doTogether = async <Item>(handle: Handle, task: SharedTask<Item>, item: Item): Promise<void> => {
  if (!runnerOf(handle).leaveToTheEnd?.(task, item)) await task.run(handle, [item]);
};

/** Changes the row of a key, whose columns are those of a unique index or more. */
export const changeRow = (handle: Handle, change: RowChange): void | Promise<void> => runnerOf(handle).change(change);
