import type { Clock } from "../kernel/clock.ts";
import type { IdSource } from "../kernel/ids.ts";
import type { Database } from "./database.ts";

interface Block {
  next: number;
  end: number;
  size: number;
  takenAtMs: number;
}

const maxBlock = 256;
const busyMs = 1_000;

/**
 * Gives ids from blocks that a process takes from the table `id_block`, each block in a write of its own before the
 * unit that uses it, so that a rolled back unit never gives its ids back. A block used up within a second is followed
 * by one twice as long: an idle server leaves no gaps, a busy one asks the database rarely.
 */
export const createIdSource = <Noun extends string>(database: Database, clock: Clock): IdSource<Noun> => {
  const blocks = new Map<Noun, Block>();
  const pending = new Map<Noun, Promise<unknown>>();

  const takeFromBlock = (block: Block | undefined, count: number): number[] | undefined => {
    if (!block || block.end - block.next < count) return undefined;
    const ids = Array.from({ length: count }, (_, index) => block.next + index);
    block.next += count;
    return ids;
  };

  const takeMany = async (noun: Noun, count: number): Promise<number[]> => {
    if (count === 0) return [];
    const ready = takeFromBlock(blocks.get(noun), count);
    if (ready) return ready;
    // Takers of one noun stand in line, so that one refill serves all of them.
    const turn = (pending.get(noun) ?? Promise.resolve()).then(async () => {
      const afterWaiting = takeFromBlock(blocks.get(noun), count);
      if (afterWaiting) return afterWaiting;
      const block = await refill(noun, count, blocks.get(noun));
      blocks.set(noun, block);
      return takeFromBlock(block, count)!;
    });
    pending.set(
      noun,
      turn.catch(() => undefined),
    );
    return turn;
  };

  const refill = async (noun: Noun, count: number, last: Block | undefined): Promise<Block> => {
    const nowMs = clock.nowMs();
    const isBusy = last !== undefined && nowMs - last.takenAtMs < busyMs;
    const size = isBusy ? Math.min(last.size * 2, maxBlock) : 1;
    const length = Math.max(size, count);
    const next = await database.write(async (handle) => {
      const row = await handle
        .insertInto("id_block")
        .values({ noun, next_id: 1 + length })
        .onConflict((conflict) => conflict.column("noun").doUpdateSet((eb) => ({ next_id: eb("id_block.next_id", "+", length) })))
        .returning("next_id")
        .executeTakeFirstOrThrow();
      return row.next_id - length;
    });
    return { next, end: next + length, size, takenAtMs: nowMs };
  };

  return {
    takeInMemory(noun) {
      const block = blocks.get(noun);
      if (!block || block.next >= block.end) return undefined;
      block.next += 1;
      return block.next - 1;
    },
    takeMany,
    take: async (noun) => (await takeMany(noun, 1))[0]!,
  };
};

/** Makes sure that a noun's next ids are above `highest`: for data that brings its own ids. */
export const raiseIds = async (handle: Database["reader"], noun: string, highest: number): Promise<void> => {
  await handle
    .insertInto("id_block")
    .values({ noun, next_id: highest + 1 })
    .onConflict((conflict) =>
      conflict
        .column("noun")
        .doUpdateSet({ next_id: highest + 1 })
        .where("id_block.next_id", "<=", highest),
    )
    .execute();
};
