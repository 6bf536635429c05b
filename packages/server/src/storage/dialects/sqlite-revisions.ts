import type BetterSqlite from "better-sqlite3";
import { timeOrderedId } from "../../kernel/ids.ts";
import type { Handle, Listener, ListenerEvents } from "../database.ts";

/** How often a process looks for what others have announced: ten microseconds of reading, and a waking of an idle process. */
const pollMs = 100;
const prefix = "signal:";

/** Moves the revision of a topic, in the unit that changes what it stands for. */
export const moveRevision = async (handle: Handle, topic: string): Promise<void> => {
  const value = timeOrderedId();
  await handle
    .insertInto("installation")
    .values({ name: prefix + topic, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
};

/** Looks at the few rows of revisions now and then: other processes have no way to call this one. */
export const watchRevisions = (connection: BetterSqlite.Database, events: ListenerEvents): Listener => {
  // All names that begin with the prefix, by the key.
  const statement = connection.prepare<[], { name: string; value: string }>(
    "select name, value from installation where name >= 'signal:' and name < 'signal;'",
  );
  let seen: ReadonlyMap<string, string> | undefined;
  let isLive = false;
  const look = () => {
    try {
      const revisions = new Map(statement.all().map(({ name, value }) => [name, value]));
      for (const [name, value] of revisions) if (seen && seen.get(name) !== value) events.receive(name.slice(prefix.length));
      seen = revisions;
      isLive = true;
    } catch (error) {
      if (isLive) events.onTrouble("changes of other processes cannot be read; they take effect here within a second", error);
      isLive = false;
    }
  };
  look();
  // What was read before the first look may be older.
  events.missed();
  const timer = setInterval(look, pollMs);
  timer.unref();
  return {
    isLive: () => isLive,
    async close() {
      clearInterval(timer);
    },
  };
};
