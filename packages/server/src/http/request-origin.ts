import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6, type Socket } from "node:net";
import { parseAddress, parseNetwork } from "@gatehouse-aaa/contract";
import { BoundedCache } from "../kernel/bounded-cache.ts";
import { DomainError } from "../kernel/errors.ts";
import { type Hop, hopsOf } from "./forwarded-hops.ts";

/** Whom a request came from, and under which URL its client knows us. */
export interface RequestOrigin {
  /** The client's network address. */
  readonly address: string;
  readonly protocol: "http" | "https";
  /** Host and port as they stand in a URL. */
  readonly host: string;
  /** The path at which a proxy publishes us: empty, or `/gate`. */
  readonly prefix: string;
}

/** Reads where a request came from. Throws 400 for a host or a prefix that is none. */
export type ReadOrigin = (request: IncomingMessage) => RequestOrigin;

/**
 * Makes the reader of origins for proxies in these ranges. What a header says counts only where it came by such a proxy: the
 * client is the last address, from right to left, that no trusted proxy has.
 */
export const originReader = (trustedProxies: readonly string[]): ReadOrigin => {
  const trusted = new BlockList();
  for (const range of trustedProxies) {
    const { canonical, version, prefixLength } = parseNetwork(range)!;
    trusted.addSubnet(canonical.split("/", 1)[0]!, prefixLength, version === 4 ? "ipv4" : "ipv6");
  }
  const isTrusted = (address: string) => trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  /** The other side of a connection never changes, and to read its address took more time than all else here. */
  const peerOf = keptBySocket((socket): Peer => {
    const address = plainAddress(socket.remoteAddress ?? "") ?? "";
    return { address, isTrusted: trustedProxies.length > 0 && address !== "" && isTrusted(address), last: undefined };
  });
  return (request) => {
    const peer = peerOf(request.socket);
    if (!peer.isTrusted) {
      const { last } = peer;
      if (last !== undefined && last.host === request.headers.host && request.url?.startsWith("/")) return last;
      peer.last = { address: peer.address, protocol: "http", host: hostOf(request), prefix: "" };
      return peer.last;
    }
    const host = hostOf(request);
    const { hops, last, prefix } = hopsOf(request.headers);
    const { address, hop } = nearestOfOthers(peer.address, hops, isTrusted);
    const toldHost = hop?.host ?? last.host;
    if (toldHost !== undefined && !isHost(toldHost)) throw refused("The host that the proxy forwards is none.");
    if (prefix !== undefined && !isPrefix(prefix)) throw refused("X-Forwarded-Prefix is no path.");
    return {
      address,
      protocol: hop?.protocol ?? last.protocol ?? "http",
      host: toldHost ?? host,
      prefix: prefix?.replace(/\/$/, "") ?? "",
    };
  };
};

/** Whether a text is a path that a browser leaves as it is: it resolves `.` and `..`, and would look for us elsewhere. */
const isPrefix = (text: string): boolean => /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~@:-]+)*\/?$/.test(text);

interface Peer {
  readonly address: string;
  readonly isTrusted: boolean;
  /** What its last request came from: the same, unless that names another host. */
  last: RequestOrigin | undefined;
}

const keptBySocket = <Kept>(read: (socket: Socket) => Kept): ((socket: Socket) => Kept) => {
  const known = new WeakMap<Socket, Kept>();
  return (socket) => {
    let kept = known.get(socket);
    if (kept === undefined) {
      kept = read(socket);
      known.set(socket, kept);
    }
    return kept;
  };
};

/** Goes back from proxy to proxy until one is nobody's that we trust, or has no address that can be read. */
const nearestOfOthers = (peer: string, hops: readonly Hop[], isTrusted: (address: string) => boolean) => {
  let address = peer;
  let hop: Hop | undefined;
  for (const before of hops.toReversed()) {
    const told = before.address === undefined ? undefined : plainAddress(before.address);
    if (told === undefined) break;
    address = told;
    hop = before;
    if (!isTrusted(address)) break;
  }
  return { address, hop };
};

/** An address in one way of writing, IPv4 inside of IPv6 as IPv4; undefined for anything else. */
const plainAddress = (text: string): string | undefined => {
  const bare = text.replace(/%[\w.-]*$/, "");
  return parseAddress(bare) && parseNetwork(bare)?.canonical;
};

/** The host that a request names. A whole URL in the request line counts before the header (RFC 9112 §3.2.2). */
const hostOf = (request: IncomingMessage): string => {
  const { host } = request.headers;
  // Clients of HTTP/1.0, such as the checks of some balancers, name none.
  if (host === undefined && request.httpVersion !== "1.0") throw refused("A request must have the header Host.");
  if (host !== undefined && !isHost(host)) throw refused("The header Host is no host.");
  const target = request.url ?? "/";
  const authority = target.startsWith("/") ? undefined : /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
  if (authority === undefined) {
    if (!target.startsWith("/") && request.method !== "OPTIONS") throw refused("The request line names no path.");
    return host ?? `localhost:${request.socket.localPort ?? 80}`;
  }
  if (!isHost(authority)) throw refused("The URL of the request line has no host.");
  return authority;
};

/** Hosts that were looked at; a client may name any. */
const hosts = new BoundedCache<string, boolean>(100);

/** Whether a text can stand in a URL as its host and port, and means no more than those. */
const isHost = (text: string): boolean => {
  let found = hosts.get(text);
  if (found === undefined) {
    found = /^(?:[\w.-]{1,255}|\[[\da-fA-F:.]{2,45}\])(?::\d{0,5})?$/.test(text) && URL.canParse(`http://${text}`);
    hosts.set(text, found);
  }
  return found;
};

const refused = (sentence: string): DomainError => new DomainError("request.malformed", sentence);
