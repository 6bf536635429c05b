import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { hash as bcrypt } from "@node-rs/bcrypt";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { createGoodLogins } from "../../../src/modules/network/network-access/good-login.service.ts";
import { ask, makeAccount, makeClient } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("what a good login leaves behind", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    client = await makeClient(world, cafe.id);
  });
  after(() => world.close());

  const user = (username: string, password = "secret") => makeAccount(world, { username, organization: cafe.id, password });
  const accountOf = async (id: number) => (await world.app.work.for(cafe.scope).accessFacts.findById(id))!;
  const secretOf = async (id: number) => world.app.work.for(cafe.scope).reversibleSecrets.find(await accountOf(id));
  const keep = async (reversible_secrets: boolean) =>
    assert.equal((await world.patch(`/organization/${cafe.id}/`, { reversible_secrets })).status, 200);
  const login = async (userName: string, password: Buffer) => {
    const answer = await ask(world, client, { userName, credential: { method: "pap", password } });
    await world.app.flush();
    return answer.outcome;
  };

  it("is nothing of a password that its scheme has not read whole, neither hash nor secret", async () => {
    await keep(true);
    const own = "p".repeat(80);
    const cases: readonly (readonly [name: string, own: string, shown: string, isLearned: boolean])[] = [
      ["longer", own, `${own.slice(0, 72)}other`, false],
      ["exactly-72", own, own.slice(0, 72), false],
      ["its-own-80", own, own, false],
      ["of-71", own.slice(0, 71), own.slice(0, 71), true],
      ["short", "secret", "secret", true],
    ];
    for (const [name, password, shown, isLearned] of cases) {
      const imported = await bcrypt(password, 4);
      const id = await user(name, imported);
      assert.equal(await login(name, Buffer.from(shown)), "accept", name);
      const { passwordHash } = await accountOf(id);
      assert.equal(passwordHash !== imported, isLearned, name);
      assert.equal(await secretOf(id), isLearned ? shown : undefined, name);
      assert.equal(await login(name, Buffer.from(password)), "accept", `${name}: whoever has the whole password still has`);
    }
    await keep(false);
  });

  it("is nothing of a password with a NUL, which bcrypt and HMAC fill up with", async () => {
    const django = "pbkdf2_sha256$1000$seasalt$iu5It6yih6GFRy6VtoTT5ehQJfOZ7AAmzOjP/WhRyAU=";
    const id = await user("django", django);
    assert.equal(await login("django", Buffer.from("s3cret-ä\u0000")), "accept", "HMAC takes it for the same");
    assert.equal((await accountOf(id)).passwordHash, django);
    assert.equal(await login("django", Buffer.from("s3cret-ä")), "accept");
    assert.notEqual((await accountOf(id)).passwordHash, django);
  });

  it("is the reversible secret of an organization that keeps such only since, though the login is remembered", async () => {
    const id = await user("remembered");
    assert.equal(await login("remembered", Buffer.from("secret")), "accept");
    for (let turn = 0; turn < 2; turn += 1) {
      await keep(true);
      assert.equal(await secretOf(id), undefined);
      assert.equal(await login("remembered", Buffer.from("secret")), "accept");
      assert.equal(await secretOf(id), "secret");
      await keep(false);
      assert.equal(await login("remembered", Buffer.from("secret")), "accept");
      assert.equal(await secretOf(id), undefined);
    }
  });

  it("asks the database once for each account, not at each login", async () => {
    const id = await user("often");
    await keep(true);
    let units = 0;
    const { app } = world;
    const run: typeof app.work.run = (caller, unit) => {
      units += 1;
      return app.work.run(caller, unit);
    };
    const goodLogins = createGoodLogins({
      work: { ...app.work, run },
      directory: app.services.organizations.directory,
      journal: { addDecision() {}, noteLogin() {}, noteContact() {}, flush: async () => {} },
      hasher: app.services.passwords.hasher,
      passwords: { remember() {} },
      onFailure: (error) => assert.fail(String(error)),
    });
    const account = await accountOf(id);
    const verified = { password: Buffer.from("secret"), isOutdated: false };
    for (let turn = 0; turn < 5; turn += 1) {
      for (let login = 0; login < 5; login += 1) goodLogins.note(account, 1, verified);
      await goodLogins.settle();
    }
    assert.equal(units, 1);
    assert.equal(await secretOf(id), "secret");
    await world.patch(`/user/${id}/`, { password: await bcrypt("another", 4) });
    assert.equal(await secretOf(id), undefined);
    goodLogins.note({ ...account, passwordHash: `${account.passwordHash} as it was` }, 1, verified);
    await goodLogins.settle();
    assert.equal(await secretOf(id), undefined, "a password that was replaced meanwhile is not kept");
    goodLogins.note(await accountOf(id), 1, { password: Buffer.from([0xff, 0xfe]), isOutdated: false });
    await goodLogins.settle();
    assert.equal(await secretOf(id), undefined, "bytes that are no text are not kept as another text");
    await keep(false);
  });
});
