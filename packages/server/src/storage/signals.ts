import type { Change } from "../kernel/change.ts";
import type { ChangeHandler } from "../kernel/unit-of-work.ts";
import type { Database, Handle } from "./database.ts";

/** What processes remember of the database and must forget when another one changes it: resources, by their names. */
export const topics = ["api_token", "organization", "aaa_profile", "address_grant", "aaa_client"] as const;
export type Topic = (typeof topics)[number];

/** Carries changes of what processes remember to all of them, usually within milliseconds. */
export interface Signals {
  /** Tells every process of this database once the unit of `handle` has committed. */
  announce(handle: Handle, topic: Topic): Promise<void>;
  /**
   * Calls `drop` whenever a process has announced the topic, and when announcements may have been missed. It is no
   * promise: where the database cannot be listened to nothing comes, so what is remembered must also grow old.
   */
  on(topic: Topic, drop: () => void): void;
  /** Drops what this process remembers: what it has changed itself takes effect at once. */
  hear(topic: Topic): void;
  /** Begins to listen to other processes. */
  start(): void;
  /** Whether announcements of others arrive. */
  isLive(): boolean;
  close(): Promise<void>;
}

export const createSignals = (deps: { database: Database; onTrouble(message: string, error?: unknown): void }): Signals => {
  const drops = new Map<string, (() => void)[]>();
  const hear = (topic: string) => {
    for (const drop of drops.get(topic) ?? []) drop();
  };
  let listener: ReturnType<Database["listen"]> | undefined;
  return {
    announce: (handle, topic) => deps.database.announce(handle, topic),
    on: (topic, drop) => void drops.set(topic, [...(drops.get(topic) ?? []), drop]),
    hear,
    start() {
      listener ??= deps.database.listen({
        hear,
        missed: () => {
          for (const topic of topics) hear(topic);
        },
        onTrouble: deps.onTrouble,
      });
    },
    isLive: () => listener?.isLive() ?? false,
    close: async () => listener?.close(),
  };
};

/** Makes signals of changes: to the other processes in the transaction, to this one after the commit. */
export const signalsHandler = (signals: Signals): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes) {
    for (const topic of topicsOf(changes)) await signals.announce(handle, topic);
  },
  afterCommit(changes) {
    for (const topic of topicsOf(changes)) signals.hear(topic);
  },
});

/** The topics among the resources of changes, each once. */
const topicsOf = (changes: readonly Change[]): Topic[] => topics.filter((topic) => changes.some(({ resource }) => resource === topic));
