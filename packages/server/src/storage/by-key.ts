import type { Compilable } from "kysely";
import { afterTicks, ticksPerBatch } from "./after-ticks.ts";
import type { Handle } from "./database.ts";
import { type Statement, statement } from "./statement.ts";

/** Keys of one batch at most. While a batch is under way, the next keys wait; it is not waited for by more than these. */
const maxKeys = 128;
const maxWaiting = 32;
const maxUnderWay = 2;

/** A read by a key that names few rows. */
export interface KeyedRead<Key, Row> {
  /** The rows of several keys; keys may come twice. It looks at no key, as in every statement. */
  build(handle: Handle, keys: readonly Key[]): Compilable<Row>;
  /** The one table that it reads, so that what a unit has written to others does not keep the read from travelling. */
  readonly table?: string;
  /** What tells two keys apart. */
  nameOf(key: Key): string | number;
  /** The name of the key that a row belongs to. */
  nameOfRow(row: Row): string | number;
}

/** Gives the rows of a key, with those of the keys that others ask for meanwhile. */
export type Batch<Key, Row> = (key: Key) => Promise<readonly Row[]>;

/** The statement of a keyed read, for `readByKey`: for one key alone, and for all keys of a batch. */
export interface StatementByKey<Key, Row> {
  readonly table: string | undefined;
  readonly ofOne: Statement<Key, Row>;
  readonly ofMany: Statement<{ readonly keys: readonly Key[] }, Row>;
  /** By the handle on which each travels. */
  readonly batches: WeakMap<Handle, Batch<Key, Row>>;
  openBatch(handle: Handle, send: SendBatch<Key, Row>): Batch<Key, Row>;
}

type SendBatch<Key, Row> = (keys: readonly Key[]) => Promise<readonly Row[]>;

export const byKey = <Key extends number | string | object, Row>(keyed: KeyedRead<Key, Row>): StatementByKey<Key, Row> => {
  const batches = new WeakMap<Handle, Batch<Key, Row>>();
  return {
    table: keyed.table,
    ofOne: statement((handle, key: Key) => keyed.build(handle, [key])),
    ofMany: statement((handle, { keys }: { readonly keys: readonly Key[] }) => keyed.build(handle, keys)),
    batches,
    openBatch(handle, send) {
      const batch = createBatch(keyed, send);
      batches.set(handle, batch);
      return batch;
    },
  };
};

interface WaitingKey<Key, Row> {
  readonly key: Key;
  readonly callers: { resolve(rows: readonly Row[]): void; reject(error: unknown): void }[];
}

/** Under load a row costs a part of a round trip, and when there is none it costs nothing to wait for others. */
const createBatch = <Key, Row>({ nameOf, nameOfRow }: KeyedRead<Key, Row>, send: SendBatch<Key, Row>): Batch<Key, Row> => {
  let waiting = new Map<string | number, WaitingKey<Key, Row>>();
  let underWay = 0;
  let isPlanned = false;

  const answer = async (batch: ReadonlyMap<string | number, WaitingKey<Key, Row>>): Promise<void> => {
    try {
      const byName = Map.groupBy(await send([...batch.values()].map(({ key }) => key)), nameOfRow);
      for (const [name, { callers }] of batch) for (const { resolve } of callers) resolve(byName.get(name) ?? []);
    } catch (error) {
      for (const { callers } of batch.values()) for (const { reject } of callers) reject(error);
    }
  };

  // Two statements of half the keys each cost a tenth more than one, in both processes.
  const mayGo = () => waiting.size > 0 && underWay < (waiting.size < maxWaiting ? 1 : maxUnderWay);

  const drain = (): void => {
    isPlanned = false;
    while (mayGo()) {
      const entries = [...waiting];
      const batch = new Map(entries.slice(0, maxKeys));
      waiting = new Map(entries.slice(maxKeys));
      underWay += 1;
      void answer(batch).finally(() => {
        underWay -= 1;
        drain();
      });
    }
  };

  return (key) =>
    new Promise((resolve, reject) => {
      const name = nameOf(key);
      const known = waiting.get(name);
      if (known) known.callers.push({ resolve, reject });
      else waiting.set(name, { key, callers: [{ resolve, reject }] });
      if (isPlanned || !mayGo()) return;
      isPlanned = true;
      afterTicks(ticksPerBatch, drain);
    });
};
