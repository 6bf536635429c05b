import type { IncomingHttpHeaders } from "node:http";

/** What one proxy says about the sender of a request; undefined is what it does not say. */
export interface Hop {
  readonly address: string | undefined;
  readonly protocol: "http" | "https" | undefined;
  readonly host: string | undefined;
}

export interface ForwardedHops {
  /** The client's first, then each proxy's. */
  readonly hops: readonly Hop[];
  /** Protocol and host as the nearest proxy says. */
  readonly last: Hop;
  readonly prefix: string | undefined;
}

/**
 * Reads `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix`, or `Forwarded` (RFC 7239) where none of those is present. A proxy writes the
 * ones or the other, and passes on from any client what it does not write.
 */
export const hopsOf = (headers: IncomingHttpHeaders): ForwardedHops => {
  const [addresses, protocols, hosts] = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].map((name) => listOf(headers[name]));
  const prefix = listOf(headers["x-forwarded-prefix"]).at(-1);
  if (addresses!.length + protocols!.length + hosts!.length === 0) return { ...standardHops(headers.forwarded), prefix };
  // A list as long as that of addresses has one entry for each proxy. The last entry of a shorter one is the nearest proxy's.
  const beside = (list: readonly string[], index: number) => (list.length === addresses!.length ? list[index] : list.at(-1));
  return {
    hops: addresses!.map((address, index) => ({
      address: withoutPort(address),
      protocol: protocolOf(beside(protocols!, index)),
      host: beside(hosts!, index),
    })),
    last: { address: undefined, protocol: protocolOf(protocols!.at(-1)), host: hosts!.at(-1) },
    prefix,
  };
};

const listOf = (header: string | string[] | undefined): string[] =>
  header === undefined
    ? []
    : String(header)
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "");

const standardHops = (header: string | undefined): Pick<ForwardedHops, "hops" | "last"> => {
  const hops = (header?.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []).map((element): Hop => {
    const pairs = new Map<string, string>();
    for (const [, name, value] of element.matchAll(/([\w!#$%&'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^;,"\s]*)/g)) {
      pairs.set(name!.toLowerCase(), value!.startsWith('"') ? value!.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value!);
    }
    const address = pairs.get("for");
    return {
      address: address === undefined ? undefined : withoutPort(address),
      protocol: protocolOf(pairs.get("proto")),
      host: pairs.get("host"),
    };
  });
  return { hops, last: hops.at(-1) ?? { address: undefined, protocol: undefined, host: undefined } };
};

const protocolOf = (text: string | undefined): "http" | "https" | undefined => {
  const word = text?.toLowerCase();
  return word === "http" || word === "https" ? word : undefined;
};

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` without brackets and port. */
const withoutPort = (text: string): string => /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
