import { systemCaller } from "../../../kernel/caller.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { DatabaseUnavailable } from "../../../storage/database.ts";
import { type SecretCheck, withMasks } from "../../accounts/aaa-profiles/index.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import { type AccessDecisionStore, rowOfDecision } from "./access-decision.store.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";
import type { AccountLoginStore, Login } from "./account-login.store.ts";
import type { ClientContact, ClientContactStore } from "./client-contact.store.ts";
import { createTraceRoom } from "./trace-room.ts";

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
  /** Who pays for a trace of an organization. */
  readonly payerOf: (organizationId: number) => string;
  /** What this machine is called among those that share the database. */
  readonly node: string;
  /** Which attributes hold passwords and keys: no decision keeps their values. */
  readonly isSecret: SecretCheck;
  /** What could not be written: `lost` rows will not be, others are tried again. The error is undefined where rows had no room alone. */
  onFailure(error: unknown, lost: number): void;
}

/** Of the second by which a trace may be late, what waits together, and the time over which it is then written. */
const waitMs = 400;
const spreadMs = 400;
/** Rows of one unit: a unit holds the event loop for some milliseconds, and what is asked meanwhile waits for it. */
const decisionsPerUnit = 200;
const loginsPerUnit = 512;
const contactsPerUnit = 512;
/** Beyond this many nothing is kept for a database that does not answer: traces are not worth the memory of the process. */
const mostWaiting = 20_000;
const contactEveryMs = 10_000;

export const createAccessJournal = ({ work, payerOf, node, isSecret, onFailure }: AccessJournalDependencies): AccessJournal => {
  const caller = systemCaller("access-journal");
  let decisions = createTraceRoom(mostWaiting, payerOf);
  let logins = new Map<number, Login>();
  let contacts: ClientContact[] = [];
  /** Traces that nothing kept since this was last told. */
  let dropped = 0;
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
    const takenDecisions = decisions.rows().sort((a, b) => (a.user_id ?? 0) - (b.user_id ?? 0));
    const takenLogins = [...logins.values()].sort((a, b) => a.userId - b.userId);
    const takenContacts = contacts;
    decisions = createTraceRoom(mostWaiting, payerOf);
    logins = new Map();
    contacts = [];
    const units = [
      ...slices(takenDecisions, decisionsPerUnit).map((rows) => ({
        run: (tx: Transaction<AccessJournalStores>) => tx.accessDecisions.insert(rows),
        rows: rows.length,
        putBack: () => {
          for (const row of rows) dropped += decisions.add(row);
        },
      })),
      ...slices(takenLogins, loginsPerUnit).map((rows) => ({
        run: (tx: Transaction<AccessJournalStores>) => tx.accountLogins.noteLogins(rows),
        rows: rows.length,
        // A login that came meanwhile is the later one.
        putBack: () => {
          for (const login of rows) if (!logins.has(login.userId)) logins.set(login.userId, login);
        },
      })),
      ...slices(takenContacts, contactsPerUnit).map((rows) => ({
        run: (tx: Transaction<AccessJournalStores>) => tx.clientContacts.note(rows),
        rows: rows.length,
        putBack: () => void contacts.push(...rows),
      })),
    ];
    let lost = dropped;
    let failure: unknown;
    dropped = 0;
    const beganMs = performance.now();
    for (const [index, { run, rows, putBack }] of units.entries()) {
      const early = beganMs + (spreadMs * index) / units.length - performance.now();
      if (early > 1 && !isHurried) await pause(early);
      // A database that does not answer now is not asked for each of the others.
      if (!(failure instanceof DatabaseUnavailable)) {
        try {
          await work.run(caller, run);
          continue;
        } catch (error) {
          failure = error;
        }
      }
      if (failure instanceof DatabaseUnavailable && decisions.size + logins.size + rows <= mostWaiting) putBack();
      else lost += rows;
    }
    if (failure !== undefined || lost > 0) onFailure(failure, lost);
    if (decisions.size + logins.size + contacts.length > 0) wake();
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      endPause = resolve;
      setTimeout(resolve, ms).unref();
    });

  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(writeAll);
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
      dropped += decisions.add(rowOfDecision({ ...record, reply: withMasks(record.reply, isSecret) }));
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
