import type { PostgresPoolClient } from "kysely";

/** What of a connection's client is needed to hold back what it sends. */
interface Sending {
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void } };
}

const heldBack = new WeakSet<object>();

/**
 * Lets what is sent on a connection in one tick of the event loop go out together: what is sent to a sleeping process wakes it, which
 * costs more than a point read.
 */
export const holdBack = (client: PostgresPoolClient): void => {
  const stream = (client as Sending).connection?.stream;
  if (!stream?.cork || heldBack.has(stream)) return;
  heldBack.add(stream);
  stream.cork();
  process.nextTick(() => {
    heldBack.delete(stream);
    stream.uncork?.();
  });
};
