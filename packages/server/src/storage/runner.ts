import type { Handle } from "./database.ts";
import type { Tables } from "./tables.ts";

export type TableName = keyof Tables & string;

/** A statement's text, made once for each opened database. */
export interface Plan {
  readonly text: string;
  /** The table that it writes; reads name none. */
  readonly table?: TableName;
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
  readonly insertInto: TableName;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly onConflict?: OnConflict;
  /** The sequence from which each row takes its `id`, in the order of the rows. */
  readonly numberedBy?: string;
  /** Columns whose values are unique and may be claimed by others at the same time: the rows go in in the order of these. */
  readonly inOrderOf?: readonly string[];
}

/** New values for the row of a key, in columns that the key names or not. Where there is no such row, nothing happens. */
export interface RowChange {
  readonly update: TableName;
  /** Its columns are those of a unique index or more. */
  readonly key: Readonly<Record<string, number | string>>;
  /** What the row must have to be changed, but is not looked for by: an index that begins with it may lead to many others. */
  readonly guards?: Readonly<Record<string, number | string>>;
  readonly values: Readonly<Record<string, unknown>>;
  /** What is added to columns. */
  readonly adds?: Readonly<Record<string, number>>;
  /** Columns whose new values are unique and may be claimed by others at the same time; else rows change in the order of their keys. */
  readonly inOrderOf?: readonly string[];
}

/** A row as a unit has read it: until the unit ends it still has these values, and nobody else changes it. */
export interface OptimisticLock {
  readonly table: TableName;
  readonly values: Readonly<Record<string, number | string | null>>;
  /** Which of these name the row; none of them is null. */
  readonly key: readonly string[];
  /** False: there is no such row. */
  readonly exists: boolean;
}

/**
 * How a row is locked for the length of a unit, by the fewest round trips: `optimistic` reads it plainly and checks it with the unit's
 * writes (a stale read runs the unit again), `row` takes the lock at once, `none` where units never run beside each other.
 */
export type Locking = "optimistic" | "row" | "none";

/** What each dialect makes of the four verbs. Stores use the verbs; what else a unit offers they ask here. */
export interface StatementRunner {
  /** Stands for the opened database: plans are made once for each. */
  readonly owner: object;
  read<Row>(plan: Plan, values: readonly unknown[]): Promise<readonly Row[]>;
  /** A read that holds up nobody else: beside the event loop if the database lies in this process. Payers take turns. */
  readLong<Row>(plan: Plan, values: readonly unknown[], payer?: string): Promise<readonly Row[]>;
  /**
   * The handle on which reads by key are batched; undefined where they have no way to go, or must see what this unit has written:
   * with a table, what it has written there.
   */
  batchingHandle?(table?: string): Handle | undefined;
  /** The rows of a read that locks them until the unit ends, or those that a write returns. */
  lock<Row>(plan: Plan, values: readonly unknown[]): Promise<readonly Row[]>;
  readonly locking: Locking;
  lockOptimistically(lock: OptimisticLock): void;
  write(plan: Plan, values: readonly unknown[]): void | Promise<void>;
  insert(rows: NewRows): void | Promise<void>;
  change(change: RowChange): void | Promise<void>;
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

/** Does a task at the end of the transaction that a unit shares with others, once for all of their items; at once where it shares none. */
export const doTogether = async <Item>(handle: Handle, task: SharedTask<Item>, item: Item): Promise<void> => {
  if (!runnerOf(handle).leaveToTheEnd?.(task, item)) await task.run(handle, [item]);
};
