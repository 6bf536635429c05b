import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the store of the installation", (open) => {
  let world: World;
  let tenants: { mine: Tenant; foreign: Tenant };
  before(async () => {
    world = await open();
    tenants = await makeTenants(world);
  });
  after(() => world.close());

  it("gives a name to one of many who claim it together, whichever tenant they are: it belongs to none", async () => {
    const claims = Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? tenants.mine : tenants.foreign).write((tx) => tx.installation.claim("contested", String(index))),
    );
    assert.equal((await Promise.all(claims)).filter((isMine) => isMine).length, 1);
    assert.equal(await tenants.mine.write((tx) => tx.installation.claim("contested", "late")), false);
  });

  it("forgets a claim whose unit fails", async () => {
    const failing = tenants.mine.write(async (tx) => {
      assert.equal(await tx.installation.claim("undone", "1"), true);
      throw new Error("on purpose");
    });
    await assert.rejects(failing, /on purpose/);
    assert.equal(await tenants.mine.write((tx) => tx.installation.claim("undone", "2")), true);
  });

  it("finds what was kept last, whichever tenant kept it: it belongs to none", async () => {
    const { mine, foreign } = tenants;
    assert.equal(await mine.write((tx) => tx.installation.find("fact")), undefined);
    await mine.write((tx) => tx.installation.keep("fact", "first"));
    await foreign.write((tx) => tx.installation.keep("fact", "second"));
    assert.equal(await mine.write((tx) => tx.installation.find("fact")), "second");
  });
});
