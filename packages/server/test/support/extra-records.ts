import assert from "node:assert/strict";
import type { Answer, World } from "./world.ts";

/** A body that assigns exactly these devices of the inventory. */
export const devices = (...names: string[]) => ({ device_info: { assigned_devices: names.map((device_id) => ({ device_id })) } });

/** The devices that an extra record shows, in its order. */
export const namesOf = (body: Answer["body"]) => body.device_info.assigned_devices.map((device: { device_id: string }) => device.device_id);

/** Holds an answer against a status and the fields that it must name. */
export const refusal = (answer: Answer, status: number, ...fields: string[]) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  for (const field of fields) assert.ok(answer.body.errors?.[field], `${field}: ${JSON.stringify(answer.body)}`);
};

/** Makes users of a world, and users with an extra record. */
export const extraRecords = (world: World) => {
  let made = 0;
  const newUser = async (organization: number | string = 1): Promise<number> => {
    made += 1;
    const answer = await world.post("/user/", { username: `extra-${made}`, organization });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const create = async (body: Record<string, unknown> = {}): Promise<Answer["body"]> => {
    const answer = await world.post("/user_extra/", { parent: await newUser(), ...body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  return { newUser, create };
};
