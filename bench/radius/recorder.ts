import { createSocket } from "node:dgram";
import { once } from "node:events";
import { sharedSecretOf } from "../../packages/server/src/radius/protocol/packet/shared-secret.ts";
import { radiusCaseOf } from "./cases.ts";
import { packetAt, startPacket } from "./packets.ts";
import { plannedSources } from "./plan.ts";

export interface RecordQuestion {
  readonly case: string;
  readonly port: number;
  readonly accounts: number;
  readonly run: string;
}

const patienceMs = 5_000;

/** Asks Gatehouse once, for the bare echo to give the same answer. A Start that it has heard before changes nothing. */
export const recordRadiusAnswer = async ({ case: id, port, accounts, run }: RecordQuestion): Promise<Uint8Array> => {
  const one = radiusCaseOf(id);
  const source = plannedSources()[0]!;
  const lane = { source, secret: sharedSecretOf(Buffer.from(source.secret)), accounts, run };
  const socket = createSocket("udp4");
  socket.bind(0, source.address);
  await once(socket, "listening");
  try {
    const answered = once(socket, "message", { signal: AbortSignal.timeout(patienceMs) });
    socket.send(one.port === "accounting" ? startPacket(lane, 0) : packetAt(lane, one, 0), port, "127.0.0.1");
    const [answer] = (await answered) as [Buffer];
    if (answer[0] !== one.answerCode) throw new Error(`${id}: the first packet was answered with code ${answer[0]}.`);
    return new Uint8Array(answer);
  } finally {
    socket.close();
  }
};
