import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { SecretOwner } from "../../src/modules/accounts/reversible-secrets/index.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the store of reversible secrets", (open) => {
  let world: World;
  let mine: Tenant;
  let strangers: Tenant[];
  let owner: SecretOwner;
  before(async () => {
    world = await open();
    const { mine: own, neighbour, foreign } = await makeTenants(world);
    mine = own;
    strangers = [neighbour, foreign];
    for (const tenant of [mine, neighbour]) await world.patch(`/organization/${tenant.id}/`, { reversible_secrets: true });
    const { body } = await world.post("/user/", { username: "chap" }, { token: mine.token });
    owner = { id: body.id, namespaceId: mine.namespaceId, organizationId: mine.id };
  });
  after(() => world.close());

  const found = () => mine.stores.reversibleSecrets.find(owner);

  it("replace and find: sealed, for the account alone", async () => {
    assert.equal(await found(), undefined);
    await mine.write((tx) => tx.reversibleSecrets.replace([{ owner, password: "pä ss" }]));
    assert.equal(await found(), "pä ss");
    const { secret } = await world.app.database.reader.selectFrom("reversible_secret").select("secret").executeTakeFirstOrThrow();
    assert.doesNotMatch(secret, /p. ss/);
    assert.throws(() => world.app.secretBox.open(secret, `reversible_secret/${owner.namespaceId}/${owner.id + 1}`));
    await mine.write((tx) => tx.reversibleSecrets.replace([{ owner, password: "second" }]));
    assert.equal(await found(), "second");
    for (const stranger of strangers) assert.equal(await stranger.stores.reversibleSecrets.find(owner), undefined);
  });

  it("replace: changes nothing out of sight, and removes what null replaces", async () => {
    for (const stranger of strangers) {
      await stranger.write((tx) => tx.reversibleSecrets.replace([{ owner, password: "stolen" }]));
      await stranger.write((tx) => tx.reversibleSecrets.replace([{ owner, password: null }]));
      assert.equal(await found(), "second");
    }
    await mine.write((tx) => tx.reversibleSecrets.replace([{ owner, password: null }]));
    assert.equal(await found(), undefined);
  });

  it("eraseUnwanted: what the account's organization does not keep, in sight", async () => {
    await mine.write((tx) => tx.reversibleSecrets.replace([{ owner, password: "third" }]));
    await mine.write((tx) => tx.reversibleSecrets.eraseUnwanted([owner]));
    assert.equal(await found(), "third");
    const flag = (value: boolean) =>
      world.app.database.write((handle) =>
        handle.updateTable("organization").set({ reversible_secrets: value }).where("id", "=", mine.id).execute(),
      );
    await flag(false);
    for (const stranger of strangers) await stranger.write((tx) => tx.reversibleSecrets.eraseUnwanted([owner]));
    assert.equal(await found(), "third");
    await mine.write((tx) => tx.reversibleSecrets.eraseUnwanted([owner]));
    assert.equal(await found(), undefined);
    await mine.write((tx) => tx.reversibleSecrets.replace([{ owner, password: "not kept" }]));
    assert.equal(await found(), undefined);
    await flag(true);
  });

  it("eraseOf: the accounts of one organization, in sight", async () => {
    await mine.write((tx) => tx.reversibleSecrets.replace([{ owner, password: "fourth" }]));
    for (const stranger of strangers) await stranger.write((tx) => tx.reversibleSecrets.eraseOf(mine));
    await mine.write((tx) => tx.reversibleSecrets.eraseOf({ id: mine.id + 1_000, namespaceId: mine.namespaceId }));
    assert.equal(await found(), "fourth");
    await mine.write((tx) => tx.reversibleSecrets.eraseOf(mine));
    assert.equal(await found(), undefined);
  });
});
