import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { StatementByKey } from "./by-key.ts";
import type { Handle } from "./database.ts";
import { type NewRows, type OptimisticLock, type RowChange, runnerOf } from "./runner.ts";
import { Statement, type WriteStatement } from "./statement.ts";

/**
 * The four ways in which a store's statement reaches the database. `read` and `readByKey` only look, `lock` keeps what it returns
 * until the unit ends, `write` changes what nobody looks at. See docs/decisions/0077-four-verbs.md for which one when.
 */

export type Rows<Row> = Promise<readonly Row[]>;

/**
 * Rows as they are now. Cost: on PostgreSQL a round trip, on a connection that it shares with other short reads; in a unit that has
 * locked or written nothing yet it begins no transaction. On SQLite a few microseconds, at once.
 * `long`: it may take long, and holds up nobody who reads for moments; on SQLite a thread reads it.
 */
export const read = <Input, Row>(
  handle: Handle,
  statement: Statement<Input, Row>,
  input: NoInfer<Input>,
  duration: "short" | "long" = "short",
): Rows<Row> => {
  const runner = runnerOf(handle);
  const { plan, values } = statement.bind(handle, runner.owner, input);
  // Reads run outside of the unit's transaction where nothing ties them to it: a write among them would not be undone.
  if (!plan.isRead) throw new Error(`This is no plain read: ${plan.text}`);
  return duration === "long" ? runner.readLong<Row>(plan, values, payerOf(input)) : runner.read<Row>(plan, values);
};

const payerOf = (input: unknown): string | undefined => (input as { readonly scope?: TenantScope | null }).scope?.payer;

/**
 * The few rows of one key, where many ask for theirs at the same time. Cost: on PostgreSQL a share of a round trip, for keys that are
 * asked for meanwhile travel as one statement; alone, and on SQLite, it is a `read`.
 */
export const readByKey = <Key, Row>(handle: Handle, statement: StatementByKey<Key, Row>, key: NoInfer<Key>): Rows<Row> => {
  const shared = runnerOf(handle).batchingHandle?.(statement.table);
  if (!shared) return read(handle, statement.ofOne, key as Key);
  const batch = statement.batches.get(shared) ?? statement.openBatch(shared, (keys) => read(shared, statement.ofMany, { keys }));
  return batch(key as Key);
};

interface Lock {
  /** At once: the rows of a read that locks them until the unit ends, or those that a write returns. Cost: a round trip in the unit's transaction, which it begins. */
  <Input, Row>(handle: Handle, statement: Statement<Input, Row>, input: NoInfer<Input>): Rows<Row>;
  /**
   * Optimistically, where `locking` says so: a row that was read plainly is checked with the unit's writes. Cost: nothing now; where
   * somebody has changed the row meanwhile, the whole unit runs again and then takes its locks at once.
   */
  (handle: Handle, row: OptimisticLock): void;
}

/** Rows that nobody else changes until the unit ends. */
export const lock: Lock = <Input>(handle: Handle, what: Statement<Input, never> | OptimisticLock, input?: Input): never => {
  const runner = runnerOf(handle);
  if (!(what instanceof Statement)) return runner.lockOptimistically(what) as never;
  const { plan, values } = what.bind(handle, runner.owner, input!);
  return runner.lock(plan, values) as never;
};

interface Write {
  <Input>(handle: Handle, statement: WriteStatement<Input>, input: NoInfer<Input>): Promise<void>;
  /** Inserts rows of one table by as few statements as the database needs. */
  (handle: Handle, rows: NewRows): Promise<void>;
  /** Changes the row of a key. */
  (handle: Handle, change: RowChange): Promise<void>;
}

/**
 * A write whose outcome the unit does not look at. Cost: on PostgreSQL no round trip, for it waits and travels with the unit's other
 * writes; it has been done before the unit's next statement of another kind sees the database, and before the unit ends. Await it in
 * any case: on SQLite it is done at once, and gives way where the unit has held the event loop for long.
 */
export const write: Write = async <Input>(handle: Handle, what: WriteStatement<Input> | NewRows | RowChange, input?: Input) => {
  const runner = runnerOf(handle);
  if (what instanceof Statement) {
    const { plan, values } = what.bind(handle, runner.owner, input!);
    return runner.write(plan, values);
  }
  if ("update" in what) return runner.change(what);
  if (what.rows.length > 0) return runner.insert(what);
};
