import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

/** Lines that processes tell each other beside what the database keeps. */
export interface Words {
  tell(word: string): void;
  on(hear: (word: string) => void): void;
  /** Whether what the database has carried here were words; those of others are heard. */
  hear(said: string): boolean;
}

const mark = "words ";
/** PostgreSQL carries less than 8,000 octets at once. */
const mostOctets = 7_000;
/** What is told within this time travels together. */
const gatheringMs = 20;
/** What waits while the database is slow; the oldest is dropped, for a word is no promise. */
const mostWaiting = 2_000;

/** Words travel where the database carries what is said; elsewhere one process alone would hear itself. */
export const createWords = (database: Pick<Database, "say">): Words => {
  const own = randomUUID();
  const hearers: ((word: string) => void)[] = [];
  let waiting: string[] = [];
  let isSending = false;

  const send = async (say: (text: string) => Promise<void>): Promise<void> => {
    while (waiting.length > 0) {
      let text = mark + own;
      while (waiting.length > 0 && text.length + waiting[0]!.length < mostOctets) text += `\n${waiting.shift()}`;
      // Nobody hears it then; the next one may arrive.
      await say(text).catch(() => {});
    }
    isSending = false;
  };

  return {
    tell(word) {
      const { say } = database;
      if (!say || word.length >= mostOctets / 2) return;
      waiting.push(word);
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting);
      if (isSending) return;
      isSending = true;
      setTimeout(() => void send(say), gatheringMs).unref();
    },
    on: (hear) => void hearers.push(hear),
    hear(said) {
      if (!said.startsWith(mark)) return false;
      const [origin, ...words] = said.slice(mark.length).split("\n");
      if (origin !== own) for (const word of words) for (const hear of hearers) hear(word);
      return true;
    },
  };
};
