import assert from "node:assert/strict";
import type { AccessAnswer, Credential } from "../../src/aaa/words/access-request.ts";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import type { World } from "./world.ts";

let made = 0;

/** Makes an AAA client of an organization with an address of its own, as the world serves it. */
export const makeClient = async (world: World, organization: number | string = 1, fields: object = {}): Promise<AaaClient> => {
  made += 1;
  const body = { short_name: `ap-${made}`, address: `198.51.${made >> 8}.${made & 255}`, secret: "testing123", organization, ...fields };
  const answer = await world.post("/aaa_client/", body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return world.app.services.aaaClients.table.get(answer.body.id)!;
};

/** Makes an account through `/user_token/`; its password is `secret` unless said otherwise. Returns its id. */
export const makeAccount = async (world: World, fields: { username: string; [field: string]: unknown }): Promise<number> => {
  const answer = await world.post("/user_token/", { password: "secret", ...fields });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
};

/** Writes a profile's lists as they could be stored before they were judged, under everything that judges them now. */
export const storeUnjudged = (world: World, shortName: string, lists: { check?: readonly object[]; reply?: readonly object[] }) =>
  world.app.database.write((handle) =>
    handle
      .updateTable("aaa_profile")
      .set({ check_attributes: JSON.stringify(lists.check ?? []), reply_attributes: JSON.stringify(lists.reply ?? []) })
      .where("short_name", "=", shortName)
      .execute(),
  );

export const pap = (password: string): Credential => ({ method: "pap", password: Buffer.from(password) });

export interface Asking {
  readonly userName: string;
  readonly credential?: Credential;
  /** Calling-Station-Id. */
  readonly device?: string;
  readonly attributes?: Record<string, string[]>;
}

/** Asks as a client does. */
export const ask = async (
  world: World,
  client: AaaClient,
  { userName, credential = pap("secret"), device, attributes = {} }: Asking,
): Promise<AccessAnswer> =>
  world.app.services.networkAccess.access.authorize({
    client,
    source: "radius",
    userName,
    credential,
    attributes: { ...attributes, ...(device === undefined ? {} : { "Calling-Station-Id": [device] }) },
  });

/** What an Accept carries under a name; fails on a Reject. */
export const replied = (answer: AccessAnswer, name: string): string | undefined => {
  assert.equal(answer.outcome, "accept", JSON.stringify(answer));
  return answer.outcome === "accept" ? answer.reply.find((item) => item.attribute === name)?.value : undefined;
};

/** The kept decision that an answer came from. */
export const decisionOf = async (world: World, answer: AccessAnswer) => {
  await world.app.flush();
  const { status, body } = await world.get(`/access_decision/${answer.decisionId}/`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

/** Why a client was refused. */
export const reasonOf = async (world: World, answer: AccessAnswer): Promise<string | null> => (await decisionOf(world, answer)).reason;

/** What a test wants an Accounting-Request to say; the rest is as equipment says it. */
export interface Reporting {
  readonly id: string;
  readonly userName?: string;
  readonly device?: string;
  /** Acct-Session-Time. */
  readonly seconds?: number;
  /** Event-Timestamp, milliseconds since 1970. */
  readonly eventMs?: number;
  /** When the packet arrives; the world's now where it is left out. */
  readonly receivedAtMs?: number;
  readonly attributes?: Record<string, string[]>;
}

/** Reports as a client does. */
export const report = (world: World, client: AaaClient, status: string, { id, ...said }: Reporting): Promise<"stored" | "ignored"> =>
  world.app.services.sessions.accounting.account({
    client,
    sourceAddress: "198.51.100.1",
    receivedAtMs: said.receivedAtMs ?? Date.now(),
    attributes: {
      "Acct-Status-Type": [status],
      "Acct-Session-Id": [id],
      ...(said.userName === undefined ? {} : { "User-Name": [said.userName] }),
      ...(said.device === undefined ? {} : { "Calling-Station-Id": [said.device] }),
      ...(said.seconds === undefined ? {} : { "Acct-Session-Time": [String(said.seconds)] }),
      ...(said.eventMs === undefined ? {} : { "Event-Timestamp": [new Date(said.eventMs).toISOString()] }),
      ...said.attributes,
    },
  });

/** The sessions that the API shows, by the filters given. */
export const sessionsIn = async (world: World, query = "", token?: string) => {
  const { status, body } = await world.get(`/aaa_accounting/?limit=100&${query}`, token === undefined ? {} : { token });
  assert.equal(status, 200, JSON.stringify(body));
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return body.results as any[];
};

export const balanceOf = async (world: World, userId: number): Promise<number | null> =>
  (await world.get(`/user_token/${userId}/?balance=true`)).body.user_time;

/** Fails unless the rows of a user's ledger add up to the balance; returns them. */
export const provedLedger = async (world: World, userId: number) => {
  const { body } = await world.get(`/user_token/${userId}/time_ledger/?limit=100`);
  const rows = body.results as { delta: number; session: number | null; is_growing: boolean; balance_after: number | null }[];
  assert.equal(
    rows.reduce((sum, row) => sum + row.delta, 0),
    (await balanceOf(world, userId)) ?? 0,
  );
  return rows;
};
