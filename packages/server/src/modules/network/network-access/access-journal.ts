import { systemCaller } from "../../../kernel/caller.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import { type AccessDecisionRow, type AccessDecisionStore, rowOfDecision } from "./access-decision.store.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";
import type { AccountLoginStore, Login } from "./account-login.store.ts";
import type { ClientContact, ClientContactStore } from "./client-contact.store.ts";

/** What may be written a moment later than it happened: traces, logins, and which clients were heard. */
export interface AccessJournal {
  addDecision(record: AccessDecisionRecord): void;
  noteLogin(login: Login): void;
  noteContact(client: AaaClient, atMs: number): void;
  /** Writes all that waits. */
  flush(): Promise<void>;
}

export interface AccessJournalStores {
  readonly accessDecisions: AccessDecisionStore;
  readonly accountLogins: AccountLoginStore;
  readonly clientContacts: ClientContactStore;
}

export interface AccessJournalDependencies {
  readonly work: Work<AccessJournalStores>;
  /** What this machine is called among those that share the database. */
  readonly node: string;
  onFailure(error: unknown, lost: number): void;
}

/** Of the second by which a trace may be late, what waits together, and the time over which it is then written. */
const waitMs = 400;
const spreadMs = 400;
/** Rows of one unit: a unit holds the event loop for some milliseconds, and what is asked meanwhile waits for it. */
const decisionsPerUnit = 200;
const loginsPerUnit = 512;
/** Beyond this many nothing is kept for a database that does not answer: traces are not worth the memory of the process. */
const mostWaiting = 20_000;
const contactEveryMs = 10_000;

export const createAccessJournal = ({ work, node, onFailure }: AccessJournalDependencies): AccessJournal => {
  const caller = systemCaller("access-journal");
  let decisions: AccessDecisionRow[] = [];
  let logins = new Map<number, Login>();
  let contacts: ClientContact[] = [];
  const lastContactMs = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isHurried = false;
  let endPause = (): void => {};

  /**
   * In the order of accounts, so that a unit writes few pages of what is ordered by them: a page costs more than a row, and
   * that twice, for what is committed is copied once more. One unit at a time with pauses, so that no request waits for all.
   */
  const writeAll = async (): Promise<void> => {
    const takenDecisions = decisions.sort((a, b) => (a.user_id ?? 0) - (b.user_id ?? 0));
    const takenLogins = [...logins.values()].sort((a, b) => a.userId - b.userId);
    const takenContacts = contacts;
    decisions = [];
    logins = new Map();
    contacts = [];
    const units = [
      ...slices(takenDecisions, decisionsPerUnit).map((rows) => (tx: Transaction<AccessJournalStores>) => tx.accessDecisions.insert(rows)),
      ...slices(takenLogins, loginsPerUnit).map((rows) => (tx: Transaction<AccessJournalStores>) => tx.accountLogins.noteLogins(rows)),
      ...(takenContacts.length > 0 ? [(tx: Transaction<AccessJournalStores>) => tx.clientContacts.note(takenContacts)] : []),
    ];
    const beganMs = performance.now();
    for (const [index, unit] of units.entries()) {
      const early = beganMs + (spreadMs * index) / units.length - performance.now();
      if (early > 1 && !isHurried) await pause(early);
      await work.run(caller, unit);
    }
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      endPause = resolve;
      setTimeout(resolve, ms).unref();
    });

  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const lost = decisions.length + logins.size;
    writing = writing.then(writeAll).catch((error: unknown) => onFailure(error, lost));
    return writing;
  };

  const flush = async (): Promise<void> => {
    isHurried = true;
    endPause();
    await write();
    isHurried = false;
  };

  const wake = (): void => {
    timer ??= setTimeout(write, waitMs);
    timer.unref();
  };

  return {
    addDecision(record) {
      if (decisions.length < mostWaiting) decisions.push(rowOfDecision(record));
      wake();
    },
    noteLogin(login) {
      logins.set(login.userId, login);
      wake();
    },
    noteContact(client, atMs) {
      if (atMs - (lastContactMs.get(client.id) ?? Number.NEGATIVE_INFINITY) < contactEveryMs) return;
      lastContactMs.set(client.id, atMs);
      contacts.push({ nameSpaceId: client.nameSpaceId, clientId: client.id, node, heardAtMs: atMs });
      wake();
    },
    flush,
  };
};

const slices = <Row>(rows: readonly Row[], length: number): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / length) }, (_, index) => rows.slice(index * length, (index + 1) * length));
