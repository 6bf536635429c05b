import { systemCaller } from "../../../kernel/caller.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import type { AccessDecisionStore } from "./access-decision.store.ts";
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

/** Half of the second by which a trace may be late; the other half is for the writing. */
const waitMs = 500;
/** Rows of one unit: a unit holds the writer for some milliseconds. */
const decisionsPerUnit = 400;
const loginsPerUnit = 512;
/** Beyond this many nothing is kept for a database that does not answer: traces are not worth the memory of the process. */
const mostWaiting = 20_000;
const contactEveryMs = 10_000;

/**
 * In the order of accounts, so that a unit writes few pages of what is ordered by them: a page costs as much as a row, twice, for
 * what is committed is copied once more.
 */
const byUser = <Row extends { readonly userId: number | null }>(rows: Row[]): readonly Row[] =>
  rows.sort((a, b) => (a.userId ?? 0) - (b.userId ?? 0));

export const createAccessJournal = ({ work, node, onFailure }: AccessJournalDependencies): AccessJournal => {
  const caller = systemCaller("access-journal");
  let decisions: AccessDecisionRecord[] = [];
  let logins = new Map<number, Login>();
  let contacts: ClientContact[] = [];
  const lastContactMs = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const writeAll = async (): Promise<void> => {
    const [takenDecisions, takenLogins, takenContacts] = [byUser(decisions), byUser([...logins.values()]), contacts];
    decisions = [];
    logins = new Map();
    contacts = [];
    for (let start = 0; start < takenDecisions.length; start += decisionsPerUnit) {
      await work.run(caller, (tx) => tx.accessDecisions.insert(takenDecisions.slice(start, start + decisionsPerUnit)));
    }
    for (let start = 0; start < takenLogins.length; start += loginsPerUnit) {
      await work.run(caller, (tx) => tx.accountLogins.noteLogins(takenLogins.slice(start, start + loginsPerUnit)));
    }
    if (takenContacts.length > 0) await work.run(caller, (tx) => tx.clientContacts.note(takenContacts));
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const lost = decisions.length + logins.size;
    writing = writing.then(writeAll).catch((error: unknown) => onFailure(error, lost));
    return writing;
  };

  const wake = (): void => {
    timer ??= setTimeout(flush, waitMs);
    timer.unref();
  };

  return {
    addDecision(record) {
      if (decisions.length < mostWaiting) decisions.push(record);
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
