import type { Clock } from "../../kernel/clock.ts";
import type { Share } from "../../kernel/fair-line.ts";
import { type RadiusPacket, readPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { type SharedSecret, sharedSecretOf } from "../protocol/packet/shared-secret.ts";
import type { DuplicateCache, SeenRequest, SeenRequests } from "./duplicate-cache.ts";
import type { ClientTrust, RadiusPorts } from "./ports.ts";
import type { Outcome, Tally } from "./tally.ts";
import { stranger, type ThrottledLog } from "./throttled-log.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Where a datagram came from, and how an answer goes back. */
export interface Sender {
  /** Without zone; IPv4 as IPv4. */
  readonly address: string;
  readonly port: number;
  /** Which of our sockets it came to. */
  readonly socket: number;
  reply(bytes: Buffer): void;
}

/** A client with its prepared secret. */
export interface Peer<Client> {
  readonly client: Client;
  readonly trust: ClientTrust;
  readonly secret: SharedSecret;
}

/** A request that is verified and must be answered. */
export interface VerifiedRequest<Client> extends Peer<Client> {
  readonly packet: RadiusPacket;
  readonly sourceAddress: string;
  readonly receivedAtMs: number;
}

/** An answer with the outcome that it counts as; no bytes where nobody is answered. */
export interface Answer {
  readonly outcome: Outcome;
  readonly bytes: Buffer | undefined;
}

/** What distinguishes the two ports. */
export interface Dialogue<Client> {
  readonly name: "authentication" | "accounting";
  /** The code of the requests that it answers, beside Status-Server. */
  readonly requestCode: number;
  /** Why a request is not answered; undefined where it is. From a shared address only signed requests are. */
  refusal(packet: RadiusPacket, peer: Peer<unknown>, isShared: boolean): Outcome | undefined;
  /** The answer to Status-Server (RFC 5997 §3). */
  statusAnswer(request: VerifiedRequest<Client>): Buffer;
  /** May reject: then nobody is answered. */
  answer(request: VerifiedRequest<Client>, stepAside: () => void): Promise<Answer>;
}

/** Time, and logs for what strangers cause and for what fails on our side. */
export interface Watch {
  readonly clock: Clock;
  readonly strangers: ThrottledLog;
  readonly failures: ThrottledLog;
}

/** What a port counts. */
export interface ExchangeFigures {
  readonly tally: Tally;
  /** A request was answered so long after it came. */
  onAnswered(elapsedMs: number): void;
}

export interface ExchangeDependencies<Client extends object> {
  readonly dialogue: Dialogue<Client>;
  readonly ports: Pick<RadiusPorts<Client>, "sourceOf" | "trustOf" | "shareOf">;
  readonly duplicates: DuplicateCache;
  readonly queue: WorkQueue;
  readonly figures: ExchangeFigures;
  readonly watch: Watch;
}

/** What takes the datagrams of one port. */
export interface Exchange {
  receive(datagram: Buffer, sender: Sender): void;
}

/** A request that was taken, as it is known again, and who waits for its answer. */
interface Taken {
  readonly known: SeenRequests;
  readonly key: string;
  readonly seen: SeenRequest;
  readonly sender: Sender;
  /** When it came, by a clock that nobody sets. */
  readonly cameAt: number;
}

/** A datagram that is not answered, and why. */
interface Dropped {
  readonly outcome: Outcome;
  readonly trust?: ClientTrust;
  /** Who pays for the line that the log gets of it. */
  readonly payer: string;
  readonly details?: object | undefined;
}

/** What the log says of datagrams that are not answered for a reason that somebody may want to mend. */
const complaints: Partial<Record<Outcome, string>> = {
  unanswerable: "a RADIUS packet came from UDP port 0, where nobody can be answered",
  unknown_client: "a RADIUS packet came from an address that belongs to no AAA client",
  malformed: "a RADIUS packet is malformed",
  unexpected_code: "a RADIUS packet of this code is not answered on this port",
  message_authenticator_missing: "an Access-Request lacks the Message-Authenticator that its AAA client must send",
  forged: "a RADIUS packet is not signed with the AAA client's secret",
};

/** Who pays for the lines about what comes from addresses of several tenants. */
const sharedAddresses = "shared addresses";

/** Takes the datagrams of one port: verifies, recognizes, queues and answers them. Nothing in a datagram makes it throw. */
export const createExchange = <Client extends object>(deps: ExchangeDependencies<Client>): Exchange => {
  const { dialogue, ports, duplicates, queue, figures, watch } = deps;
  const { tally } = figures;
  const peers = new WeakMap<Client, Peer<Client>>();

  const peerOf = (client: Client): Peer<Client> => {
    const known = peers.get(client);
    if (known !== undefined) return known;
    const trust = ports.trustOf(client);
    const peer = { client, trust, secret: sharedSecretOf(Buffer.from(trust.secret)) };
    peers.set(client, peer);
    return peer;
  };

  const count = (outcome: Outcome, sender: Sender, { trust, payer, details }: Omit<Dropped, "outcome"> = { payer: stranger }): void => {
    tally[outcome] += 1;
    const sentence = complaints[outcome];
    if (sentence === undefined) return;
    const fields = { address: sender.address, port: dialogue.name, ...(trust && { client: trust.name }), ...details };
    watch.strangers.warn(payer, `${outcome} ${sender.address}`, fields, sentence);
  };

  /** The request in a datagram, or why it is not answered. */
  const verify = (datagram: Buffer, sourceAddress: string): VerifiedRequest<Client> | Dropped => {
    const { clients, isShared } = ports.sourceOf(sourceAddress);
    const [first] = clients;
    if (first === undefined) return { outcome: "unknown_client", payer: stranger };
    // At a shared address nobody is named before the secret has chosen: all who share it pay for its noise.
    const drop = (outcome: Outcome, details?: object): Dropped =>
      isShared ? { outcome, payer: sharedAddresses, details } : { outcome, trust: peerOf(first).trust, payer: payerOf(first), details };
    const read = readPacket(datagram);
    if (!("packet" in read)) return drop("malformed", { fault: read.fault });
    const { packet } = read;
    if (packet.code !== packetCode.statusServer && packet.code !== dialogue.requestCode) {
      return drop("unexpected_code", { code: packet.code });
    }
    let outcome: Outcome | undefined;
    for (const client of clients) {
      const peer = peerOf(client);
      outcome = dialogue.refusal(packet, peer, isShared);
      if (outcome === undefined) return { ...peer, packet, sourceAddress, receivedAtMs: watch.clock.nowMs() };
    }
    return drop(outcome ?? "unknown_client");
  };

  const payerOf = (client: Client): string => ports.shareOf(client, "")[0];

  const fail = (error: unknown, client: string, payer: string): void => {
    tally.failed += 1;
    watch.failures.warn(payer, `failed ${client}`, { err: error, port: dialogue.name, client }, "a RADIUS request could not be answered");
  };

  const finish = ({ outcome, bytes }: Answer, { known, key, seen, sender, cameAt }: Taken): void => {
    tally[outcome] += 1;
    if (bytes === undefined) {
      known.forget(key, seen);
      return;
    }
    seen.answer = bytes;
    figures.onAnswered(performance.now() - cameAt);
    // A client that has used the identifier again does not wait for this answer any more.
    if (known.isLatest(key, seen)) sender.reply(bytes);
    else tally.superseded += 1;
  };

  const work = async (request: VerifiedRequest<Client>, stepAside: () => void, taken: Taken): Promise<void> => {
    try {
      finish(await dialogue.answer(request, stepAside), taken);
    } catch (error) {
      taken.known.forget(taken.key, taken.seen);
      fail(error, request.trust.name, payerOf(request.client));
    }
  };

  const begin = (request: VerifiedRequest<Client>, sender: Sender): void => {
    const key = `${sender.socket} ${sender.address} ${sender.port} ${request.trust.id} ${request.packet.identifier}`;
    const share = shareOf(request);
    const known = duplicates.of(share);
    const again = known.find(key, request.packet.bytes);
    if (again !== undefined) {
      count(again.answer === undefined ? "duplicate_in_progress" : "duplicate_answered", sender);
      if (again.answer !== undefined) sender.reply(again.answer);
    } else {
      const seen = known.begin(key, request.packet.bytes);
      const cameAt = performance.now();
      queue.submit(share, {
        run: (stepAside) => work(request, stepAside, { known, key, seen, sender, cameAt }),
        drop: (reason) => {
          known.forget(key, seen);
          count(reason, sender);
        },
      });
    }
  };

  const shareOf = ({ client, packet }: VerifiedRequest<Client>): Share =>
    ports.shareOf(client, valuesOf(packet, attributeNumber.callingStationId)[0]?.toString("latin1") ?? "");

  const answerStatus = (request: VerifiedRequest<Client>, sender: Sender): void => {
    // A server that cannot take work must look dead to who chooses among servers.
    if (queue.hasRoom(shareOf(request))) {
      count("status_answered", sender);
      sender.reply(dialogue.statusAnswer(request));
    } else count("overloaded", sender);
  };

  return {
    receive(datagram, sender) {
      tally.received += 1;
      // Port 0 says that no answer is expected (RFC 768), and Node throws where one is sent there.
      if (sender.port === 0) return count("unanswerable", sender);
      try {
        const request = verify(datagram, sender.address);
        if ("outcome" in request) count(request.outcome, sender, request);
        else if (request.packet.code === packetCode.statusServer) answerStatus(request, sender);
        else begin(request, sender);
      } catch (error) {
        // A secret or a table of clients that is not as it must be: no reason to end the process.
        fail(error, sender.address, stranger);
      }
    },
  };
};
