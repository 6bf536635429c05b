import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Delay } from "../../kernel/clock.ts";
import { isAnswerTo, judgeMessageAuthenticator } from "../protocol/packet/authenticators.ts";
import { readPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";
import type { OrderOutcome } from "./session-order.ts";

/** An identifier is one octet (RFC 5176 §2.3): no more orders are outstanding at once. */
const identifiers = 256;

/** One order on its way. */
interface Outstanding {
  readonly bytes: Buffer;
  readonly secret: SharedSecret;
  readonly settle: (outcome: OrderOutcome) => void;
  callOff: () => void;
}

/** A socket that is connected to one destination: only its datagrams come in, and a refusal by its network is told. */
export interface OrderChannel {
  /** Sends what `write` makes for a free identifier, and again after each wait, until an answer or the last wait's end. At most 256 at once. */
  send(write: (identifier: number) => Buffer, secret: SharedSecret, waitsMs: readonly number[]): Promise<OrderOutcome>;
  close(): void;
}

const answers: readonly number[] = [packetCode.disconnectAck, packetCode.disconnectNak, packetCode.coaAck, packetCode.coaNak];

/** The outcome that a datagram brings for an order; undefined where it is no answer to it, or is not signed for it. */
const outcomeOf = (datagram: Buffer, order: Outstanding): OrderOutcome | undefined => {
  const read = readPacket(datagram);
  if (!("packet" in read) || !answers.includes(read.packet.code)) return undefined;
  const { packet } = read;
  const requestAuthenticator = order.bytes.subarray(4, 20);
  if (!isAnswerTo(packet, requestAuthenticator, order.secret)) return undefined;
  if (judgeMessageAuthenticator(packet, order.secret, requestAuthenticator) === "forged") return undefined;
  // Request, ACK and NAK of a kind are neighbours: 40, 41, 42 and 43, 44, 45.
  const step = packet.code - order.bytes[0]!;
  if (step === 1) return { kind: "ack" };
  const [cause] = valuesOf(packet, attributeNumber.errorCause);
  return step === 2 ? { kind: "nak", errorCause: cause?.length === 4 ? cause.readUInt32BE(0) : undefined } : undefined;
};

export interface OrderChannelPlace {
  readonly address: string;
  readonly port: number;
  /** The local address to send from; undefined leaves it to the system. */
  readonly sourceAddress: string | undefined;
  /** How the next transmission waits for its time. */
  readonly delay: Delay;
  readonly onClosed: () => void;
}

/** Opens a channel to a destination. Whatever fails becomes the outcome of its orders. */
export const openOrderChannel = ({ address, port, sourceAddress, delay, onClosed }: OrderChannelPlace): OrderChannel => {
  const version = isIPv6(address) ? 6 : 4;
  const socket = createSocket({ type: `udp${version}`, lookup: (host, _options, found) => found(null, host, version) });
  const orders = new Map<number, Outstanding>();
  let identifier = 0;
  let ended: OrderOutcome | undefined;

  const end = (outcome: OrderOutcome): void => {
    if (ended) return;
    ended = outcome;
    for (const { settle } of orders.values()) settle(outcome);
    socket.close();
    onClosed();
  };
  const fail = (error: NodeJS.ErrnoException): void => end({ kind: "unreachable", code: error.code ?? "unknown" });

  const transmit = (order: Outstanding, waitsMs: readonly number[]): void => {
    const [wait, ...others] = waitsMs;
    if (wait === undefined) {
      order.settle({ kind: "timeout" });
      return;
    }
    socket.send(order.bytes, (error) => error && fail(error));
    order.callOff = delay(() => transmit(order, others), wait);
  };

  socket.on("error", fail);
  socket.on("message", (datagram: Buffer) => {
    const order = orders.get(datagram[1] ?? 0);
    const outcome = order && outcomeOf(datagram, order);
    if (outcome) order.settle(outcome);
  });
  const connect = (): void => socket.connect(port, address);
  const connected = new Promise<void>((resolve) => socket.once("connect", resolve));
  // Not before the caller holds the channel: without a look-up, failures come at once.
  queueMicrotask(() => {
    if (ended) return;
    if (sourceAddress === undefined) connect();
    else socket.bind({ address: sourceAddress, port: 0, exclusive: true }, connect);
  });

  return {
    send(write, secret, waitsMs) {
      if (ended) return Promise.resolve(ended);
      // Round and round, so that a late answer does not meet a new order.
      do identifier = (identifier + 1) % identifiers;
      while (orders.has(identifier));
      const own = identifier;
      return new Promise((resolve) => {
        const order: Outstanding = {
          bytes: write(own),
          secret,
          callOff: () => undefined,
          settle(outcome) {
            order.callOff();
            orders.delete(own);
            resolve(outcome);
          },
        };
        orders.set(own, order);
        void connected.then(() => ended || transmit(order, waitsMs));
      });
    },
    close: () => end({ kind: "timeout" }),
  };
};
