import { afterTicks, ticksPerBatch } from "../after-ticks.ts";
import type { OptimisticLock } from "../runner.ts";
import { type Composed, compose, inOrder, shapeOfLock, type Waiting } from "./postgres-composed.ts";

/** Runs one statement that is a transaction by itself. */
export type RunStatement = (statement: { text: string; values: unknown[] }) => Promise<void>;

interface Member extends Composed {
  readonly payer: string;
  /** Its place in the line: of each payer's units the first ones have the first places, the second ones those after, and so on. */
  readonly turn: number;
  readonly shape: string;
  /** The rows that it locks or writes by their key: no two units of one statement may have one in common. */
  readonly claims: readonly string[];
  resolve(): void;
  reject(error: unknown): void;
}

export interface GroupCommit {
  /** Ends when the unit is durable. Payers take turns, however many units of one wait. */
  commit(unit: Composed, payer?: string): Promise<void>;
  /** Units that wait for a statement to travel with. */
  waiting(): number;
  /** Statements that were not needed, for their units travelled with others. */
  spared(): number;
}

/** Units of one statement at most, and statements under way at once: meanwhile the next units wait. */
const maxTogether = 64;
const maxUnderWay = 3;
/** Those with units of one payer: what its locks hold up leaves the others a way. */
const maxOfPayer = 2;

/**
 * Lets units that come to their end at the same time travel together: those that write the same columns become one
 * statement, with one flush to disk. When such a statement is undone, each of its units goes alone and has its own answer.
 */
export const createGroupCommit = (run: RunStatement, isUndone: (error: unknown) => boolean): GroupCommit => {
  const line = createLine();
  const ofPayers = new Map<string, number>();
  let underWay = 0;
  let isDrainPlanned = false;
  let spared = 0;

  const sendTogether = async (members: readonly Member[]): Promise<void> => {
    try {
      await run(compose(joined(members), members.length));
      spared += members.length - 1;
      for (const member of members) member.resolve();
    } catch (error) {
      // Where it is not known whether the statement was undone, nobody may do it again.
      if (members.length === 1 || !isUndone(error)) {
        for (const member of members) member.reject(error);
        return;
      }
      await Promise.all(members.map((member) => run(compose(member)).then(member.resolve, member.reject)));
    }
  };

  const mayBegin = (payer: string): boolean => (ofPayers.get(payer) ?? 0) < maxOfPayer;

  const drain = (): void => {
    isDrainPlanned = false;
    while (underWay < maxUnderWay) {
      const group = line.take(mayBegin);
      if (group === undefined) return;
      const payers = new Set(group.map(({ payer }) => payer));
      underWay += 1;
      for (const payer of payers) ofPayers.set(payer, (ofPayers.get(payer) ?? 0) + 1);
      void sendTogether(group).finally(() => {
        underWay -= 1;
        for (const payer of payers) {
          const left = ofPayers.get(payer)! - 1;
          if (left > 0) ofPayers.set(payer, left);
          else ofPayers.delete(payer);
        }
        drain();
      });
    }
  };

  return {
    commit: ({ locks, writes }, payer = "") =>
      new Promise((resolve, reject) => {
        line.add({ locks, writes, payer, shape: shapeOf(locks, writes), claims: claimsOf(locks, writes), resolve, reject });
        if (isDrainPlanned || underWay >= maxUnderWay) return;
        isDrainPlanned = true;
        afterTicks(ticksPerBatch, drain);
      }),
    waiting: () => line.length,
    spared: () => spared,
  };
};

/** Units in the order of turns: who comes with many stands behind the others' next ones, as in `TurnsOfPayers`. */
const createLine = () => {
  let queue: Member[] = [];
  /** The last turn that each payer has had or waits for; one that is behind the clock has saved nothing. */
  const turns = new Map<string, number>();
  let clock = 0;
  return {
    get length() {
      return queue.length;
    },
    add(member: Omit<Member, "turn">): void {
      const turn = Math.max(clock, turns.get(member.payer) ?? 0) + 1;
      turns.set(member.payer, turn);
      let place = queue.length;
      while (place > 0 && queue[place - 1]!.turn > turn) place -= 1;
      queue.splice(place, 0, { ...member, turn });
    },
    /** Takes the first whose payer may begin, and those after it that may, too, and can travel with it; undefined where there is none. */
    take(mayBegin: (payer: string) => boolean): readonly Member[] | undefined {
      const first = queue.find(({ payer }) => mayBegin(payer));
      if (first === undefined) return undefined;
      clock = Math.max(clock, first.turn - 1);
      const { taken, left } = groupOf(first, queue, mayBegin);
      queue = left;
      if (queue.length === 0) {
        turns.clear();
        clock = 0;
      }
      return taken;
    },
  };
};

/** A unit and those of a queue that can travel with it. */
const groupOf = (
  first: Member,
  queue: readonly Member[],
  mayBegin: (payer: string) => boolean,
): { readonly taken: Member[]; readonly left: Member[] } => {
  const claimed = new Set(first.claims);
  const taken = [first];
  const left: Member[] = [];
  // A unit that has parameters of its own goes alone.
  const isAlone = !first.writes.every((write) => "rows" in write);
  for (const member of queue) {
    if (member === first) continue;
    const fits = !isAlone && member.shape === first.shape && taken.length < maxTogether && mayBegin(member.payer);
    if (fits && !member.claims.some((claim) => claimed.has(claim))) {
      taken.push(member);
      for (const claim of member.claims) claimed.add(claim);
    } else {
      left.push(member);
    }
  }
  return { taken, left };
};

const shapeOf = (locks: readonly OptimisticLock[], writes: readonly Waiting[]): string => {
  let shape = "";
  for (const lock of locks) shape += shapeOfLock(lock);
  for (const write of writes) shape += `/${write.text}`;
  return shape;
};

const claimsOf = (locks: readonly OptimisticLock[], writes: readonly Waiting[]): string[] => [
  ...locks.map(({ table, key, values }) => `${table}:${key.map((column) => values[column]).join()}`),
  ...writes.flatMap((write) =>
    "rows" in write && write.identity.length > 0 && write.adds === undefined
      ? write.rows.map((row) => `${write.table}:${write.identity.map((column) => row[column]).join()}`)
      : [],
  ),
];

/** The locks and writes of units of one shape, as those of one. */
export const joined = (members: readonly Composed[]): Composed => {
  const [first, ...others] = members;
  if (others.length === 0) return first!;
  return {
    locks: first!.locks.flatMap((_, index) => members.map((member) => member.locks[index]!)),
    writes: first!.writes.map((write, index) => {
      if (!("rows" in write)) return write;
      const rows = members.flatMap((member) => (member.writes[index] as typeof write).rows);
      return { ...write, rows: inOrder(write.adds === undefined ? rows : addedUp(rows, write.identity, write.adds), write.order) };
    }),
  };
};

const addedUp = (rows: readonly Readonly<Record<string, unknown>>[], identity: readonly string[], columns: readonly string[]) => {
  const sums = new Map<string, Record<string, unknown>>();
  for (const row of rows) {
    const key = identity.map((name) => row[name]).join("/");
    const sum = sums.get(key);
    if (sum) for (const column of columns) sum[column] = (sum[column] as number) + (row[column] as number);
    else sums.set(key, { ...row });
  }
  return [...sums.values()];
};
