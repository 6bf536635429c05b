import { Duplex } from "node:stream";
import { connect } from "node:tls";
import { openRadiusClient, type RawAttribute } from "../support/radius-client.ts";

/** What a tunnel may say in place of a device: an attribute of RADIUS by its number, whatever number that is. */
export type Avp = readonly [number: number, value: Buffer | string];

export interface TtlsLogin {
  readonly port: number;
  readonly secret: string;
  /** What the equipment says around the tunnel. */
  readonly outside: readonly RawAttribute[];
  readonly inside: readonly Avp[];
}

const ttls = 21;
const start = 0x20;
const moreFragments = 0x40;
const lengthIncluded = 0x80;
const fragmentBytes = 1_000;

/** RFC 5281 §10.1: code, flags (mandatory), length, value, padded to four bytes. */
const avpBytes = ([number, value]: Avp): Buffer => {
  const octets = Buffer.from(value as string);
  const bytes = Buffer.alloc(8 + Math.ceil(octets.length / 4) * 4);
  bytes.writeUInt32BE(number, 0);
  bytes.writeUInt32BE(0x4000_0000 + 8 + octets.length, 4);
  octets.copy(bytes, 8);
  return bytes;
};

const eapResponse = (identifier: number, type: number, data: Buffer): Buffer => {
  const head = Buffer.from([2, identifier, 0, 0, type]);
  head.writeUInt16BE(5 + data.length, 2);
  return Buffer.concat([head, data]);
};

const inAttributes = (eap: Buffer): RawAttribute[] =>
  Array.from({ length: Math.ceil(eap.length / 253) }, (_, index): RawAttribute => [79, eap.subarray(index * 253, (index + 1) * 253)]);

/**
 * Logs in by EAP-TTLS (RFC 5281) with whatever attributes in the tunnel, which eapol_test cannot. Returns the code of the
 * last answer: 2 for an Accept, 3 for a Reject.
 */
export const loginByTtls = async ({ port, secret, outside, inside }: TtlsLogin): Promise<number> => {
  const client = await openRadiusClient(port);
  let outgoing = Buffer.alloc(0);
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      outgoing = Buffer.concat([outgoing, chunk]);
      done();
    },
  });
  const tls = connect({ socket: wire, rejectUnauthorized: false, maxVersion: "TLSv1.2" }, () => {
    tls.write(Buffer.concat(inside.map(avpBytes)));
  });
  tls.on("error", () => {});
  let state: RawAttribute[] = [];
  let identifier = 0;
  const exchange = async (eap: Buffer) => {
    identifier += 1;
    const attributes = [...outside, ...inAttributes(eap), ...state];
    const answer = await client.ask({ code: 1, identifier, secret, attributes });
    state = answer.attributes.filter(({ number }) => number === 24).map(({ value }) => [24, value]);
    return { code: answer.code, eap: Buffer.concat(answer.attributes.filter(({ number }) => number === 79).map(({ value }) => value)) };
  };
  try {
    const hello = await exchange(eapResponse(0, 1, Buffer.from("anonymous")));
    // Whatever the server proposes: nothing but TTLS is wanted (RFC 3748 §5.3.1).
    let { code, eap } = await exchange(eapResponse(hello.eap[1]!, 3, Buffer.from([ttls])));
    while (code === 11) {
      const flags = eap[5]!;
      if (!(flags & start)) wire.push(eap.subarray(flags & lengthIncluded ? 10 : 6));
      // What came makes TLS say something, a moment later; an empty answer asks for the next fragment.
      if (!(flags & moreFragments)) await untilQuiet(() => outgoing.length);
      const fragment = outgoing.subarray(0, fragmentBytes);
      outgoing = outgoing.subarray(fragment.length);
      const head = Buffer.from([outgoing.length > 0 ? moreFragments : 0]);
      ({ code, eap } = await exchange(eapResponse(eap[1]!, ttls, Buffer.concat([head, fragment]))));
    }
    return code;
  } finally {
    tls.destroy();
    await client.close();
  }
};

/** Waits until TLS has said all that it has to say for now: something, and nothing more for a few turns. */
const untilQuiet = async (said: () => number): Promise<void> => {
  for (let quietTurns = 0, before = said(); quietTurns < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    quietTurns = said() > 0 && said() === before ? quietTurns + 1 : 0;
    before = said();
  }
};
