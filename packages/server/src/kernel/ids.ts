import { randomUUIDv7 } from "node:crypto";

/**
 * Gives integer ids to records of some nouns; ids of one noun are never given twice, not even after a crash. It writes to
 * the database now and then, so take ids before the unit of work that uses them.
 */
export interface IdSource<Noun extends string> {
  /** The next id of a noun, where this process has one in memory: `take` without waiting. */
  takeInMemory(noun: Noun): number | undefined;
  /** The next id of a noun. */
  take(noun: Noun): Promise<number>;
  /** Several ids of a noun, ascending. */
  takeMany(noun: Noun, count: number): Promise<number[]>;
}

/** An id that sorts by the time of its making (RFC 9562, version 7). */
export const timeOrderedId = (): string => randomUUIDv7();
