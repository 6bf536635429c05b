import type { ChildProcess } from "node:child_process";

interface Closable {
  close(): void;
}

/** What node:cluster says to a worker with a connection, and what the worker says when it has it. */
interface ClusterMessage {
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

/**
 * Closes the connections that were on their way to a worker when it died. node:cluster forgets them while they stay open,
 * so that a client would wait for ever for an answer that nobody will give; closed ones are tried again. It watches
 * messages that node:cluster does not document: were they to change, nothing would be closed and nothing else would break.
 */
export const closeConnectionsUnderway = (child: ChildProcess): void => {
  const underway = new Map<unknown, Closable>();
  const send = child.send.bind(child) as (...all: unknown[]) => boolean;
  child.send = (message: ClusterMessage, handle?: unknown, ...others: unknown[]) => {
    if (message.act === "newconn" && isClosable(handle)) underway.set(message.seq, handle);
    return send(message, handle, ...others);
  };
  child.on("internalMessage", ({ ack }: ClusterMessage) => {
    if (ack !== undefined) underway.delete(ack);
  });
  child.once("exit", () => {
    for (const connection of underway.values()) connection.close();
  });
};

const isClosable = (handle: unknown): handle is Closable =>
  typeof handle === "object" && handle !== null && "close" in handle && typeof handle.close === "function";
