import assert from "node:assert/strict";
import type { World } from "./world.ts";

interface Answer {
  readonly status: number;
  readonly body: { code: string; errors?: object };
}

let made = 0;

/** Makes an organization with a slug of its own, below the token's or as the fields say, and returns it as the API shows it. */
export const makeOrganization = async (world: World, token: string, fields: Record<string, unknown> = {}) => {
  made += 1;
  const answer = await world.post("/organization/", { slug: `place-${made}`, name: `Place ${made}`, ...fields }, { token });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
};

/** The problem document of a refusal with this status, and with faults of this field alone where one is given. */
export const refused = async (answer: Promise<Answer>, status: number, field?: string) => {
  const { status: got, body } = await answer;
  assert.equal(got, status, JSON.stringify(body));
  if (field !== undefined) assert.deepEqual(Object.keys(body.errors ?? {}), [field], JSON.stringify(body));
  return body as { code: string; detail: string };
};
