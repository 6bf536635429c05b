import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Exchange } from "./exchange.ts";
import { holdersOf, namesOf, type PortHolder } from "./port-holders.ts";
import type { RadiusLogger } from "./throttled-log.ts";

/** A place to listen at. */
export interface Place {
  /** An IPv4 or IPv6 address; `0.0.0.0` and `::` are all of their kind. */
  readonly host: string;
  /** A UDP port; 0 takes any free one. */
  readonly port: number;
  readonly exchange: Exchange;
}

/** Wanted of the kernel, which gives less where it must: half a second of packets while the process is busy. */
const receiveBufferOctets = 4 * 1024 * 1024;

/** The source of a datagram as text, without the zone of a link-local address, and an IPv4 address as one (RFC 4291 §2.5.5.2). */
export const sourceAddressOf = (address: string): string => {
  const zone = address.indexOf("%");
  const plain = zone === -1 ? address : address.slice(0, zone);
  return plain.startsWith("::ffff:") && plain.includes(".") ? plain.slice(7) : plain;
};

/** Another process has the port; the message names it. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
}

let sockets = 0;

/** Opens the socket of a place, bound; rejects where that is not possible. */
const bindTo = async ({ host, port }: Pick<Place, "host" | "port">, reusePort: boolean): Promise<Socket> => {
  const isVersion6 = isIPv6(host);
  const socket = createSocket({
    type: isVersion6 ? "udp6" : "udp4",
    reusePort,
    ipv6Only: isVersion6,
    // Answers go to addresses and never to names: no look-up, which costs a turn of the event loop.
    lookup: (address, _options, found) => found(null, address, isVersion6 ? 6 : 4),
  });
  // Without a look-up the socket may be bound before the next line.
  const listening = once(socket, "listening");
  socket.bind({ address: host, port, exclusive: true });
  try {
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    if (reusePort && (error as NodeJS.ErrnoException).code === "ENOTSUP") return bindTo({ host, port }, false);
    throw error;
  }
};

/** The workers of one primary, this process among them. */
const isSibling = ({ pid, parentPid }: PortHolder): boolean => pid === process.pid || parentPid === process.ppid;

/**
 * Binds, or throws PortTaken with the name of who has the port. A port that workers share could be shared by anybody of the
 * same user, such as a second Gatehouse: half of the packets would be answered by each. So who else has it is looked up.
 */
const bindAlone = async (place: Place, sharesPort: boolean): Promise<Socket> => {
  try {
    const socket = await bindTo(place, sharesPort);
    const strangers = sharesPort ? (await holdersOf(socket.address().port)).filter((holder) => !isSibling(holder)) : [];
    if (strangers.length === 0) return socket;
    socket.close();
    throw new PortTaken(`UDP port ${place.port} is taken by ${namesOf(strangers)}.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    // This process may have the port of its other addresses: it is not who is in its own way.
    const holders = await holdersOf(place.port);
    const others = holders.filter(({ pid }) => pid !== process.pid);
    throw new PortTaken(`UDP port ${place.port} is taken by ${namesOf(others.length > 0 ? others : holders)}.`, { cause: error });
  }
};

/**
 * Listens at one place; rejects where that is not possible. Workers share a port by `reusePort`, where the system has it:
 * it then gives all packets of one source to the same worker, which is what knowing retransmissions again relies on.
 */
export const listenAt = async (place: Place, sharesPort: boolean, logger: RadiusLogger, onLost: () => void): Promise<Socket> => {
  const { host, port, exchange } = place;
  const socket = await bindAlone(place, sharesPort);
  sockets += 1;
  const number = sockets;
  const answers = createAnswers(socket);
  socket.on("message", (datagram: Buffer, source: RemoteInfo) => {
    exchange.receive(datagram, {
      address: sourceAddressOf(source.address),
      port: source.port,
      socket: number,
      reply: (bytes) => answers.add(bytes, source),
    });
  });
  socket.on("error", (error) => {
    logger.error({ err: error, host, port }, "a RADIUS socket failed and is opened again");
    socket.close();
    onLost();
  });
  try {
    socket.setRecvBufferSize(receiveBufferOctets);
  } catch (error) {
    logger.info({ err: error }, "the RADIUS socket keeps the receive buffer that the system gave it");
  }
  return socket;
};

/**
 * Answers of one turn of the event loop leave together at its end: a datagram that wakes somebody costs up to 20 µs, and
 * those right behind it find its reader awake.
 */
const createAnswers = (socket: Socket) => {
  let waiting: { readonly bytes: Buffer; readonly to: RemoteInfo }[] = [];
  let isOpen = true;
  socket.once("close", () => {
    isOpen = false;
  });
  const send = (): void => {
    const leaving = waiting;
    waiting = [];
    if (!isOpen) return;
    for (const { bytes, to } of leaving) {
      try {
        socket.send(bytes, to.port, to.address, ignoreFailure);
      } catch {
        // What Node will not send at all it throws, out of any request: the process lives, and the others' answers leave.
      }
    }
  };
  return {
    add(bytes: Buffer, to: RemoteInfo): void {
      if (waiting.push({ bytes, to }) === 1) setImmediate(send);
    },
  };
};

/** An answer that is lost on its way is asked for again. */
const ignoreFailure = (): void => undefined;
