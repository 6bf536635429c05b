import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6, type Socket } from "node:net";
import { parseAddress, parseNetwork } from "@gatehouse-aaa/contract";
import { BoundedCache } from "../kernel/bounded-cache.ts";
import { DomainError } from "../kernel/errors.ts";
import { type Hop, hopsOf } from "./forwarded-hops.ts";

/** Where a request came from, and the URL under which its client knows us. */
export interface RequestOrigin {
  /** The client's network address. */
  readonly address: string;
  readonly protocol: "http" | "https";
  /** Host and port as they stand in a URL. */
  readonly host: string;
  /** The path at which a proxy publishes us: empty, or `/gate`. */
  readonly prefix: string;
}

/** Reads where a request came from. Throws 400 for an invalid host or prefix. */
export type ReadOrigin = (request: IncomingMessage) => RequestOrigin;

/**
 * Makes the reader of origins for proxies in these ranges. A header counts only where such a proxy sent it: the client is the first
 * address, from right to left, that is no trusted proxy's.
 */
export const originReader = (trustedProxies: readonly string[]): ReadOrigin => {
  const trusted = new BlockList();
  for (const range of trustedProxies) {
    const { canonical, version, prefixLength } = parseNetwork(range)!;
    trusted.addSubnet(canonical.split("/", 1)[0]!, prefixLength, version === 4 ? "ipv4" : "ipv6");
  }
  const isTrusted = (address: string) => trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  /** The other side of a connection never changes, and reading its address took more time than everything else here. */
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
    const forwardedHost = hop?.host ?? last.host;
    if (forwardedHost !== undefined && !isHost(forwardedHost)) throw refused("The host that the proxy forwards is none.");
    if (prefix !== undefined && !isPrefix(prefix)) throw refused("X-Forwarded-Prefix is no path.");
    return {
      address,
      protocol: hop?.protocol ?? last.protocol ?? "http",
      host: forwardedHost ?? host,
      prefix: prefix?.replace(/\/$/, "") ?? "",
    };
  };
};

/** Whether a browser leaves a path as it is. It resolves `.` and `..`, and would look for us elsewhere. */
const isPrefix = (text: string): boolean => /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~@:-]+)*\/?$/.test(text);

interface Peer {
  readonly address: string;
  readonly isTrusted: boolean;
  /** The origin of its last request: the next one has the same, unless it names another host. */
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

/** Goes back from proxy to proxy, as far as they are trusted and their addresses can be read. */
const nearestOfOthers = (peer: string, hops: readonly Hop[], isTrusted: (address: string) => boolean) => {
  let address = peer;
  let hop: Hop | undefined;
  for (const before of hops.toReversed()) {
    const forwarded = before.address === undefined ? undefined : plainAddress(before.address);
    if (forwarded === undefined) break;
    address = forwarded;
    hop = before;
    if (!isTrusted(address)) break;
  }
  return { address, hop };
};

/** An address in its canonical form, IPv4 inside of IPv6 as IPv4; undefined for anything else. */
const plainAddress = (text: string): string | undefined => {
  const bare = text.replace(/%[\w.-]*$/, "");
  return parseAddress(bare) && parseNetwork(bare)?.canonical;
};

/** The host that a request names. A whole URL in the request line counts before the header (RFC 9112 §3.2.2). */
const hostOf = (request: IncomingMessage): string => {
  const { host } = request.headers;
  // HTTP/1.0 has no such header, and some load balancers' checks speak it.
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

/** Hosts that were checked. Bounded, because a client may name any host. */
const checkedHosts = new BoundedCache<string, boolean>(100);

/** Whether a text can be the host and port of a URL, and nothing else of it. */
const isHost = (text: string): boolean => {
  let isValid = checkedHosts.get(text);
  if (isValid === undefined) {
    isValid = /^(?:[\w.-]{1,255}|\[[\da-fA-F:.]{2,45}\])(?::\d{0,5})?$/.test(text) && URL.canParse(`http://${text}`);
    checkedHosts.set(text, isValid);
  }
  return isValid;
};

const refused = (sentence: string): DomainError => new DomainError("request.malformed", sentence);
