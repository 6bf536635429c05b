import { randomInt } from "node:crypto";
import { sharedSecretOf } from "../packages/server/src/radius-protocol/packet/shared-secret.ts";
import { type Lane, loginPacket, packetAt } from "./radius/packets.ts";

const packetsOfDeck = 20_000;

/** What a client floods with: logins of nobody, each with a name and a device that nobody has seen, or sessions that begin and end. */
export const floodPackets = (kind: "login" | "report", address: string, secret: string, run: string): Buffer[] => {
  const source = { lane: 0, name: "flood", address, secret };
  const lane: Lane = { source, secret: sharedSecretOf(Buffer.from(secret)), accounts: 1_000, run };
  const begun = randomInt(1_000_000_000);
  return Array.from({ length: packetsOfDeck }, (_, place) =>
    kind === "login"
      ? loginPacket(lane, place % 256, "plain", begun + place)
      : packetAt(lane, { id: "StartStop", accounts: "plain" }, place),
  );
};
