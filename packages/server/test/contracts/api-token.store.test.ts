import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type ApiToken, hashToken } from "../../src/modules/foundation/api-tokens/index.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("API token store", (open) => {
  let world: World;
  let mine: Tenant;
  let others: Tenant[];
  let token: ApiToken;
  before(async () => {
    world = await open();
    const tenants = await makeTenants(world);
    mine = tenants.mine;
    others = [tenants.neighbour, tenants.foreign];
    token = (await mine.stores.apiTokens.findByHash(hashToken(mine.token)))!;
  });
  after(() => world.close());
  const everyone = () => world.app.work.acrossTenants("the test looks at what is stored").apiTokens;
  const here = () => ({ id: mine.id, namespaceId: mine.namespaceId });

  it("finds a token by id and by hash; another tenant sees nothing", async () => {
    assert.equal((await mine.stores.apiTokens.find(token.id))?.name, "mine");
    for (const other of others) {
      assert.equal(await other.stores.apiTokens.find(token.id), undefined);
      assert.equal(await other.stores.apiTokens.findByHash(hashToken(mine.token)), undefined);
    }
  });

  it("locks a token; another tenant sees nothing", async () => {
    assert.equal((await mine.write((tx) => tx.apiTokens.lock(token.id)))?.id, token.id);
    for (const other of others) assert.equal(await other.write((tx) => tx.apiTokens.lock(token.id)), undefined);
  });

  it("lists the tokens of the scope, or of one organization; another tenant sees nothing", async () => {
    for (const filters of [{}, { organization: here() }]) {
      const page = await mine.stores.apiTokens.list(filters, firstPage);
      assert.deepEqual(
        page.rows.map((row) => row.id),
        [token.id],
      );
      assert.equal(page.count, 1);
    }
    for (const other of others) {
      assert.equal((await other.stores.apiTokens.list({ organization: here() }, firstPage)).count, 0);
      const ids = (await other.stores.apiTokens.list({}, firstPage)).rows.map((row) => row.id);
      assert.ok(!ids.includes(token.id));
    }
  });

  it("knows whether a scope ever had a token; another tenant's do not count", async () => {
    assert.equal(await mine.stores.apiTokens.hasAny(), true);
    const empty = (await world.post("/organization/", { slug: "empty", name: "Empty", own_usernames: true })).body.id;
    const scope = (await world.app.services.organizations.directory.current()).scopeOf(empty);
    assert.equal(await world.app.work.for(scope).apiTokens.hasAny(), false);
  });

  it("inserts a token; another tenant sees nothing", async () => {
    const id = await world.app.ids.take("api_token");
    await mine.write((tx) => tx.apiTokens.insert({ ...token, id, name: "second", tokenHash: hashToken("second"), nowMs: tx.nowMs }));
    assert.equal((await mine.stores.apiTokens.find(id))?.name, "second");
    for (const other of others) assert.equal(await other.stores.apiTokens.find(id), undefined);
  });

  it("updates a token and counts the version; another tenant changes nothing", async () => {
    for (const other of others) await other.write((tx) => tx.apiTokens.update(token, { name: "stolen" }, tx.nowMs));
    assert.equal((await everyone().find(token.id))?.name, "mine");
    await mine.write((tx) => tx.apiTokens.update(token, { name: "renamed", scopes: ["user:read"] }, tx.nowMs));
    const changed = await everyone().find(token.id);
    assert.deepEqual([changed?.name, changed?.scopes, changed?.version], ["renamed", ["user:read"], 2]);
  });

  it("notes the latest use and leaves the version alone; another tenant notes nothing", async () => {
    const before = (await everyone().find(token.id))!;
    for (const other of others) await other.write((tx) => tx.apiTokens.noteUse(new Map([[token.id, 9_000]])));
    assert.equal((await everyone().find(token.id))?.lastUsedAtMs, before.lastUsedAtMs);
    await mine.write((tx) => tx.apiTokens.noteUse(new Map([[token.id, 9_000]])));
    await mine.write((tx) => tx.apiTokens.noteUse(new Map([[token.id, 8_000]])));
    const used = (await everyone().find(token.id))!;
    assert.deepEqual([used.lastUsedAtMs, used.version], [9_000, before.version]);
  });

  it("shows a revoked token to nobody and deletes it with its organization alone; another tenant deletes nothing", async () => {
    const id = await world.app.ids.take("api_token");
    const revoked = { ...token, id, name: "revoked", tokenHash: hashToken("revoked") };
    await mine.write(async (tx) => {
      await tx.apiTokens.insert({ ...revoked, nowMs: tx.nowMs });
      await tx.apiTokens.update(revoked, { revokedAtMs: tx.nowMs }, tx.nowMs);
    });
    assert.equal(await everyone().find(id), undefined);
    assert.equal(await everyone().findByHash(hashToken("revoked")), undefined);
    const isKept = async () =>
      (await world.app.database.reader.selectFrom("api_token").select("id").where("id", "=", id).execute()).length === 1;
    for (const other of others) await other.write((tx) => tx.apiTokens.deleteRevoked(here()));
    assert.equal(await isKept(), true);
    await mine.write((tx) => tx.apiTokens.deleteRevoked(here()));
    assert.equal(await isKept(), false);
    assert.ok(await everyone().find(token.id), "a living token stays");
  });
});
