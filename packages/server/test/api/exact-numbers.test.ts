import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type Answer, onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("a number that JSON cannot keep", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const refused = (answer: Answer, ...fields: string[]) => {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body.errors), fields);
  };
  const send = (method: string, path: string, raw: string, headers = {}) => world.request(method, path, { raw, headers });

  it("is refused by its dotted name in free JSON, at every door", async () => {
    const made = await world.post("/user/", { username: "numbers", aaa_profile: { n: 1 } });
    const user = made.body.id as number;
    const extra = (await world.post("/user_extra/", { parent: user, preferences: { n: 1 } })).body.id as number;
    const n = '{"n":8944500102198304826,"list":[{"deep":1e400}]}';
    const at = (prefix: string) => [`${prefix}.n`, `${prefix}.list.0.deep`];
    refused(await send("POST", "/user/", `{"username":"other","aaa_profile":${n}}`), ...at("aaa_profile"));
    refused(await send("POST", "/user/", `[{"username":"other"},{"username":"another","aaa_profile":${n}}]`), ...at("1.aaa_profile"));
    refused(await send("PUT", `/user/${user}/`, `{"username":"numbers","aaa_profile":${n}}`), ...at("aaa_profile"));
    refused(await send("PATCH", `/user/${user}/`, `{"aaa_profile":${n}}`), ...at("aaa_profile"));
    refused(await send("PATCH", "/user/", `[{"id":${user},"aaa_profile":${n}}]`), ...at("0.aaa_profile"));
    const merge = { "content-type": "application/merge-patch+json" };
    refused(await send("PATCH", `/user/${user}/`, `{"aaa_profile":${n}}`, merge), ...at("aaa_profile"));
    refused(await send("PATCH", `/user_extra/${extra}/`, `{"custom_fields":${n}}`), ...at("custom_fields"));
    refused(await send("PUT", `/user_extra/${extra}/`, `{"parent":${user},"preferences":${n}}`), ...at("preferences"));
    refused(await send("PATCH", "/user_extra/", `[{"id":${extra},"preferences":${n}}]`), ...at("0.preferences"));
    const app = `{"user_id":${user},"preferences":${n}}`;
    for (const body of [app, `{"data":${app}}`, JSON.stringify({ data: app })]) {
      refused(await send("POST", "/device_app_user_update/", body), ...at("preferences"));
    }
    assert.deepEqual((await world.get(`/user/${user}/`)).body.aaa_profile, { n: 1 });
    assert.deepEqual((await world.get(`/user_extra/${extra}/`)).body.preferences, { n: 1 });
  });

  it("is refused in a field of its own, and never rounded to one that fits", async () => {
    for (const number of ["9007199254740993", "3600.00000000000000001", "1e400", "9007199254740992"]) {
      refused(await send("PATCH", "/user_token/2/", `{"user_time":${number}}`), "user_time");
      refused(await send("POST", "/user_extra/", `{"parent":${number}}`), "parent");
      refused(await send("PATCH", "/user/", `[{"id":${number},"first_name":"x"}]`), "0.id");
    }
    assert.equal((await world.get("/user/?limit=9007199254740993")).status, 200, "a limit is cut");
    assert.equal((await world.get("/user/9007199254740993/")).status, 404);
  });

  it("that JSON does keep comes back equal", async () => {
    const numbers = "[1.0,1e2,-0.5,0.1,9007199254740991,9007199254740994,123456789012345680000,5e-324,1.7976931348623157e308]";
    const answer = await send("PATCH", "/user/2/", `{"aaa_profile":{"numbers":${numbers}}}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const shown = (await world.get("/user/2/")).body.aaa_profile.numbers as number[];
    assert.deepEqual(shown, JSON.parse(numbers));
    refused(await send("PATCH", "/user/2/", '{"aaa_profile":{"number":-0}}'), "aaa_profile.number");
  });
});
