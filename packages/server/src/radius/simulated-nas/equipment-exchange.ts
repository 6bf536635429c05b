import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { checkMessageAuthenticator, isAnswerTo } from "../protocol/packet/authenticators.ts";
import { type RadiusPacket, readPacket } from "../protocol/packet/packet.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";

export interface ExchangePlace {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** The local address to send from; undefined leaves it to the system. */
  readonly source: string | undefined;
  /** How long each transmission waits for the answer. */
  readonly timeoutMs: number;
  /** How often the same bytes are sent, at most. */
  readonly tries: number;
}

/** What came of a request; `forged` counts answers that were not signed for it with this secret. */
export type Exchanged =
  | { readonly kind: "answer"; readonly packet: RadiusPacket }
  | { readonly kind: "silence"; readonly forged: number }
  /** The network says why nobody can be reached there; the system's code, such as ECONNREFUSED. */
  | { readonly kind: "unreachable"; readonly code: string };

/** What the system says of a port where nobody listens. */
const refused = "ECONNREFUSED";

const bound = (socket: Socket, place: ExchangePlace, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, place.source, () => socket.connect(place.port, address, () => resolve()));
  });

/**
 * Sends a request, again while nothing comes, and gives the first answer that is signed for it. Where nobody listens it is sent
 * again as well, for servers begin to listen a moment after they are started. Never rejects.
 */
export const exchange = async (bytes: Buffer, secret: SharedSecret, place: ExchangePlace): Promise<Exchanged> => {
  const found = await lookup(place.host).catch((error: NodeJS.ErrnoException) => ({ unknown: error.code ?? "ENOTFOUND" }));
  if ("unknown" in found) return { kind: "unreachable", code: found.unknown };
  const socket = createSocket(found.family === 6 ? "udp6" : "udp4");
  let timer: NodeJS.Timeout | undefined;
  try {
    await bound(socket, place, found.address);
    return await new Promise<Exchanged>((resolve) => {
      let forged = 0;
      let nobody = false;
      socket.removeAllListeners("error");
      const fail = (error: NodeJS.ErrnoException) => {
        if (error.code === refused) nobody = true;
        else resolve({ kind: "unreachable", code: error.code ?? "unknown" });
      };
      socket.on("error", fail);
      socket.on("message", (datagram: Buffer) => {
        const packet = answerTo(datagram, bytes, secret);
        if (packet) resolve({ kind: "answer", packet });
        else forged += 1;
      });
      const transmit = (left: number): void => {
        if (left === 0) resolve(nobody && forged === 0 ? { kind: "unreachable", code: refused } : { kind: "silence", forged });
        else {
          socket.send(bytes, (error) => error && fail(error));
          timer = setTimeout(transmit, place.timeoutMs, left - 1);
        }
      };
      transmit(place.tries);
    });
  } catch (error) {
    return { kind: "unreachable", code: (error as NodeJS.ErrnoException).code ?? "unknown" };
  } finally {
    clearTimeout(timer);
    socket.close();
  }
};

/** The answer that a datagram is; undefined where it is none to this request, or not signed for it. */
const answerTo = (datagram: Buffer, request: Buffer, secret: SharedSecret): RadiusPacket | undefined => {
  const read = readPacket(datagram);
  if (!("packet" in read) || read.packet.identifier !== request[1]) return undefined;
  const { packet } = read;
  const authenticator = request.subarray(4, 20);
  if (!isAnswerTo(packet, authenticator, secret)) return undefined;
  return checkMessageAuthenticator(packet, secret, authenticator) === "forged" ? undefined : packet;
};
