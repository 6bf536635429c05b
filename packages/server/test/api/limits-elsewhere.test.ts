import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("limits of FreeRADIUS' users in a check list", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  for (const [attribute, instead] of [
    ["Login-Time", "plans"],
    ["Expiration", "field expiration"],
    ["expiration", "field expiration"],
    ["Max-Daily-Session", "user_time"],
    ["Max-Monthly-Session", "user_time"],
    ["Max-All-Session", "user_time"],
    ["Max-Daily-Octets", "quotas of octets"],
    ["Max-Daily-Traffic", "quotas of octets"],
    ["Max-Total-Octets", "quotas of octets"],
    ["Max-Monthly-Traffic", "quotas of octets"],
  ] as const) {
    it(`${attribute} is refused with what to use instead`, async () => {
      const { status, body } = await world.post("/aaa_profile/", { short_name: "limited", check: [{ attribute, op: ":=", value: "1" }] });
      assert.equal(status, 400);
      assert.match(JSON.stringify(body), new RegExp(instead));
    });
  }

  it("unknown fields and query parameters are refused with those that are known", async () => {
    const body = await world.post("/aaa_profile/", { short_name: "limited", colour: "red" });
    assert.equal(body.status, 400);
    assert.match(JSON.stringify(body.body), /Unknown field\. Known: .*short_name/);
    const query = await world.get("/user_token/?colour=red");
    assert.equal(query.status, 400);
    assert.match(JSON.stringify(query.body), /Unknown query parameter\. Known: .*limit.*username/);
    const meant = await world.get("/user_token/?usernam=red");
    assert.match(JSON.stringify(meant.body), /Did you mean username\? Known: /);
  });
});
