import assert from "node:assert/strict";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import type { AccessAnswer, Credential } from "../../src/modules/network/network-access/index.ts";
import type { World } from "./world.ts";

let made = 0;

/** Makes an AAA client of an organization with an address of its own, as the world serves it. */
export const makeClient = async (world: World, organization: number | string = 1, fields: object = {}): Promise<AaaClient> => {
  made += 1;
  const body = { short_name: `ap-${made}`, address: `198.51.${made >> 8}.${made & 255}`, secret: "testing123", organization, ...fields };
  const answer = await world.post("/aaa_client/", body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return world.app.network.clientTable.get(answer.body.id)!;
};

/** Makes an account through `/user_token/`; its password is `secret` unless said otherwise. Returns its id. */
export const makeAccount = async (world: World, fields: { username: string; [field: string]: unknown }): Promise<number> => {
  const answer = await world.post("/user_token/", { password: "secret", ...fields });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
};

export const pap = (password: string): Credential => ({ method: "pap", password: Buffer.from(password) });

export interface Asking {
  readonly userName: string;
  readonly credential?: Credential;
  /** Calling-Station-Id. */
  readonly device?: string;
  readonly attributes?: Record<string, string[]>;
}

/** Asks as a client does. */
export const ask = (
  world: World,
  client: AaaClient,
  { userName, credential = pap("secret"), device, attributes = {} }: Asking,
): Promise<AccessAnswer> =>
  world.app.network.access.authorize({
    client,
    door: "radius",
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
  await world.app.network.flush();
  const { status, body } = await world.get(`/access_decision/${answer.decisionId}/`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

/** Why a client was refused. */
export const reasonOf = async (world: World, answer: AccessAnswer): Promise<string | null> => (await decisionOf(world, answer)).reason;
