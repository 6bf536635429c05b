import assert from "node:assert/strict";
import type { World } from "./world.ts";

let rounds = 0;

/** Writes arrays of this size through every operation that takes them, and looks for some of the rows by their names; as the root if nobody else. */
export const writeArrays = async (world: World, size: number, token?: string): Promise<void> => {
  const as = token === undefined ? {} : { token };
  rounds += 1;
  const name = (index: number, kind: string) => `subscriber-of-the-town-${kind}${rounds}-${index}`;
  const rows = <Row>(make: (index: number) => Row): Row[] => Array.from({ length: size }, (_, index) => make(index));
  const asked = async (method: string, path: string, body: readonly unknown[]) => {
    const answer = await world.request(method, path, { body, ...as });
    assert.ok(answer.status === 200 || answer.status === 201, `${size} by ${method} ${path}: ${JSON.stringify(answer.body).slice(0, 500)}`);
    const made: { id: number }[] = answer.body.results ?? answer.body;
    assert.equal(made.length, size);
    return made.map(({ id }) => id);
  };
  const users = await asked(
    "POST",
    "/user/",
    rows((index) => ({ username: name(index, "u"), external_id: name(index, "x"), groups: ["a"] })),
  );
  await asked(
    "PATCH",
    "/user/",
    users.map((id, index) => ({ id, username: name(index, "v"), first_name: `Name ${index}`, groups: ["b", "c"] })),
  );
  const tokens = await asked(
    "POST",
    "/user_token/",
    rows((index) => ({ username: name(index, "t"), user_time: 600, password: "5ebe2294ecd0e0f08eab7690d2a6ee69", password_scheme: "md5" })),
  );
  await asked(
    "PATCH",
    "/user_token/",
    tokens.map((id, index) => ({ id, user_time: 700 + index, password: null })),
  );
  const devices = (index: number, kind: string) => ({
    assigned_devices: [{ device_id: name(index, `d${kind}`) }, { device_id: name(index, `e${kind}`) }],
  });
  const extras = await asked(
    "POST",
    "/user_extra/?device_info=true",
    users.map((parent, index) => ({ parent, city: "Porto", device_info: devices(index, "1") })),
  );
  await asked(
    "PATCH",
    "/user_extra/?device_info=true",
    extras.map((id, index) => ({ id, city: "Lisboa", device_info: devices(index, "2") })),
  );
  const branch = (await world.post("/organization/", { slug: `branch-${rounds}`, name: `Branch ${rounds}` }, as)).body.id;
  await asked(
    "PATCH",
    "/user/",
    users.map((id) => ({ id, organization: branch })),
  );
  await lookFor(world, name(0, "v"), users[0]!, as);
};

/** Looks for a row by its names, as the database does it among many of them. */
const lookFor = async (world: World, username: string, user: number, as: { readonly token?: string }): Promise<void> => {
  for (const path of [`/user/username/${username}/`, `/user/?username=${username}`, `/user_extra/?parent=${user}&device_info=true`])
    assert.equal((await world.get(path, as)).status, 200, path);
};
