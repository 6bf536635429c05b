import { sharedSecretOf } from "../../packages/server/src/radius/protocol/packet/shared-secret.ts";
import { type Lane, loginPacket, packetAt, startPacket } from "../radius/packets.ts";
import { lanes } from "../radius/plan.ts";
import { dearAccounts, timedAccounts } from "./neighbour-world.ts";

/** Access-Requests of nobody, each with a name and a device that nobody has seen; those of accounts, or sessions that begin, go on and end. */
export type FloodPackets = "nobody" | "dear" | "starts" | "interims" | "prelude";

/** Packets that a flood of so many sends in a second at most. */
const perSecond = { nobody: 4_000, dear: 1_000, starts: 8_000, interims: 12_000, prelude: timedAccounts / lanes };

export const laneOf = (address: string, secret: string, run: string): Lane => ({
  source: { lane: 0, name: "flood", address, secret },
  secret: sharedSecretOf(Buffer.from(secret)),
  accounts: timedAccounts,
  run,
});

/** Made before the first is sent. `begun` is where earlier ones have ended; for Interim-Updates, the seconds that their sessions have. */
export const floodPackets = (kind: FloodPackets, lane: Lane, seconds: number, begun = 0): Buffer[] => {
  const count = Math.ceil(perSecond[kind] * seconds);
  const one = (place: number): Buffer => {
    switch (kind) {
      case "nobody":
        return loginPacket(lane, place % 256, "plain", 1_000_000 + begun + place);
      case "dear":
        return loginPacket(lane, place % 256, "plain", place % dearAccounts);
      case "starts":
        return packetAt(lane, { id: "StartStop", accounts: "timed" }, begun + place);
      case "interims":
        return packetAt(lane, { id: "Interim", accounts: "timed" }, place, begun + Math.floor(place / perSecond.interims));
      case "prelude":
        return startPacket(lane, place);
    }
  };
  return Array.from({ length: count }, (_, place) => one(place));
};
