import { Kysely, PostgresAdapter, PostgresIntrospector, type PostgresPoolClient } from "kysely";
import type { Handle } from "../database.ts";
import { type Hold, type Plan, runnerOf, type SharedTask, type StatementRunner, setRunner } from "../statements.ts";
import type { Tables } from "../tables.ts";
import { type AccountGroup, type Finish, GroupUndone, isLockedBy, type LeftTask, mayComeLast } from "./postgres-account-group.ts";
import {
  brokenHold,
  type Composed,
  changing,
  compose,
  inPieces,
  insertion,
  isLarge,
  ordered,
  together,
  type Waiting,
} from "./postgres-composed.ts";
import type { GroupCommit } from "./postgres-group.ts";
import type { Places } from "./postgres-places.ts";
import { PostgresQueryText } from "./postgres-query-text.ts";
import { holdBack } from "./postgres-sending.ts";
import type { Turns } from "./postgres-turns.ts";
import { driverOf, type RunInUnit } from "./postgres-unit-driver.ts";

/**
 * `hold`: locks are promises that are made good with the writes; `alone`: the same, in a transaction of its own in any case. `row`: each
 * lock is taken when it is asked for.
 */
export type Locking = "hold" | "alone" | "row";

/** One unit after another. */
export interface Unit {
  readonly handle: Handle;
  begin(locking: Locking, turns: Turns, payer: string): void;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

export interface UnitDependencies {
  readonly owner: object;
  /** Gives a unit a connection of its own as soon as it needs one. */
  readonly places: Places;
  /** Where a unit reads while nothing ties it to a connection. */
  readonly reader: Handle;
  readonly group: GroupCommit;
}

/** Another unit has changed what this one held: to be run again, with its locks taken at once. */
export class HoldBroken extends Error {
  override readonly name = "HoldBroken";
}

const namingBrokenHolds = <T>(done: Promise<T>, hasHolds: boolean): Promise<T> =>
  done.catch((error: unknown) => {
    throw hasHolds && (error as { code?: string }).code === brokenHold
      ? new HoldBroken("A held row has changed.", { cause: error })
      : error;
  });

/**
 * Spares round trips: a unit's transaction, and its connection, begin at the first statement that needs them. Until then
 * reads run alone, as each would in a transaction of this isolation level (READ COMMITTED), and writes wait. A unit that
 * does no more ends as one statement, which is a transaction by itself and may carry other units, too.
 */
export const createUnit = ({ owner, places, reader, group: groupCommit }: UnitDependencies): Unit => {
  let client: PostgresPoolClient | undefined;
  let payer = "";
  let heldSinceMs = 0;
  let opening: Promise<void> | undefined;
  let locking: Locking = "hold";
  let turns: Turns | undefined;
  let holds: Hold[] = [];
  let writes: Waiting[] = [];
  /** Ends when everything that was sent is done; rejects with what failed first. */
  let done: Promise<unknown> = Promise.resolve();
  let sendingPieces: Promise<void> | undefined;
  /** Whose transaction this is, where it is not the unit's own. */
  let group: AccountGroup | undefined;
  let hasChanged = false;
  /** What is left to the end of the group. */
  let last: Waiting[] = [];
  let tasks: LeftTask[] = [];
  const outside = runnerOf(reader);

  const release = (isSound: boolean): void => {
    if (client) {
      (client.release as (destroy?: boolean) => void)(!isSound);
      places.leave(payer, heldSinceMs);
    }
    client = undefined;
    opening = undefined;
  };

  const send = <Row = unknown>(text: string, values: readonly unknown[]) => {
    holdBack(client!);
    return client!.query<Row>(text, values as unknown[]);
  };

  /**
   * Lets a statement follow those that were sent. What follows one that failed fails, too, with a message that says nothing: the
   * first failure is the one to tell.
   */
  const follow = <T>(sent: Promise<T>): Promise<T> => {
    sent.catch(() => {});
    const answer = done.then(() => sent);
    answer.catch(() => {});
    done = answer;
    return answer;
  };

  /** Nothing goes out before the transaction has begun: should that fail, it would be a transaction by itself. */
  const open = async (): Promise<void> => {
    client = await places.take(payer);
    heldSinceMs = performance.now();
    await send("begin", []);
  };

  const sendComposed = (statement: Composed): void => {
    hasChanged = true;
    const { text, values } = compose(statement);
    void follow(namingBrokenHolds(send(text, values), statement.holds.length > 0));
  };

  /** The event loop goes on between two of them. After one that failed the others are not needed. */
  const sendPieces = async (statements: readonly Composed[]): Promise<void> => {
    try {
      for (const statement of statements) {
        sendComposed(statement);
        await done;
      }
    } finally {
      sendingPieces = undefined;
    }
  };

  /** Sends what waits. What is sent on the connection from then on is done after it, and need not wait for its answer. */
  const settle = async (): Promise<void> => {
    opening ??= open();
    await opening;
    while (sendingPieces) await sendingPieces;
    if (writes.length === 0 && holds.length === 0) return;
    const statements = inPieces({ holds, writes: writes.map(ordered) });
    holds = [];
    writes = [];
    if (statements.length === 1) {
      sendComposed(statements[0]!);
      return;
    }
    sendingPieces = sendPieces(statements);
    await sendingPieces;
  };

  const leaveGroup = (): void => {
    group = undefined;
    client = undefined;
    opening = undefined;
  };

  /** Joins the transaction of a group: what it has locked needs no hold. */
  const join = (joined: AccountGroup): void => {
    group = joined;
    ({ client } = joined);
    opening = Promise.resolve();
  };

  const run: RunInUnit = async <Row>(text: string, values: readonly unknown[]) => {
    await settle();
    return follow(send<Row>(text, values));
  };

  const inTransaction = async <Row>({ text }: Plan, values: readonly unknown[]) => (await run<Row>(text, values)).rows;

  const lock = <Row>(plan: Plan, values: readonly unknown[]) => {
    hasChanged = true;
    return inTransaction<Row>(plan, values);
  };

  const wait = (write: Waiting): void | Promise<void> => {
    if (group && mayComeLast(write)) return void last.push(write);
    const index = writes.findIndex(({ table }) => table === write.table);
    if (index === -1) {
      writes.push(write);
      return;
    }
    const joined = together(writes[index]!, write);
    if (!joined) return settle().then(() => void writes.push(write));
    writes[index] = joined;
  };

  const isFree = () => opening === undefined && writes.length === 0;
  const runner: StatementRunner = {
    owner,
    get locking() {
      return locking === "row" || (opening && !group) ? "row" : "hold";
    },
    read: (plan, values) => (isFree() ? outside.read(plan, values) : inTransaction(plan, values)),
    readLong: (plan, values) => (isFree() ? outside.readLong(plan, values, payer) : inTransaction(plan, values)),
    gatheringHandle: (table) =>
      isFree() || (opening === undefined && table !== undefined && writes.every((write) => write.table !== table)) ? reader : undefined,
    lock,
    write: ({ text, table }, values) => wait({ text, values, table: table! }),
    insert: (rows) => wait(insertion(rows)),
    change: (change) => wait(changing(change)),
    hold: (hold) => {
      if (!group || !isLockedBy(group, hold)) holds.push(hold);
    },
    leaveToTheEnd(task, item) {
      if (!group) return false;
      tasks.push({ task: task as SharedTask<unknown>, item });
      return true;
    },
    turn(accountId, company) {
      if (group) {
        if (group.accountId === accountId) return;
        throw new GroupUndone("The unit concerns another account, too.");
      }
      // Who has a connection, or waits for one, may be waited for by who is at work on the account.
      const mayWait = opening === undefined;
      const mayJoin = company === "together" && locking === "hold" && mayWait && writes.length === 0 && holds.length === 0;
      return turns?.take(accountId, { mayWait, mayJoin })?.then((joined) => joined && join(joined));
    },
  };
  const handle = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () =>
        driverOf((text, values) => {
          if (!text.startsWith("select ")) hasChanged = true;
          return run(text, values);
        }),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryText(),
    },
  });
  setRunner(handle, runner);

  /** Does the tasks of a group in its transaction. What this unit has left of its own is the group's by now, or nobody's. */
  const finishGroup: Finish = async (left) => {
    holds = [];
    writes = [];
    last = [];
    tasks = [];
    done = Promise.resolve();
    for (const [task, items] of Map.groupBy(left, (one) => one.task)) {
      await task.run(
        handle,
        items.map(({ item }) => item),
      );
    }
    if (writes.length > 0) await settle();
    return last;
  };

  return {
    handle,
    begin(how, givenTurns, givenPayer) {
      payer = givenPayer;
      locking = how;
      turns = givenTurns;
      holds = [];
      writes = [];
      done = Promise.resolve();
      sendingPieces = undefined;
      group = undefined;
      hasChanged = false;
      last = [];
      tasks = [];
    },
    async commit() {
      if (group) {
        if (writes.length > 0) await settle();
        return group.done({ writes: last, tasks }, finishGroup).finally(leaveGroup);
      }
      if (client || isLarge(writes)) {
        if (writes.length > 0) await settle();
        const { command } = await follow(send("commit", []));
        // What a unit has failed at it cannot go on from: PostgreSQL undoes it then.
        if ((command as string) !== "COMMIT") throw new Error("A statement of the unit failed, and the unit went on.");
        release(true);
      } else if (writes.length > 0) {
        await namingBrokenHolds(groupCommit.commit({ holds, writes: writes.map(ordered) }, payer), holds.length > 0);
      }
    },
    async rollback() {
      if (group) return (hasChanged ? group.undo() : group.passOver(finishGroup)).finally(leaveGroup);
      // It may still be on its way to a connection, which must not be kept.
      await opening?.catch(() => {});
      if (!client) {
        opening = undefined;
        return;
      }
      // A connection that cannot even undo is not given to anyone else.
      const isSound = await client.query("rollback", []).then(
        () => true,
        () => false,
      );
      release(isSound);
    },
  };
};
