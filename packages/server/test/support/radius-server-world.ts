import type { AccessAnswer, AccessRequest } from "../../src/aaa/words/access-request.ts";
import type { AccountingRequest } from "../../src/aaa/words/accounting-record.ts";
import type { AttributeItem } from "../../src/aaa/words/attributes.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { encodeReply } from "../../src/radius/protocol/dictionary/reply-encoding.ts";
import { provesPassword } from "../../src/radius/protocol/packet/chap.ts";
import type { ClientTrust } from "../../src/radius/server/ports.ts";
import { createRadiusServer, type RadiusServer, type RadiusServerPlaces } from "../../src/radius/server/radius-server.ts";
import type { Tally } from "../../src/radius/server/tally.ts";
import type { WorkQueueLimits } from "../../src/radius/server/work-queue.ts";

export const radiusSecret = "s3cret of the café";

/** One line of the server's log. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly fields: object;
  readonly sentence: string;
}

/** A RADIUS server whose decisions a test may replace at any time. */
export interface RadiusServerWorld {
  readonly server: RadiusServer;
  readonly authPort: number;
  readonly acctPort: number;
  /** The requests that were to be decided, and stored. */
  readonly asked: AccessRequest<ClientTrust>[];
  readonly reported: AccountingRequest<ClientTrust>[];
  /** The source address of each datagram. */
  readonly sources: string[];
  readonly lines: LogLine[];
  nowMs: number;
  authorize: (request: AccessRequest<ClientTrust>) => Promise<AccessAnswer>;
  account: (request: AccountingRequest<ClientTrust>) => Promise<"stored" | "ignored">;
  clients: Map<string, ClientTrust>;
  /** Resolves when the server has the outcome of so many datagrams, on both ports together. */
  settled(datagrams: number): Promise<void>;
  close(): Promise<void>;
}

/** Accounts that the world knows, with their passwords. */
export const passwords: Readonly<Record<string, string>> = {
  "john.smith": "demo-john-smith",
  jürgen: "pässwörd ✓",
  long: "0123456789abcdef".repeat(8),
  empty: "",
};

const decisionId = 1;

/** Accepts with these attributes, as the application does it: what cannot be encoded is a reject. */
export const acceptWith = (
  { replyContext }: Pick<AccessRequest<ClientTrust>, "replyContext">,
  attributes: readonly Pick<AttributeItem, "attribute" | "value">[] = [],
): AccessAnswer => {
  const reply = attributes.map((item) => ({ ...item, op: ":=" }));
  const encoded = encodeReply(reply, replyContext!);
  if ("fault" in encoded) return { outcome: "reject", decisionId, message: "No.", fault: encoded.fault };
  return { outcome: "accept", decisionId, reply, octets: encoded.octets, secret: undefined };
};

/** Accepts the right password, with two attributes; rejects others with a sentence. */
export const judgePassword = async (request: AccessRequest<ClientTrust>): Promise<AccessAnswer> => {
  const { attributes, credential } = request;
  const password = passwords[attributes["User-Name"]?.[0] ?? ""];
  const isRight =
    password !== undefined &&
    (credential.method === "pap"
      ? credential.password.equals(Buffer.from(password))
      : credential.method === "chap" && provesPassword(credential, password));
  return isRight
    ? acceptWith(request, [
        { attribute: "Session-Timeout", value: "3600" },
        { attribute: "WISPr-Bandwidth-Max-Down", value: "50000000" },
      ])
    : { outcome: "reject", decisionId, message: "Wrong name or password" };
};

const isCounted = (tally: Readonly<Tally>): number =>
  Object.entries(tally).reduce((sum, [outcome, count]) => (outcome === "received" || outcome === "superseded" ? sum : sum + count), 0);

export const openRadiusServerWorld = async (
  options: { limits?: WorkQueueLimits; places?: Partial<RadiusServerPlaces>; sharesPorts?: boolean } = {},
): Promise<RadiusServerWorld> => {
  const lines: LogLine[] = [];
  const write = (level: LogLine["level"]) => (fields: object, sentence: string) => void lines.push({ level, fields, sentence });
  const clock: Clock = { nowMs: () => world.nowMs };
  const server = createRadiusServer<ClientTrust>({
    sharesPorts: options.sharesPorts ?? false,
    ports: {
      sourceOf: (address) => {
        world.sources.push(address);
        return { clients: [world.clients.get(address) ?? []].flat(), isShared: false };
      },
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
  const portOf = (name: "authentication" | "accounting") => server.addresses().find((address) => address.name === name)?.port ?? 0;
  const client: ClientTrust = { id: 1, name: "cafe-1", secret: Buffer.from(radiusSecret), requiresMessageAuthenticator: true };
  const world: RadiusServerWorld = {
    server,
    get authPort() {
      return portOf("authentication");
    },
    get acctPort() {
      return portOf("accounting");
    },
    asked: [],
    reported: [],
    sources: [],
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
        const { authentication, accounting } = server.tallies();
        const received = authentication.received + accounting.received;
        if (received >= datagrams && isCounted(authentication) + isCounted(accounting) >= received) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    close: () => server.close(),
  };
  await server.open();
  return world;
};
