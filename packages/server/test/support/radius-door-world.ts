import type { Clock } from "../../src/kernel/clock.ts";
import { provesPassword } from "../../src/radius/protocol/packet/chap.ts";
import type { AccessAnswer, AccessRequest, ClientRequest, ClientTrust } from "../../src/radius/server/ports.ts";
import { createRadiusDoor, type RadiusDoor, type RadiusDoorPlaces } from "../../src/radius/server/radius-door.ts";
import type { Tally } from "../../src/radius/server/tally.ts";
import type { WorkQueueLimits } from "../../src/radius/server/work-queue.ts";

export const doorSecret = "s3cret of the café";

/** One line of the door's log. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly fields: object;
  readonly sentence: string;
}

/** A door with a floor above it that a test may replace at any time. */
export interface DoorWorld {
  readonly door: RadiusDoor;
  readonly authPort: number;
  readonly acctPort: number;
  /** What reached the floor above. */
  readonly asked: AccessRequest<ClientTrust>[];
  readonly reported: ClientRequest<ClientTrust>[];
  readonly lines: LogLine[];
  nowMs: number;
  authorize: (request: AccessRequest<ClientTrust>) => Promise<AccessAnswer>;
  account: (request: ClientRequest<ClientTrust>) => Promise<"stored" | "ignored">;
  clients: Map<string, ClientTrust>;
  /** Resolves when the door knows what became of so many datagrams, on both ports together. */
  settled(datagrams: number): Promise<void>;
  close(): Promise<void>;
}

/** Accounts that the world's floor knows, with their passwords. */
export const passwords: Readonly<Record<string, string>> = {
  "john.smith": "demo-john-smith",
  jürgen: "pässwörd ✓",
  long: "0123456789abcdef".repeat(8),
  empty: "",
};

/** Lets in with these attributes, as the floor above does it: who cannot be answered is refused. */
export const acceptWith = (
  { write }: Pick<AccessRequest<ClientTrust>, "write">,
  attributes: Parameters<AccessRequest<ClientTrust>["write"]>[0] = [],
): AccessAnswer => {
  const written = write(attributes);
  return "bytes" in written ? { code: "accept", bytes: written.bytes } : { code: "reject", attributes: [] };
};

/** Lets in who shows the right password, with two attributes; rejects others with a sentence. */
export const judgePassword = async (request: AccessRequest<ClientTrust>): Promise<AccessAnswer> => {
  const { attributes, credential } = request;
  const password = passwords[attributes["User-Name"]?.[0] ?? ""];
  const isRight =
    password !== undefined &&
    (credential.kind === "password"
      ? credential.password === password
      : credential.kind === "chap" && provesPassword(credential.proof, password));
  return isRight
    ? acceptWith(request, [
        { name: "Session-Timeout", value: "3600" },
        { name: "WISPr-Bandwidth-Max-Down", value: "50000000" },
      ])
    : {
        code: "reject",
        attributes: [
          { name: "Reply-Message", value: "Wrong name or password" },
          { name: "Session-Timeout", value: "3600" },
        ],
      };
};

const isCounted = (tally: Readonly<Tally>): number =>
  Object.entries(tally).reduce((sum, [fate, count]) => (fate === "received" || fate === "superseded" ? sum : sum + count), 0);

export const openDoorWorld = async (
  options: { limits?: WorkQueueLimits; places?: Partial<RadiusDoorPlaces>; sharesPorts?: boolean } = {},
): Promise<DoorWorld> => {
  const lines: LogLine[] = [];
  const write = (level: LogLine["level"]) => (fields: object, sentence: string) => void lines.push({ level, fields, sentence });
  const clock: Clock = { nowMs: () => world.nowMs };
  const door = createRadiusDoor<ClientTrust>({
    sharesPorts: options.sharesPorts ?? false,
    ports: {
      sourceOf: (address) => ({ clients: [world.clients.get(address) ?? []].flat(), isShared: false }),
      shareOf: ({ name }, station) => [name, name, station],
      trustOf: (client) => client,
      authorize: (request) => {
        world.asked.push(request);
        return world.authorize(request);
      },
      account: (request) => {
        world.reported.push(request);
        return world.account(request);
      },
    },
    places: { hosts: ["127.0.0.1"], authPort: 0, acctPort: 0, ...options.places },
    clock,
    logger: { info: write("info"), warn: write("warn"), error: write("error") },
    ...(options.limits && { limits: options.limits }),
  });
  const portOf = (name: "authentication" | "accounting") => door.addresses().find((address) => address.name === name)?.port ?? 0;
  const client: ClientTrust = { id: 1, name: "cafe-1", secret: Buffer.from(doorSecret), requiresMessageAuthenticator: true };
  const world: DoorWorld = {
    door,
    get authPort() {
      return portOf("authentication");
    },
    get acctPort() {
      return portOf("accounting");
    },
    asked: [],
    reported: [],
    lines,
    nowMs: Date.parse("2026-01-05T10:00:00Z"),
    authorize: judgePassword,
    account: async () => "stored",
    clients: new Map([
      ["127.0.0.1", client],
      ["::1", client],
    ]),
    async settled(datagrams) {
      for (;;) {
        const { authentication, accounting } = door.tallies();
        const received = authentication.received + accounting.received;
        if (received >= datagrams && isCounted(authentication) + isCounted(accounting) >= received) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    close: () => door.close(),
  };
  await door.open();
  return world;
};
