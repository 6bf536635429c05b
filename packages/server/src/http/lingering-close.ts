import type { Socket } from "node:net";

/** How long and how much is read of what nobody wants any more. */
export interface LingeringBounds {
  readonly quietMs: number;
  readonly totalMs: number;
  readonly bytes: number;
}

const usualBounds: LingeringBounds = { quietMs: 2_000, totalMs: 10_000, bytes: 64 * 1024 * 1024 };
/** How long any may linger once the process ends. */
const lastMs = 500;

/** Ends connections whose other side still sends, without losing the answer. */
export interface LingeringClose {
  /** Half-closes a connection once its answer is written, and reads on for a while without looking at what comes. */
  end(socket: Socket): void;
  /** Has the connection end in this way when Node is to close it after the answer. */
  endAfterAnswer(socket: Socket): void;
  /** From now on hardly any lingers: a process that ends waits for nobody's refused body. */
  close(): void;
}

/**
 * A connection that is closed while bytes arrive is reset, and a reset makes the other side's system throw away the answer
 * that it has not read yet (RFC 9112 §9.6): clients then tell of a broken pipe where they were told 401 or 413.
 */
export const createLingeringClose = (bounds: LingeringBounds = usualBounds): LingeringClose => {
  const lingering = new Set<Socket>();
  let isClosed = false;

  /** The parser gets nothing any more: neither the rest of the body nor another request behind it. */
  const readOn = (socket: Socket): void => {
    let bytes = 0;
    for (const event of ["data", "end"] as const) socket.removeAllListeners(event);
    socket.on("end", () => socket.destroySoon());
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bounds.bytes) socket.destroy();
    });
    socket.resume();
    // Node's server stops the system's reading for a body that nobody takes, and the stream knows nothing of that.
    socket._read(0);
  };

  const end = (socket: Socket): void => {
    if (socket.destroyed || lingering.has(socket)) return;
    lingering.add(socket);
    const total = setTimeout(() => socket.destroy(), isClosed ? lastMs : bounds.totalMs).unref();
    socket.on("close", () => {
      clearTimeout(total);
      lingering.delete(socket);
    });
    socket.on("error", () => {});
    socket.setTimeout(bounds.quietMs, () => socket.destroy());
    socket.end();
    readOn(socket);
  };

  return {
    end,
    endAfterAnswer(socket) {
      socket.destroySoon = () => {
        // The socket's own again, for whoever closes it for good.
        delete (socket as Partial<Socket>).destroySoon;
        end(socket);
      };
    },
    close() {
      isClosed = true;
      setTimeout(() => {
        for (const socket of lingering) socket.destroy();
      }, lastMs);
    },
  };
};
