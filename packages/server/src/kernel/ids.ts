import { randomUUIDv7 } from "node:crypto";

/** The records that carry integer ids. Ids of one noun are never given twice, not even after a crash. */
export type Noun =
  | "organization"
  | "api_token"
  | "aaa_profile"
  | "address_grant"
  | "aaa_client"
  | "user"
  | "user_extra"
  | "device"
  | "device_move"
  | "access_decision"
  | "session";

/** Gives ids. It writes to the database now and then, so take ids before the unit of work that uses them. */
export interface IdSource {
  /** The next id of a noun, where this process has one in reserve: `take` without waiting. */
  takeAtHand(noun: Noun): number | undefined;
  /** The next id of a noun. */
  take(noun: Noun): Promise<number>;
  /** Several ids of a noun, ascending. */
  takeMany(noun: Noun, count: number): Promise<number[]>;
}

/** An id that sorts by the time of its making (RFC 9562, version 7). */
export const timeOrderedId = (): string => randomUUIDv7();
