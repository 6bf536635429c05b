import type { Compilable } from "kysely";
import { afterTurns, turnsToGather } from "./after-turns.ts";
import type { Handle } from "./database.ts";
import { prepared, type Rows, shaped } from "./prepared.ts";
import { runnerOf } from "./statements.ts";

/** Keys of one statement at most. While a statement is under way, the next keys gather; it is not waited for by more than these. */
const mostGathered = 128;
const mostWaiting = 32;
const mostUnderWay = 2;

export interface GatheredRead<Key extends number | string | object, Row> {
  /** The rows of several keys; keys may come twice. It looks at no key, as with `shaped`. */
  build(handle: Handle, keys: readonly Key[]): Compilable<Row>;
  /** The one table that it reads, so that what a unit has written to others does not keep the read from travelling. */
  readonly table?: string;
  /** What tells two keys apart. */
  nameOf(key: Key): string | number;
  /** The name of the key that a row was asked for by. */
  nameOfRow(row: Row): string | number;
}

interface Asked<Key, Row> {
  readonly key: Key;
  readonly askers: { resolve(rows: readonly Row[]): void; reject(error: unknown): void }[];
}

/**
 * Reads by a key that names few rows. Where statements travel, keys that are asked for at the same time travel together:
 * under load a row then costs a part of a round trip, and when there is none it costs nothing to wait for others.
 */
export const gathered = <Key extends number | string | object, Row>(
  read: GatheredRead<Key, Row>,
): ((handle: Handle, key: Key) => Rows<Row>) => {
  const select = shaped<{ readonly keys: readonly Key[] }, Row>((handle, _scope, { keys }) => read.build(handle, keys));
  const selectOne = oneKey(read);
  const gatherings = new WeakMap<Handle, ReturnType<typeof gathering<Key, Row>>>();

  return (handle, key) => {
    const together = runnerOf(handle).gatheringHandle?.(read.table);
    if (!together) return selectOne(handle, key);
    let ask = gatherings.get(together);
    if (!ask) {
      ask = gathering(read, (keys) => select(together, null, { keys }));
      gatherings.set(together, ask);
    }
    return ask(key);
  };
};

/** The read of a single key, by its fields in order: where nothing travels, working out a shape would cost half of the read. */
const oneKey = <Key extends number | string | object, Row>({
  build,
}: GatheredRead<Key, Row>): ((handle: Handle, key: Key) => Rows<Row>) => {
  let names: readonly string[] | undefined;
  const select = prepared<readonly unknown[], Row>((handle, ...fields) =>
    build(handle, [(names === undefined ? fields[0] : Object.fromEntries(names.map((name, index) => [name, fields[index]]))) as Key]),
  );
  return (handle, key) => {
    if (typeof key !== "object") return select(handle, key);
    names ??= Object.keys(key);
    return select(handle, ...names.map((name) => (key as Record<string, unknown>)[name]));
  };
};

const gathering = <Key extends number | string | object, Row>(
  { nameOf, nameOfRow }: GatheredRead<Key, Row>,
  select: (keys: readonly Key[]) => Rows<Row>,
) => {
  let waiting = new Map<string | number, Asked<Key, Row>>();
  let underWay = 0;
  let isPlanned = false;

  const send = async (asked: ReadonlyMap<string | number, Asked<Key, Row>>): Promise<void> => {
    try {
      const byName = Map.groupBy(await select([...asked.values()].map(({ key }) => key)), nameOfRow);
      for (const [name, { askers }] of asked) for (const { resolve } of askers) resolve(byName.get(name) ?? []);
    } catch (error) {
      for (const { askers } of asked.values()) for (const { reject } of askers) reject(error);
    }
  };

  // Two statements of half the keys each cost a tenth more than one, in both processes.
  const mayGo = () => waiting.size > 0 && underWay < (waiting.size < mostWaiting ? 1 : mostUnderWay);

  const drain = (): void => {
    isPlanned = false;
    while (mayGo()) {
      const entries = [...waiting];
      const asked = new Map(entries.slice(0, mostGathered));
      waiting = new Map(entries.slice(mostGathered));
      underWay += 1;
      void send(asked).finally(() => {
        underWay -= 1;
        drain();
      });
    }
  };

  return (key: Key): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      const name = nameOf(key);
      const asked = waiting.get(name);
      if (asked) asked.askers.push({ resolve, reject });
      else waiting.set(name, { key, askers: [{ resolve, reject }] });
      if (isPlanned || !mayGo()) return;
      isPlanned = true;
      afterTurns(turnsToGather, drain);
    });
};
