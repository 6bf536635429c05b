import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("an organization that keeps reversible secrets", (open) => {
  let world: World;
  let keeping: Tenant;
  let plain: Tenant;
  before(async () => {
    world = await open();
    keeping = await makeTenant(world, "keeping", { reversible_secrets: true });
    plain = await makeTenant(world, "plain");
  });
  after(() => world.close());

  const secretOf = (id: number, organization = keeping) =>
    world.app.work.for(organization.scope).reversibleSecrets.find({ id, namespaceId: 1, organizationId: organization.id });
  const userOf = async (organization: Tenant, fields: object) => {
    const { body, status } = await world.post("/user/", { organization: organization.id, ...fields });
    assert.equal(status, 201, JSON.stringify(body));
    return body.id as number;
  };

  it("shows that it does, and others that they do not", async () => {
    assert.equal((await world.get(`/organization/${keeping.id}/`)).body.reversible_secrets, true);
    assert.equal((await world.get(`/organization/${plain.id}/`)).body.reversible_secrets, false);
    const put = await world.put(`/organization/${keeping.id}/`, { slug: "keeping", name: "Keeping" });
    assert.equal(put.body.reversible_secrets, true, "PUT leaves it when it is left out");
  });

  it("has both the hash and the secret of a password set in clear, by whichever way it is set", async () => {
    const id = await userOf(keeping, { username: "both", password: "first" });
    assert.equal(await secretOf(id), "first");
    await world.patch(`/user_token/${id}/`, { password: "second" });
    assert.equal(await secretOf(id), "second");
    await world.put(`/user/${id}/`, { username: "both" });
    assert.equal(await secretOf(id), "second");
    await world.post("/device_app_user_update/", { data: { username: "both", password: "third" } });
    assert.equal(await secretOf(id), "third");
    const rows = await world.patch("/user/", [{ id, password: "fourth" }]);
    assert.equal(rows.status, 200);
    assert.equal(await secretOf(id), "fourth");
    const { body } = await world.get(`/user/${id}/`);
    assert.doesNotMatch(JSON.stringify(body), /fourth/);
  });

  it("has none of a hash, and none any more once the password is removed or replaced by a hash", async () => {
    const hash = `$2b$05$${"x".repeat(53)}`;
    const id = await userOf(keeping, { username: "hashed", password: hash });
    assert.equal(await secretOf(id), undefined);
    for (const password of [hash, null]) {
      await world.patch(`/user/${id}/`, { password: "clear" });
      assert.equal(await secretOf(id), "clear");
      await world.patch(`/user/${id}/`, { password });
      assert.equal(await secretOf(id), undefined);
    }
  });

  it("is the only one that has any; accounts that move away lose theirs, and deleted ones, too", async () => {
    assert.equal(await secretOf(await userOf(plain, { username: "plain", password: "x" }), plain), undefined);
    const id = await userOf(keeping, { username: "mover", password: "x" });
    await world.patch(`/user/${id}/`, { organization: plain.id });
    assert.equal(await secretOf(id, plain), undefined);
    await world.patch(`/user/${id}/`, { organization: keeping.id, password: "back" });
    assert.equal(await secretOf(id), "back");
    await world.delete(`/user/${id}/`);
    assert.equal(await secretOf(id), undefined);
  });

  it("erases them when it opts out", async () => {
    const id = await userOf(keeping, { username: "last", password: "x" });
    assert.equal((await world.patch(`/organization/${keeping.id}/`, { reversible_secrets: false })).status, 200);
    assert.equal(await secretOf(id), undefined);
    await world.patch(`/organization/${keeping.id}/`, { reversible_secrets: true });
    assert.equal(await secretOf(id), undefined);
  });
});
