import type { Socket } from "node:net";

/** Octets before each frame: its length. */
const headLength = 4;

/** Sends messages over a socket. All messages of one tick travel as one frame. */
export const createSender = <Message>(socket: Socket): ((message: Message) => void) => {
  let batch: Message[] = [];
  const flush = () => {
    const text = JSON.stringify(batch);
    batch = [];
    if (!socket.writable) return;
    const length = Buffer.byteLength(text);
    const frame = Buffer.allocUnsafe(headLength + length);
    frame.writeUInt32BE(length, 0);
    frame.write(text, headLength);
    socket.write(frame);
  };
  return (message) => {
    // The answers of one flush to disk come within one tick, and so do the requests of one read from the network.
    if (batch.push(message) === 1) setImmediate(flush);
  };
};

/** Joins the chunks of frames, and passes on their messages in order. */
export const createReceiver = <Message>(receive: (message: Message) => void): ((chunk: Buffer) => void) => {
  let waiting: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    waiting.push(chunk);
    length += chunk.length;
    if (length < headLength) return;
    let buffer = waiting.length === 1 ? waiting[0]! : undefined;
    // A long frame comes in many chunks. They are joined once, when the last of them has come.
    const neededOf = (head: Buffer) => headLength + head.readUInt32BE(0);
    const head = buffer ?? (waiting[0]!.length >= headLength ? waiting[0]! : Buffer.concat(waiting));
    if (length < neededOf(head)) return;
    buffer ??= Buffer.concat(waiting, length);
    let start = 0;
    while (buffer.length - start >= headLength) {
      const end = start + neededOf(buffer.subarray(start));
      if (end > buffer.length) break;
      const messages = JSON.parse(buffer.toString("utf8", start + headLength, end)) as Message[];
      start = end;
      for (const message of messages) receive(message);
    }
    const rest = buffer.subarray(start);
    waiting = rest.length === 0 ? [] : [rest];
    length = rest.length;
  };
};
