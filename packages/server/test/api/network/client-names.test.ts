import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { names, shows } from "../../support/expect.ts";
import { grantAddresses, makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const hour = 60 * 60_000;
const secret = "a secret of many characters";
const coded = (code: string) => Object.assign(new Error(code), { code });

onEachDatabase("DNS names of AAA clients", (open) => {
  let world: World;
  let one: Tenant;
  let below: Tenant;
  let beside: Tenant;
  let other: Tenant;
  let nowMs = Date.parse("2030-01-01T00:00:00Z");
  /** What DNS says; what is not there does not exist. */
  const records = new Map<string, readonly string[] | Error>();
  const lines: { msg: string; name?: string; addresses?: string[]; refused?: string[] }[] = [];
  const asked: string[] = [];
  const lookup = {
    async resolve(name: string, family: 4 | 6) {
      asked.push(name);
      const found = records.get(name) ?? coded("ENOTFOUND");
      if (found instanceof Error) throw found;
      return found.filter((address) => address.includes(":") === (family === 6));
    },
    close() {},
  };
  before(async () => {
    world = await open({ clock: { nowMs: () => nowMs }, lookup, onLine: (line) => void lines.push(JSON.parse(line)) });
    one = await makeTenant(world, "one");
    below = await makeTenant(world, "below", { parent: one.id });
    beside = await makeTenant(world, "beside", { parent: one.id });
    other = await makeTenant(world, "other", { own_usernames: true });
    await grantAddresses(world, one.id, "10.1.0.0/16");
    await grantAddresses(world, other.id, "10.2.0.0/16");
  });
  after(() => world.close());
  beforeEach(() => {
    asked.length = 0;
    lines.length = 0;
  });

  let made = 0;
  const client = async (tenant: Tenant | undefined, fields: object) => {
    made += 1;
    const body = { short_name: `c-${made}`, secret, ...fields };
    return world.post("/aaa_client/", body, tenant ? { token: tenant.token } : {});
  };
  const makeClient = async (tenant: Tenant | undefined, fields: object): Promise<number> => {
    const answer = await client(tenant, fields);
    shows(answer, 201);
    return answer.body.id;
  };
  const refresh = () => world.app.services.aaaClients.names.refresh();
  const served = (address: string) => world.app.services.aaaClients.table.find(address)?.id;
  const resolved = async (id: number, tenant = other) =>
    (await world.get(`/aaa_client/${id}/`, { token: tenant.token })).body.resolved_addresses;
  const gives = async (id: number, tenant = other) =>
    (await resolved(id, tenant)).map((row: { addresses: string[]; refused: string[] }) => [row.addresses, row.refused]);

  it("are taken as RFC 1123 writes them, and shown in one spelling", async () => {
    const texts = ["a_b.net", "-a.net", "a..net", "10.2.0.300", "a.net/24", "", `${"a".repeat(64)}.net`, `${"a.".repeat(127)}b`];
    for (const text of texts) {
      names(await client(other, { address: "10.2.0.1", more_addresses: ["10.2.0.2", text] }), "more_addresses.1");
    }
    names(await client(other, { address: "ap.example.net" }), "address");
    names(await client(other, { address: "10.2.0.1", more_addresses: ["ap.example.net", "AP.example.net."] }), "more_addresses");
    const answer = await client(other, { address: "10.2.0.1", more_addresses: ["AP.Example.net.", "10.2.0.2"] });
    const unknown = { name: "ap.example.net", addresses: [], refused: [], resolved_at: null, failure: null };
    shows(answer, 201, { more_addresses: ["ap.example.net", "10.2.0.2"], resolved_addresses: [unknown] });
    const path = `/aaa_client/${answer.body.id}/`;
    const token = { token: other.token };
    shows(await world.patch(path, { more_addresses: ["b.example.net"] }, token), 200, { more_addresses: ["b.example.net"] });
    const { body } = await world.get(path, token);
    shows(await world.put(path, { ...body, more_addresses: ["c.example.net"] }, token), 200, { more_addresses: ["c.example.net"] });
    names(await world.patch(path, { more_addresses: ["c example"] }, token), "more_addresses.0");
    shows(await world.delete(path, token), 204);
  });

  it("give their client the addresses inside of its grants, and no others, each time that they are looked up", async () => {
    records.set("ap.example.net", ["10.2.5.1", "10.1.5.1", "203.0.113.1", "127.0.0.1", "169.254.0.1", "::1", "fe80::1", "0.0.0.0"]);
    const id = await makeClient(other, { address: "10.2.0.1", more_addresses: ["ap.example.net"] });
    await refresh();
    const refused = ["0.0.0.0", "10.1.5.1", "127.0.0.1", "169.254.0.1", "203.0.113.1", "::1", "fe80::1"];
    assert.deepEqual(await resolved(id), [
      { name: "ap.example.net", addresses: ["10.2.5.1"], refused, resolved_at: "2030-01-01T00:00:00Z", failure: null },
    ]);
    assert.deepEqual([served("10.2.0.1"), served("10.2.5.1")], [id, id]);
    for (const address of refused) assert.equal(served(address), undefined, address);
    const told = lines.filter(({ name }) => name === "ap.example.net");
    assert.deepEqual(
      told.map((line) => [line.addresses, line.refused]),
      [[["10.2.5.1"], refused]],
    );

    records.set("ap.example.net", ["10.2.5.2", "::ffff:10.2.5.3"]);
    await refresh();
    assert.deepEqual([served("10.2.5.1"), served("10.2.5.2"), served("10.2.5.3")], [undefined, id, id]);
    records.set("ap.example.net", ["::ffff:10.2.5.3", "10.2.5.2"]);
    lines.length = 0;
    const before = world.app.services.aaaClients.table.sourceOf("10.2.5.2");
    await refresh();
    assert.equal(world.app.services.aaaClients.table.sourceOf("10.2.5.2"), before, "the table is as it was: nothing changed but the order");
    assert.deepEqual(lines, []);
    assert.equal(asked.filter((name) => name === "ap.example.net").length, 6, "each family once each time");

    const list = await world.get("/aaa_client/", { token: other.token });
    const row = list.body.results.find((shown: { id: number }) => shown.id === id);
    assert.deepEqual(row.resolved_addresses[0].addresses, ["10.2.5.2", "10.2.5.3"]);
    assert.equal((await world.get(`/aaa_client/${id}/`, { token: one.token })).status, 404);
    shows(await world.delete(`/aaa_client/${id}/`, { token: other.token }), 204);
    assert.equal(served("10.2.5.2"), undefined);
  });

  it("follow what is granted, without a new look-up", async () => {
    records.set("far.example.net", ["192.0.2.77"]);
    const id = await makeClient(other, { address: "10.2.0.1", more_addresses: ["far.example.net"] });
    await refresh();
    assert.deepEqual(await gives(id), [[[], ["192.0.2.77"]]]);
    const grant = await grantAddresses(world, other.id, "192.0.2.0/24");
    assert.equal(served("192.0.2.77"), id);
    assert.equal((await world.delete(`/address_grant/${grant}/`)).status, 204, "a name is no use that keeps a grant");
    assert.equal(served("192.0.2.77"), undefined);
    await grantAddresses(world, other.id, "127.5.0.0/16");
    records.set("far.example.net", ["127.5.0.1"]);
    await refresh();
    assert.equal(served("127.5.0.1"), id, "loopback that is granted");
    shows(await world.delete(`/aaa_client/${id}/`, { token: other.token }), 204);
  });

  it("keep their addresses for an hour while nobody answers", async () => {
    records.set("kept.example.net", ["10.2.6.1", "2001:db8::6"]);
    const id = await makeClient(other, { address: "10.2.0.1", more_addresses: ["kept.example.net"] });
    await refresh();
    const began = nowMs;
    for (const code of ["ETIMEOUT", "ESERVFAIL", "ENOTFOUND"]) {
      records.set("kept.example.net", coded(code));
      nowMs += 10 * 60_000;
      await refresh();
      assert.equal(served("10.2.6.1"), id, code);
      const [row] = await resolved(id);
      assert.deepEqual([row.failure, Date.parse(row.resolved_at)], [`A: ${code}; AAAA: ${code}`, began]);
    }
    nowMs = began + hour;
    await refresh();
    assert.equal(served("10.2.6.1"), undefined);
    assert.deepEqual(await gives(id), [[[], []]]);
    records.set("kept.example.net", ["10.2.6.2"]);
    await refresh();
    assert.equal(served("10.2.6.2"), id);
    records.set("kept.example.net", []);
    await refresh();
    assert.equal(served("10.2.6.2"), undefined, "that there are none is an answer");
    shows(await world.delete(`/aaa_client/${id}/`, { token: other.token }), 204);
  });

  it("take nothing from clients in sight or out of sight", async () => {
    const ofBelow = await makeClient(below, { address: "10.1.7.0/24" });
    records.set("thief.example.net", ["10.1.7.9", "10.1.9.9"]);
    const thief = await makeClient(beside, { address: "10.1.8.1", more_addresses: ["thief.example.net"] });
    records.set("above.example.net", ["10.1.7.10", "10.1.8.1"]);
    const ofOne = await makeClient(one, { address: "10.1.1.1", more_addresses: ["above.example.net"] });
    await refresh();
    assert.deepEqual(await gives(thief, beside), [[["10.1.9.9"], ["10.1.7.9"]]]);
    assert.equal(served("10.1.7.9"), ofBelow);
    assert.deepEqual(await gives(ofOne, one), [[["10.1.7.10"], ["10.1.8.1"]]], "a part of a range below, and not another's own address");
    const written = await makeClient(below, { address: "10.1.9.9" });
    assert.equal(served("10.1.9.9"), written, "what is written down goes before what a name has");
    assert.deepEqual(await gives(thief, beside), [[[], ["10.1.7.9", "10.1.9.9"]]]);
    records.set("late.example.net", ["10.1.7.10"]);
    const late = await makeClient(beside, { address: "10.1.8.2", more_addresses: ["late.example.net"] });
    await refresh();
    assert.deepEqual([served("10.1.7.10"), await gives(late, beside)], [ofOne, [[[], ["10.1.7.10"]]]]);
  });

  it("of the root's clients have what is granted to nobody, and no loopback", async () => {
    records.set("root.example.net", ["203.0.113.44", "127.0.0.1", "10.2.0.9"]);
    const id = await makeClient(undefined, { address: "198.51.100.44", more_addresses: ["root.example.net"] });
    const forOther = await makeClient(undefined, {
      address: "198.51.100.45",
      organization: other.id,
      more_addresses: ["root.example.net"],
    });
    await refresh();
    assert.deepEqual([served("203.0.113.44"), served("127.0.0.1"), served("10.2.0.9")], [id, undefined, forOther]);
    assert.deepEqual(await gives(forOther), [[["10.2.0.9"], ["127.0.0.1", "203.0.113.44"]]], "DNS of a tenant takes nothing of the root");
    for (const one of [id, forOther]) shows(await world.delete(`/aaa_client/${one}/`), 204);
  });

  it("at shared addresses need a secret that tells them apart, and a place", async () => {
    const shared = "198.18.0.1";
    for (const tenant of [one, other]) await grantAddresses(world, tenant.id, shared, { shared: true });
    records.set("shared.example.net", [shared]);
    const more_addresses = ["shared.example.net"];
    const ids: number[] = [];
    for (let at = 1; at <= 5; at += 1) {
      ids.push(await makeClient(other, { address: `10.2.20.${at}`, secret: `${secret} no ${at}`, more_addresses }));
    }
    const short = await makeClient(one, { address: "10.1.20.1", secret: "short", more_addresses });
    const same = await makeClient(one, { address: "10.1.20.2", secret: `${secret} no 1`, more_addresses });
    const fine = await makeClient(one, { address: "10.1.20.3", secret: `${secret} of one`, more_addresses });
    await refresh();
    const { clients, isShared } = world.app.services.aaaClients.table.sourceOf(shared);
    assert.deepEqual([clients.map(({ id }) => id), isShared], [[...ids.slice(0, 4), fine], true]);
    assert.deepEqual(await gives(ids[4]!), [[[], [shared]]]);
    assert.deepEqual(await gives(short, one), [[[], [shared]]]);
    assert.deepEqual(await gives(same, one), [[[shared], []]], "nothing is said of a secret that another tenant has");
    for (const id of [...ids, short, same, fine]) shows(await world.delete(`/aaa_client/${id}/`), 204);
  });

  it("that are new are looked up at once, those of inactive clients never, and no tenant's slow ones keep another's waiting", async () => {
    const before = lookup.resolve;
    const waiting: (() => void)[] = [];
    lookup.resolve = (name, family) =>
      name.startsWith("slow") ? new Promise((_, reject) => void waiting.push(() => reject(coded("ECANCELLED")))) : before(name, family);
    try {
      world.app.services.aaaClients.names.start();
      const slow = Array.from({ length: 30 }, (_, at) => `slow-${at}.example.net`);
      const ofSlow = await makeClient(one, { address: "10.1.30.1", more_addresses: slow });
      await eventually("slow ones are asked", () => waiting.length > 0);
      assert.equal(waiting.length, 8, "four names of one tenant at once, and two questions each");
      records.set("quick.example.net", ["10.2.30.2"]);
      const id = await makeClient(other, { address: "10.2.30.1", more_addresses: ["quick.example.net"] });
      await eventually("the quick one is known", () => served("10.2.30.2") === id);
      const off = await makeClient(other, { address: "10.2.30.3", more_addresses: ["off.example.net"], is_active: false });
      const done = refresh();
      let over = false;
      void done.then(() => {
        over = true;
      });
      await eventually("all were asked", () => {
        for (const give of waiting.splice(0)) give();
        return over;
      });
      assert.ok(!asked.includes("off.example.net"));
      assert.equal((await resolved(off))[0].resolved_at, null);
      for (const one of [ofSlow, id, off]) shows(await world.delete(`/aaa_client/${one}/`), 204);
    } finally {
      lookup.resolve = before;
    }
  });
});
