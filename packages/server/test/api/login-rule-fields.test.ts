import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("login rules", (open) => {
  let world: World;
  let tenant: Tenant;
  let beside: Tenant;
  let below: Tenant;
  before(async () => {
    world = await open();
    tenant = await makeTenant(world, "tenant");
    beside = await makeTenant(world, "beside");
    below = await makeTenant(world, "below", { parent: tenant.id });
  });
  after(() => world.close());

  const put = (login_rules: unknown, token = tenant.token) => world.patch(`/organization/${tenant.id}/`, { login_rules }, { token });

  it("are shown with ids and defaults, change the version, stay when left out, and are seen by nobody else", async () => {
    const before = await world.get(`/organization/${tenant.id}/`);
    const set = await put([
      { realm: null, organization: "tenant" },
      { realm: "B", organization: "below", strip: false },
    ]);
    assert.deepEqual(set.body.login_rules, [
      { realm: null, organization: tenant.id, strip: true },
      { realm: "B", organization: below.id, strip: false },
    ]);
    assert.notEqual(set.headers["etag"], before.headers["etag"]);
    const again = await put(set.body.login_rules);
    assert.equal(again.headers["etag"], set.headers["etag"]);
    const replaced = await world.put(`/organization/${tenant.id}/`, { slug: "tenant", name: "x" }, { token: tenant.token });
    assert.deepEqual(replaced.body.login_rules, set.body.login_rules);
    assert.equal((await world.get(`/organization/${tenant.id}/`, { token: beside.token })).status, 404);
    assert.equal((await world.get(`/organization/${below.id}/`, { token: below.token })).body.login_rules.length, 0);
    assert.deepEqual((await put([])).body.login_rules, []);
  });

  it("may come with the organization that has them, which then names itself", async () => {
    const body = { slug: "ruled", name: "Ruled", login_rules: [{ realm: null, organization: "ruled" }] };
    const made = await world.post("/organization/", body, { token: tenant.token });
    assert.deepEqual([made.status, made.body.login_rules], [201, [{ realm: null, organization: made.body.id, strip: true }]]);
    const other = await world.post("/organization/", { ...body, slug: "ruled-2" }, { token: tenant.token });
    assert.deepEqual(Object.keys(other.body.errors), ["login_rules.0.organization"]);
  });

  it("name every fault by its place: unknown and foreign organizations, realms that repeat, too many", async () => {
    const faults = async (login_rules: unknown) => {
      const answer = await put(login_rules);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      return Object.keys(answer.body.errors).sort();
    };
    for (const organization of ["nowhere", 999_999, beside.id, "beside", 1, "acme_corp"]) {
      assert.deepEqual(
        await faults([
          { realm: null, organization: below.id },
          { realm: "x", organization },
        ]),
        ["login_rules.1.organization"],
      );
    }
    const own = { organization: tenant.id };
    assert.deepEqual(
      await faults([
        { realm: "Straße", ...own },
        { realm: "STRASSE", ...own },
      ]),
      ["login_rules.1.realm"],
    );
    assert.deepEqual(
      await faults([
        { realm: null, ...own },
        { realm: null, ...own },
      ]),
      ["login_rules.1.realm"],
    );
    for (const realm of ["", "a@b", "a\\b", "a b", "x".repeat(254), 7, "a\u0000"]) {
      assert.deepEqual(await faults([{ realm, ...own }]), ["login_rules.0.realm"], JSON.stringify(realm));
    }
    assert.deepEqual(await faults([{ realm: "x" }]), ["login_rules.0.organization"]);
    assert.deepEqual(await faults([own]), ["login_rules.0.realm"]);
    assert.deepEqual(await faults([{ realm: "x", ...own, stripp: true }]), ["login_rules.0.stripp"]);
    assert.deepEqual(await faults([{ realm: "x", ...own, strip: "yes" }]), ["login_rules.0.strip"]);
    assert.deepEqual(await faults(Array.from({ length: 101 }, (_, index) => ({ realm: `r${index}`, ...own }))), ["login_rules"]);
    for (const wrong of [null, {}, "x"]) assert.deepEqual(await faults(wrong), ["login_rules"]);
    assert.equal((await put(Array.from({ length: 100 }, (_, index) => ({ realm: `r${index}`, ...own })))).status, 200);
  });
});
