import type { Socket } from "node:net";

/** How long and how much is read from a connection that is refused. */
export interface LingeringBounds {
  readonly quietMs: number;
  readonly totalMs: number;
  readonly bytes: number;
}

const usualBounds: LingeringBounds = { quietMs: 2_000, totalMs: 10_000, bytes: 64 * 1024 * 1024 };
/** How long any may linger once the process ends. */
const lastMs = 500;

/** Ends connections whose client still sends, without losing the answer. */
export interface LingeringClose {
  /** Half-closes a connection once its answer is written, then reads for a while and discards what comes. */
  end(socket: Socket): void;
  /** Ends the connection in this way when Node closes it after the answer. */
  endAfterAnswer(socket: Socket): void;
  /** Shortens the wait from now on: a process that ends waits for no refused body. */
  close(): void;
}

/**
 * A connection that is closed while bytes arrive is reset, and a reset makes the client's system discard the answer that it has not read
 * yet (RFC 9112 §9.6): clients then report a broken pipe instead of the 401 or 413.
 */
export const createLingeringClose = (bounds: LingeringBounds = usualBounds): LingeringClose => {
  const lingering = new Set<Socket>();
  let isClosed = false;

  /** The parser gets neither the rest of the body nor another request behind it. */
  const readOn = (socket: Socket): void => {
    let bytes = 0;
    for (const event of ["data", "end"] as const) socket.removeAllListeners(event);
    socket.on("end", () => socket.destroySoon());
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bounds.bytes) socket.destroy();
    });
    socket.resume();
    // Node's server stops reading from the socket when nobody takes the body, and the stream does not know that.
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
        // Restored, so that the socket can be closed for good.
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
