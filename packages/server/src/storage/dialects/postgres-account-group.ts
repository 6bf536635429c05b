import type { PostgresPoolClient } from "kysely";
import type { OptimisticLock, SharedTask } from "../runner.ts";
import { compose, type Waiting } from "./postgres-composed.ts";
import { joined } from "./postgres-group.ts";
import type { Places } from "./postgres-places.ts";
import { holdBack } from "./postgres-sending.ts";

/** The group was undone, whoever of it is the cause: to be run again, each by itself. */
export class GroupUndone extends Error {
  override readonly name = "GroupUndone";
}

/** Units of one account that follow each other in one transaction, which has the account's lock and that of its balance. */
export interface AccountGroup {
  readonly accountId: number;
  readonly client: PostgresPoolClient;
  /** A unit has sent all that it does but for what it leaves. Ends when all of it is durable. */
  done(left: LeftToTheEnd, finish: Finish): Promise<void>;
  /** A unit has failed and has changed nothing. Ends when those before it are durable. */
  passOver(finish: Finish): Promise<void>;
  /** A unit has failed after it has changed something, and with it the group. Rejects. */
  undo(): Promise<void>;
}

/** What units of a group leave to its end. */
export interface LeftToTheEnd {
  /** What is written with that of the others. */
  readonly writes: readonly Waiting[];
  readonly tasks: readonly LeftTask[];
}

export interface LeftTask {
  readonly task: SharedTask<unknown>;
  readonly item: unknown;
}

/** Does the tasks of all units, by way of the one that came last, and returns what they have left to write. */
export type Finish = (tasks: readonly LeftTask[]) => Promise<readonly Waiting[]>;

/** Begins a group of an account, on a connection that is the payer's; the line is the group's from then on. Rejects where there can be none. */
export type OpenGroup = (accountId: number, line: GroupLine, payer: string) => Promise<AccountGroup>;

/** What a group needs of the line of its account. */
export interface GroupLine {
  /** Lets the next one into the group; false where nobody waits who may come in. */
  letIn(group: AccountGroup): boolean;
  /** Ends with true as soon as somebody waits, and with false when so much time has passed. */
  comes(withinMs: number): Promise<boolean>;
  /** How many units are likely to come: so many were in the last group, or waited when it ended. */
  readonly expected: number;
  /** The group of so many units is over. */
  leave(units: number): void;
}

export interface AccountGroups {
  readonly open: OpenGroup;
  /** Commits that were not needed, for units shared them. */
  spared(): number;
}

/** Units of one group at most, and how long it takes in more: who comes first waits for who comes last. */
const maxTogether = 16;
const maxOpenMs = 50;
/** How long a group stands open for those who are likely to come: less than its own beginning and end take. */
const lingerMs = 2;

/**
 * Rows that nobody reads in such a unit, and that wait for the end of the group: the counts are everybody's and are locked
 * for moments only, and all of them are as few statements as those of one unit.
 */
const tablesAtTheEnd: ReadonlySet<string> = new Set(["audit_entry", "outbox_event", "kept_count"]);

/** Whether a write may wait for the end of the group. */
export const mayComeLast = (write: Waiting): boolean => "rows" in write && tablesAtTheEnd.has(write.table);

/** Whether a group has locked what a unit of it wants to lock. */
export const isLockedBy = ({ accountId }: AccountGroup, { table, values }: OptimisticLock): boolean =>
  (table === "user_account" && values["id"] === accountId) || (table === "time_balance" && values["user_id"] === accountId);

const lockAccount = 'select "id" from "user_account" where "id" = $1 for no key update';
/** In a statement of its own: one that had to wait would still see the balance from before the wait. */
const lockBalance = `select "kept"."user_id" from "time_balance" as "kept"
  join "user_account" on "user_account"."name_space_id" = "kept"."name_space_id" and "user_account"."id" = "kept"."user_id"
  where "user_account"."id" = $1 for no key update of "kept"`;

/**
 * Opens groups. All of a group is one transaction, without savepoints: what fails in it, by whomever, undoes it, and then each of
 * its units runs again by itself. One that fails before it has changed anything, as most that fail do, undoes nothing.
 */
export const createAccountGroups = (places: Places): AccountGroups => {
  let spared = 0;

  const open: OpenGroup = async (accountId, line, payer) => {
    const client = await places.take(payer);
    const heldSinceMs = performance.now();
    const send = (text: string, values: readonly unknown[] = []) => {
      holdBack(client);
      return client.query<unknown>(text, values as unknown[]);
    };
    const release = (isSound: boolean): void => {
      (client.release as (destroy?: boolean) => void)(!isSound);
      places.leave(payer, heldSinceMs);
    };
    const undo = async () => {
      const isSound = await send("rollback").then(
        () => true,
        () => false,
      );
      release(isSound);
    };
    try {
      const [, { rows }] = await Promise.all([send("begin"), send(lockAccount, [accountId]), send(lockBalance, [accountId])]);
      // Who locks the account keeps it from getting a balance, too.
      if (rows.length === 0) throw new GroupUndone("The account is gone.");
    } catch (error) {
      await undo();
      throw error;
    }

    const openedMs = performance.now();
    const last: Waiting[] = [];
    const tasks: LeftTask[] = [];
    let units = 1;
    let committed = 0;
    let isOver = false;
    let lingeredMs = 0;
    const { promise: outcome, resolve, reject } = Promise.withResolvers<void>();
    outcome.catch(() => {});

    const end = (tell: () => void): void => {
      tell();
      line.leave(units);
    };

    const commit = async (): Promise<void> => {
      for (const writes of togetherOnce(last)) {
        const { text, values } = compose({ locks: [], writes });
        send(text, values).catch(() => {});
      }
      try {
        const { command } = await send("commit");
        release(true);
        // Of a transaction in which a statement has failed nothing is kept.
        if ((command as string) === "COMMIT") {
          spared += Math.max(0, committed - 1);
          end(resolve);
        } else end(() => reject(new GroupUndone("A statement of the group failed.")));
      } catch (error) {
        // Whether it was done is not known: nobody may do it again.
        release(false);
        end(() => reject(error));
      }
    };

    const undoAll = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      await undo();
      end(() => reject(new GroupUndone("A unit of the group failed.")));
    };

    const letsIn = (): boolean => {
      if (units >= maxTogether || performance.now() - openedMs >= maxOpenMs || !line.letIn(group)) return false;
      units += 1;
      return true;
    };

    /** Whether somebody comes in, if need be after a moment. */
    const someoneComes = async (): Promise<boolean> => {
      if (letsIn()) return true;
      if (units >= Math.min(line.expected, maxTogether) || lingeredMs >= lingerMs) return false;
      const sinceMs = performance.now();
      const isThere = await line.comes(lingerMs - lingeredMs);
      lingeredMs += performance.now() - sinceMs;
      return isThere && letsIn();
    };

    const goOn = async (finish: Finish): Promise<void> => {
      if (isOver || (await someoneComes())) return outcome;
      // From here on nobody comes in: what is left to the end is locked after all that units lock.
      if (tasks.length > 0) {
        try {
          last.push(...(await finish(tasks)));
        } catch {
          await undoAll();
          return outcome;
        }
      }
      isOver = true;
      await commit();
      return outcome;
    };

    const group: AccountGroup = {
      accountId,
      client,
      done(left, finish) {
        last.push(...left.writes);
        tasks.push(...left.tasks);
        committed += 1;
        return goOn(finish);
      },
      passOver: goOn,
      async undo() {
        await undoAll();
        return outcome;
      },
    };
    return group;
  };

  return { open, spared: () => spared };
};

/** Writes of several units as those of as few statements as there can be: two of one statement never concern one table. */
const togetherOnce = (writes: readonly Waiting[]): Waiting[][] => {
  const statements: Waiting[][] = [];
  for (const alike of Map.groupBy(writes, ({ text }) => text).values()) {
    const write = joined(alike.map((one) => ({ locks: [], writes: [one] }))).writes[0]!;
    const fitting = statements.find((statement) => statement.every(({ table }) => table !== write.table));
    if (fitting) fitting.push(write);
    else statements.push([write]);
  }
  return statements;
};
