import type { Change } from "../kernel/change.ts";
import type { ChangeHandler } from "../kernel/unit-of-work.ts";
import type { Database } from "./database.ts";
import { createWords } from "./words.ts";

/** Carries changes of what processes remember to all of them, usually within milliseconds. */
export interface Signals {
  /** What processes remember of the database and must forget when another one changes it: resources, by their names. */
  readonly topics: readonly string[];
  /**
   * Calls `drop` whenever a process has announced the topic, and when announcements may have been missed. It is no
   * promise: where the database cannot be listened to nothing comes, so what is remembered must also grow old.
   */
  on(topic: string, drop: () => void): void;
  /** Drops what this process remembers: what it has changed itself takes effect at once. */
  hear(topic: string): void;
  /**
   * Tells a word, in one line, to the other processes of this database, some milliseconds later and by no promise. Where one
   * process alone decides, nobody needs to be told.
   */
  tell(word: string): void;
  /** Calls `hear` with every word that another process tells. */
  onWord(hear: (word: string) => void): void;
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
  const hear = (topic: string) => {
    for (const drop of drops.get(topic) ?? []) drop();
  };
  let listener: ReturnType<Database["listen"]> | undefined;
  const words = createWords(deps.database);
  return {
    tell: words.tell,
    onWord: words.on,
    topics,
    on: (topic, drop) => void drops.set(topic, [...(drops.get(topic) ?? []), drop]),
    hear,
    start() {
      listener ??= deps.database.listen({
        hear: (said) => words.hear(said) || hear(said),
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
export const signalsHandler = (signals: Signals): ChangeHandler<unknown> => ({
  async inTransaction(tx, changes) {
    for (const topic of topicsOf(signals, changes)) await tx.announce(topic);
  },
  afterCommit(changes) {
    for (const topic of topicsOf(signals, changes)) signals.hear(topic);
  },
});

/** The topics among the resources of changes, each once. */
const topicsOf = ({ topics }: Signals, changes: readonly Change[]): string[] =>
  topics.filter((topic) => changes.some(({ resource }) => resource === topic));
