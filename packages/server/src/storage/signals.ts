import type { Change } from "../kernel/change.ts";
import type { ChangeHandler } from "../kernel/unit-of-work.ts";
import type { Database } from "./database.ts";
import { createMessages } from "./messages.ts";

/** Carries changes of what processes remember to all of them, usually within milliseconds. */
export interface Signals {
  /** What processes remember of the database and must forget when another one changes it: resources, by their names. */
  readonly topics: readonly string[];
  /**
   * Calls `drop` whenever a process has announced the topic, and when announcements may have been missed. It is no
   * promise: where the database cannot be listened to nothing comes, so what is remembered must also grow old.
   */
  on(topic: string, drop: () => void): void;
  /** Drops what this process remembers of a topic: what it has changed itself takes effect at once. */
  drop(topic: string): void;
  /**
   * Sends a message, in one line, to the other processes of this database, some milliseconds later and by no promise. Where one
   * process alone decides, there is nobody to send it to.
   */
  send(message: string): void;
  /** Calls `receive` with every message that another process sends. */
  onMessage(receive: (message: string) => void): void;
  /** Begins to listen to other processes. */
  start(): void;
  /** Whether announcements of others arrive. */
  isLive(): boolean;
  close(): Promise<void>;
}

export interface SignalsDependencies {
  readonly database: Database;
  readonly topics: readonly string[];
  onTrouble(message: string, error?: unknown): void;
}

export const createSignals = ({ topics, ...deps }: SignalsDependencies): Signals => {
  const drops = new Map<string, (() => void)[]>();
  const drop = (topic: string) => {
    for (const one of drops.get(topic) ?? []) one();
  };
  let listener: ReturnType<Database["listen"]> | undefined;
  const messages = createMessages(deps.database);
  return {
    send: messages.send,
    onMessage: messages.onMessage,
    topics,
    on: (topic, listener) => void drops.set(topic, [...(drops.get(topic) ?? []), listener]),
    drop,
    start() {
      listener ??= deps.database.listen({
        receive: (carried) => messages.receive(carried) || drop(carried),
        missed: () => {
          for (const topic of topics) drop(topic);
        },
        onTrouble: deps.onTrouble,
      });
    },
    isLive: () => listener?.isLive() ?? false,
    close: async () => listener?.close(),
  };
};

/** Makes signals of changes: to the other processes in the transaction, to this one after the commit. */
export const signalsHandler = (signals: Signals): ChangeHandler<unknown> => ({
  async inTransaction(tx, changes) {
    for (const topic of topicsOf(signals, changes)) await tx.announce(topic);
  },
  afterCommit(changes) {
    for (const topic of topicsOf(signals, changes)) signals.drop(topic);
  },
});

/** The topics among the resources of changes, each once. */
const topicsOf = ({ topics }: Signals, changes: readonly Change[]): string[] =>
  topics.filter((topic) => changes.some(({ resource }) => resource === topic));
