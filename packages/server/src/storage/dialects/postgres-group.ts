import { afterTurns, turnsToGather } from "../after-turns.ts";
import type { Hold } from "../statements.ts";
import { type Composed, compose, inOrder, shapeOfHold, type Waiting } from "./postgres-composed.ts";

/** Runs one statement that is a transaction by itself. */
export type RunStatement = (statement: { text: string; values: unknown[] }) => Promise<void>;

interface Member extends Composed {
  readonly shape: string;
  /** The rows that it holds or writes by their key: no two units of one statement may have one in common. */
  readonly claims: readonly string[];
  resolve(): void;
  reject(error: unknown): void;
}

export interface GroupCommit {
  /** Ends when the unit is durable. */
  commit(unit: Composed): Promise<void>;
  /** Units that wait for a statement to travel with. */
  waiting(): number;
  /** Statements that were not needed, for their units travelled with others. */
  spared(): number;
}

/** Units of one statement at most, and statements under way at once: while they are, the next units gather. */
const mostTogether = 64;
const mostUnderWay = 2;

/**
 * Lets units that come to their end at the same time travel together: those that write the same columns become one
 * statement, with one flush to disk. When such a statement is undone, each of its units goes alone and has its own answer.
 */
export const createGroupCommit = (run: RunStatement, isUndone: (error: unknown) => boolean): GroupCommit => {
  const queue: Member[] = [];
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

  const drain = (): void => {
    isDrainPlanned = false;
    while (queue.length > 0 && underWay < mostUnderWay) {
      underWay += 1;
      void sendTogether(takeGroup(queue)).finally(() => {
        underWay -= 1;
        drain();
      });
    }
  };

  return {
    commit: ({ holds, writes }) =>
      new Promise((resolve, reject) => {
        queue.push({ holds, writes, shape: shapeOf(holds, writes), claims: claimsOf(holds, writes), resolve, reject });
        if (isDrainPlanned || underWay >= mostUnderWay) return;
        isDrainPlanned = true;
        afterTurns(turnsToGather, drain);
      }),
    waiting: () => queue.length,
    spared: () => spared,
  };
};

/** Takes the first of the queue, and those after it that can travel with it. */
const takeGroup = (queue: Member[]): Member[] => {
  const first = queue[0]!;
  const claimed = new Set<string>();
  const taken: Member[] = [];
  const left: Member[] = [];
  for (const member of queue) {
    const fits = member.shape === first.shape && taken.length < mostTogether && !member.claims.some((claim) => claimed.has(claim));
    // A unit that has parameters of its own goes alone.
    if (taken.length === 0 || (fits && first.writes.every((write) => "rows" in write))) {
      taken.push(member);
      for (const claim of member.claims) claimed.add(claim);
    } else {
      left.push(member);
    }
  }
  queue.splice(0, queue.length, ...left);
  return taken;
};

const shapeOf = (holds: readonly Hold[], writes: readonly Waiting[]): string => {
  let shape = "";
  for (const hold of holds) shape += shapeOfHold(hold);
  for (const write of writes) shape += `/${write.text}`;
  return shape;
};

const claimsOf = (holds: readonly Hold[], writes: readonly Waiting[]): string[] => [
  ...holds.map(({ table, key, values }) => `${table}:${key.map((column) => values[column]).join()}`),
  ...writes.flatMap((write) =>
    "rows" in write && write.identity.length > 0 && write.adds === undefined
      ? write.rows.map((row) => `${write.table}:${write.identity.map((column) => row[column]).join()}`)
      : [],
  ),
];

/** The holds and writes of units of one shape, as those of one. */
const joined = (members: readonly Member[]): Composed => {
  const [first, ...others] = members;
  if (others.length === 0) return first!;
  return {
    holds: first!.holds.flatMap((_, index) => members.map((member) => member.holds[index]!)),
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
