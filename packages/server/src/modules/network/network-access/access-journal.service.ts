import { systemCaller } from "../../../kernel/caller.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { DatabaseUnavailable } from "../../../storage/database.ts";
import { type SecretCheck, withMasks } from "../../accounts/aaa-profiles/index.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import { type AccessDecisionRow, type AccessDecisionStore, rowOfDecision } from "./access-decision.store.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";
import type { AccountLoginStore, Login } from "./account-login.store.ts";
import type { ClientContact, ClientContactStore } from "./client-contact.store.ts";

/** Writes a moment later what need not be written at once: decisions with their traces, logins, and contacts of clients. */
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
  /** Who pays for the decisions of an organization. */
  readonly payerOf: (organizationId: number) => string;
  /** The name of this machine among those that share the database. */
  readonly node: string;
  /** Which attributes hold passwords and keys: no decision keeps their values. */
  readonly isSecret: SecretCheck;
  /** A decision was added. */
  onDecision?(record: AccessDecisionRecord): void;
  /** Something could not be written: `lost` rows will not be, others are tried again. The error is undefined where rows only had no room. */
  onFailure(error: unknown, lost: number): void;
}

/** Of the second by which a decision may be late: how long rows wait, and over which time they are then written. */
const waitMs = 400;
const spreadMs = 400;
/** Rows of one unit: a unit holds the event loop for some milliseconds, and all requests wait for it meanwhile. */
const decisionsPerUnit = 200;
const loginsPerUnit = 512;
const contactsPerUnit = 512;
/** Beyond this many, rows are lost while a database does not answer: decisions are not worth the memory of the process. */
const maxWaiting = 20_000;
const contactEveryMs = 10_000;

export const createAccessJournal = (deps: AccessJournalDependencies): AccessJournal => {
  const { work, payerOf, node, isSecret, onDecision, onFailure } = deps;
  const caller = systemCaller("access-journal");
  let decisions = createDecisionBuffer(maxWaiting, payerOf);
  let logins = new Map<number, Login>();
  let contacts: ClientContact[] = [];
  /** Decisions lost since `onFailure` was last called. */
  let dropped = 0;
  const lastContactMs = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isHurried = false;
  let endPause = (): void => {};

  /**
   * Takes all that waits, as units. Rows are in the order of accounts, so that a unit writes few pages: a page costs more than
   * a row, and is written twice, to the log and to the table.
   */
  const takeUnits = (): JournalUnit[] => {
    const takenDecisions = decisions.rows().sort((a, b) => (a.user_id ?? 0) - (b.user_id ?? 0));
    const takenLogins = [...logins.values()].sort((a, b) => a.userId - b.userId);
    const takenContacts = contacts;
    decisions = createDecisionBuffer(maxWaiting, payerOf);
    logins = new Map();
    contacts = [];
    return [
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
  };

  /** Writes one unit at a time with pauses, so that no request waits for all of them. */
  const writeAll = async (): Promise<void> => {
    const units = takeUnits();
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
      if (failure instanceof DatabaseUnavailable && decisions.size + logins.size + rows <= maxWaiting) putBack();
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

  const wake = (): void => {
    timer ??= setTimeout(write, waitMs);
    timer.unref();
  };

  return {
    addDecision(record) {
      onDecision?.(record);
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
      contacts.push({ namespaceId: client.namespaceId, clientId: client.id, node, heardAtMs: atMs });
      wake();
    },
    async flush() {
      isHurried = true;
      endPause();
      await write();
      isHurried = false;
    },
  };
};

interface JournalUnit {
  readonly rows: number;
  run(tx: Transaction<AccessJournalStores>): Promise<void>;
  /** Lets its rows wait again. */
  putBack(): void;
}

const slices = <Row>(rows: readonly Row[], length: number): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / length) }, (_, index) => rows.slice(index * length, (index + 1) * length));

/** Decisions that wait to be written, `max` at most. A flood of one payer pushes out its own alone. */
export const createDecisionBuffer = (max: number, payerOf: (organizationId: number) => string) => {
  const ofPayers = new Map<string, AccessDecisionRow[]>();
  let size = 0;
  return {
    /** Returns how many were lost for it: 1 where there is no room, the newest of the payer that has most. */
    add(row: AccessDecisionRow): 0 | 1 {
      const payer = payerOf(row.organization_id);
      const own = ofPayers.get(payer) ?? [];
      own.push(row);
      ofPayers.set(payer, own);
      if (size < max) {
        size += 1;
        return 0;
      }
      let longest = own;
      for (const rows of ofPayers.values()) if (rows.length > longest.length) longest = rows;
      longest.pop();
      return 1;
    },
    rows: (): AccessDecisionRow[] => [...ofPayers.values()].flat(),
    get size(): number {
      return size;
    },
  };
};
