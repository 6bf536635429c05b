import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

/** Lines that the processes of a database send each other beside what it keeps. */
export interface Messages {
  send(message: string): void;
  onMessage(receive: (message: string) => void): void;
  /** Whether what the database has carried here were messages; those of others are passed on. */
  receive(carried: string): boolean;
}

const prefix = "messages ";
/** PostgreSQL carries less than 8,000 octets at once. */
const maxOctets = 7_000;
/** What is sent within this time travels together. */
const batchMs = 20;
/** What waits while the database is slow; the oldest is dropped, for a message is no promise. */
const maxWaiting = 2_000;

/** Messages travel where the database carries what is said; elsewhere one process alone would receive its own. */
export const createMessages = (database: Pick<Database, "say">): Messages => {
  const own = randomUUID();
  const receivers: ((message: string) => void)[] = [];
  let waiting: string[] = [];
  let isSending = false;

  const sendWaiting = async (say: (text: string) => Promise<void>): Promise<void> => {
    while (waiting.length > 0) {
      let text = prefix + own;
      while (waiting.length > 0 && text.length + waiting[0]!.length < maxOctets) text += `\n${waiting.shift()}`;
      // Nobody receives it then; the next one may arrive.
      await say(text).catch(() => {});
    }
    isSending = false;
  };

  return {
    send(message) {
      const { say } = database;
      if (!say || message.length >= maxOctets / 2) return;
      waiting.push(message);
      if (waiting.length > maxWaiting) waiting = waiting.slice(-maxWaiting);
      if (isSending) return;
      isSending = true;
      setTimeout(() => void sendWaiting(say), batchMs).unref();
    },
    onMessage: (receive) => void receivers.push(receive),
    receive(carried) {
      if (!carried.startsWith(prefix)) return false;
      const [origin, ...messages] = carried.slice(prefix.length).split("\n");
      if (origin !== own) for (const message of messages) for (const receive of receivers) receive(message);
      return true;
    },
  };
};
