import { createSocket } from "node:dgram";
import { once } from "node:events";
import { answerParent } from "../child.ts";

let answer = Buffer.alloc(20);

/** The yardstick: Node's own UDP socket and nothing else. It answers the bytes that Gatehouse answered, under the request's identifier. */
const socket = createSocket("udp4");
socket.on("message", (request, { address, port }) => {
  const bytes = Buffer.from(answer);
  bytes[1] = request[1]!;
  socket.send(bytes, port, address);
});
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
socket.setRecvBufferSize(4 * 1024 * 1024);

/** Takes the answer to give from now on, and says at which port of 127.0.0.1 it listens. */
answerParent((recorded: Uint8Array): number => {
  answer = Buffer.from(recorded);
  return socket.address().port;
});
