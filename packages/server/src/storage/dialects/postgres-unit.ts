import { Kysely, PostgresAdapter, PostgresIntrospector } from "kysely";
import type { Handle } from "../database.ts";
import {
  type Locking,
  type NewRows,
  type OptimisticLock,
  type Plan,
  type RowChange,
  runnerOf,
  type SharedTask,
  type StatementRunner,
  setRunner,
} from "../runner.ts";
import type { Tables } from "../tables.ts";
import { type AccountGroup, GroupUndone, isLockedBy, type LeftTask, mayComeLast } from "./postgres-account-group.ts";
import { type Composed, changing, compose, inPieces, insertion, staleReadCode, type Waiting } from "./postgres-composed.ts";
import type { GroupCommit } from "./postgres-group.ts";
import { PendingWrites } from "./postgres-pending-writes.ts";
import type { Places } from "./postgres-places.ts";
import { PostgresQueryText } from "./postgres-query-text.ts";
import type { Turns } from "./postgres-turns.ts";
import { UnitConnection } from "./postgres-unit-connection.ts";
import { driverOf } from "./postgres-unit-driver.ts";

/**
 * How a unit is run. `optimistic`: rows that were read are checked with the writes; `alone`: the same, in a transaction of its own in
 * any case. `row`: each lock is taken when it is asked for.
 */
export type UnitLocking = "optimistic" | "alone" | "row";

export interface UnitDependencies {
  readonly owner: object;
  /** Gives a unit a connection of its own as soon as it needs one. */
  readonly places: Places;
  /** Where a unit reads while nothing ties it to a connection. */
  readonly reader: Handle;
  readonly group: GroupCommit;
}

/** Another unit has changed a row after this one had read it: to be run again, with its locks taken at once. */
export class StaleRead extends Error {
  override readonly name = "StaleRead";
}

const namingStaleReads = <T>(done: Promise<T>, { locks }: Composed): Promise<T> =>
  done.catch((error: unknown) => {
    const isStale = locks.length > 0 && (error as { code?: string }).code === staleReadCode;
    throw isStale ? new StaleRead("A row has changed since it was read.", { cause: error }) : error;
  });

/**
 * One unit after another. It spares round trips: a unit's transaction, and its connection, begin at the first statement that needs
 * them. Until then reads run alone, as each would in a transaction of this isolation level (READ COMMITTED), and writes wait. A unit
 * that does no more ends as one statement, which is a transaction by itself and may carry other units, too.
 */
export class PostgresUnit implements StatementRunner {
  readonly owner: object;
  readonly handle: Handle;
  readonly #connection: UnitConnection;
  readonly #pending = new PendingWrites();
  readonly #reader: Handle;
  readonly #outside: StatementRunner;
  readonly #groupCommit: GroupCommit;
  #payer = "";
  #locking: UnitLocking = "optimistic";
  #turns: Turns | undefined;
  #sendingPieces: Promise<void> | undefined;
  #hasChanged = false;
  /** Whose transaction this is, where it is not the unit's own, and what is left to its end. */
  #group: AccountGroup | undefined;
  #last: Waiting[] = [];
  #tasks: LeftTask[] = [];

  constructor({ owner, places, reader, group }: UnitDependencies) {
    this.owner = owner;
    this.#connection = new UnitConnection(places);
    this.#reader = reader;
    this.#outside = runnerOf(reader);
    this.#groupCommit = group;
    this.handle = this.#newHandle();
    setRunner(this.handle, this);
  }

  begin(locking: UnitLocking, turns: Turns, payer: string): void {
    this.#payer = payer;
    this.#locking = locking;
    this.#turns = turns;
    this.#connection.begin(payer);
    this.#sendingPieces = undefined;
    this.#hasChanged = false;
    this.#group = undefined;
    this.#forgetWhatWaits();
  }

  async commit(): Promise<void> {
    if (this.#group) {
      if (this.#pending.hasWrites) await this.#settle();
      const left = { writes: this.#last, tasks: this.#tasks };
      return this.#group.done(left, this.#finishGroup).finally(() => this.#leaveGroup());
    }
    if (this.#connection.isOpen || this.#pending.isLarge) {
      if (this.#pending.hasWrites) await this.#settle();
      await this.#connection.commit();
    } else if (this.#pending.hasWrites) {
      const composed = this.#pending.take();
      await namingStaleReads(this.#groupCommit.commit(composed, this.#payer), composed);
    }
  }

  async rollback(): Promise<void> {
    const group = this.#group;
    if (!group) return this.#connection.rollback();
    await (this.#hasChanged ? group.undo() : group.passOver(this.#finishGroup)).finally(() => this.#leaveGroup());
  }

  get locking(): Locking {
    return this.#locking === "row" || (this.#connection.isWanted && !this.#group) ? "row" : "optimistic";
  }

  read<Row>(plan: Plan, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#isFree() ? this.#outside.read(plan, values) : this.#inTransaction(plan, values);
  }

  readLong<Row>(plan: Plan, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#isFree() ? this.#outside.readLong(plan, values, this.#payer) : this.#inTransaction(plan, values);
  }

  batchingHandle(table?: string): Handle | undefined {
    const hasWritten = table === undefined ? this.#pending.hasWrites : this.#pending.writesTo(table);
    return this.#connection.isWanted || hasWritten ? undefined : this.#reader;
  }

  lock<Row>(plan: Plan, values: readonly unknown[]): Promise<readonly Row[]> {
    this.#hasChanged = true;
    return this.#inTransaction(plan, values);
  }

  lockOptimistically(lock: OptimisticLock): void {
    if (!this.#group || !isLockedBy(this.#group, lock)) this.#pending.lock(lock);
  }

  write({ text, table }: Plan, values: readonly unknown[]): void | Promise<void> {
    return this.#wait({ text, values, table: table! });
  }

  insert(rows: NewRows): void | Promise<void> {
    return this.#wait(insertion(rows));
  }

  change(change: RowChange): void | Promise<void> {
    return this.#wait(changing(change));
  }

  leaveToTheEnd<Item>(task: SharedTask<Item>, item: Item): boolean {
    if (!this.#group) return false;
    this.#tasks.push({ task: task as SharedTask<unknown>, item });
    return true;
  }

  turn(accountId: number, company?: "alone" | "together"): void | Promise<void> {
    if (this.#group) {
      if (this.#group.accountId === accountId) return;
      throw new GroupUndone("The unit concerns another account, too.");
    }
    // Who has a connection, or waits for one, may be waited for by who is at work on the account.
    const mayWait = !this.#connection.isWanted;
    const mayJoin = company === "together" && this.#locking === "optimistic" && mayWait && this.#pending.isEmpty;
    return this.#turns?.take(accountId, { mayWait, mayJoin })?.then((group) => group && this.#join(group));
  }

  /** Joins the transaction of a group: what it has locked needs no lock of the unit's. */
  #join(group: AccountGroup): void {
    this.#group = group;
    this.#connection.share(group.client);
  }

  #leaveGroup(): void {
    this.#group = undefined;
    this.#connection.leaveShared();
  }

  /** Does the tasks of a group in its transaction. What this unit has left of its own is the group's by now, or nobody's. */
  #finishGroup = async (left: readonly LeftTask[]): Promise<readonly Waiting[]> => {
    this.#forgetWhatWaits();
    this.#connection.forgetFailures();
    for (const [task, items] of Map.groupBy(left, (one) => one.task)) {
      await task.run(
        this.handle,
        items.map(({ item }) => item),
      );
    }
    if (this.#pending.hasWrites) await this.#settle();
    return this.#last;
  };

  #forgetWhatWaits(): void {
    this.#pending.clear();
    this.#last = [];
    this.#tasks = [];
  }

  #isFree(): boolean {
    return !this.#connection.isWanted && !this.#pending.hasWrites;
  }

  async #inTransaction<Row>({ text }: Plan, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.#run<Row>(text, values)).rows;
  }

  async #run<Row>(text: string, values: readonly unknown[]) {
    await this.#settle();
    return this.#connection.follow(this.#connection.send<Row>(text, values));
  }

  #wait(write: Waiting): void | Promise<void> {
    if (this.#group && mayComeLast(write)) this.#last.push(write);
    else if (!this.#pending.add(write)) return this.#settle().then(() => this.#wait(write));
  }

  /** Sends what waits. What is sent on the connection from then on is done after it, and need not wait for its answer. */
  async #settle(): Promise<void> {
    await this.#connection.open();
    while (this.#sendingPieces) await this.#sendingPieces;
    if (this.#pending.isEmpty) return;
    const statements = inPieces(this.#pending.take());
    if (statements.length === 1) return this.#send(statements[0]!);
    this.#sendingPieces = this.#sendPieces(statements);
    await this.#sendingPieces;
  }

  #send(composed: Composed): void {
    this.#hasChanged = true;
    const { text, values } = compose(composed);
    void this.#connection.follow(namingStaleReads(this.#connection.send(text, values), composed));
  }

  /** The event loop goes on between two of them. After one that failed the others are not needed. */
  async #sendPieces(statements: readonly Composed[]): Promise<void> {
    try {
      for (const statement of statements) {
        this.#send(statement);
        await this.#connection.done;
      }
    } finally {
      this.#sendingPieces = undefined;
    }
  }

  /** Kysely over the unit's connection. Whatever it runs may have changed something, but for reads. */
  #newHandle(): Handle {
    const driver = driverOf((text, values) => {
      if (!text.startsWith("select ")) this.#hasChanged = true;
      return this.#run(text, values);
    });
    return new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryText(),
      },
    });
  }
}
