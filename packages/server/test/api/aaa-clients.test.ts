import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { names, shows } from "../support/expect.ts";
import { grantAddresses, makeTenant, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("AAA clients", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let foreign: Tenant;
  before(async () => {
    world = await open();
    ({ mine, neighbour, foreign } = await makeTenants(world));
    for (const network of ["192.0.2.1", "10.0.0.0/16", "2001:db8::/32", "172.16.0.0/12"]) await grantAddresses(world, mine.id, network);
    await grantAddresses(world, neighbour.id, "10.1.0.0/16");
    await grantAddresses(world, foreign.id, "10.2.0.0/16");
  });
  after(() => world.close());

  let made = 0;
  const bodyOf = (fields: object = {}) => {
    made += 1;
    return { short_name: `ap-${made}`, address: `10.0.${made >> 8}.${made & 255}`, secret: "testing123", ...fields };
  };
  const create = async (fields: object = {}, tenant = mine) => {
    const answer = await world.post("/aaa_client/", bodyOf(fields), { token: tenant.token });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const served = (address: string) => world.app.services.aaaClients.table.find(address)?.id;

  it("creates one with defaults, serves it at once, and never shows its secret", async () => {
    const answer = await world.post(
      "/aaa_client/",
      { short_name: "first", address: "192.0.2.1", secret: "very-secret-1" },
      { token: mine.token },
    );
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    const { id, created_at, last_change, ...rest } = answer.body;
    assert.equal(created_at, last_change);
    assert.deepEqual(rest, {
      short_name: "first",
      organization: mine.id,
      address: "192.0.2.1",
      more_addresses: [],
      resolved_addresses: [],
      nas_identifier: null,
      description: null,
      coa_address: null,
      coa_port: 3799,
      require_message_authenticator: true,
      is_active: true,
    });
    assert.equal(answer.headers["location"], `/api/v1/aaa_client/${id}/`);
    const read = await world.get(`/aaa_client/${id}/`, { token: mine.token });
    assert.deepEqual(read.body, answer.body);
    assert.deepEqual(
      [world.app.services.aaaClients.table.find("192.0.2.1")?.secret, served("::ffff:192.0.2.1"), served("192.0.2.2")],
      ["very-secret-1", id, undefined],
    );
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select(["before", "after"])
      .where("resource", "=", "aaa_client")
      .execute();
    assert.equal(trail.length, 1);
    assert.doesNotMatch(JSON.stringify([answer.body, trail]), /very-secret/);
  });

  it("takes addresses in any spelling and shows the canonical one", async () => {
    const one = await create({ address: "2001:DB8:0:0::5/128" });
    assert.equal(one.address, "2001:db8::5");
    assert.equal(served("2001:db8:0:0:0:0:0:5"), one.id);
    assert.equal(served("2001:db8::5%eth0"), one.id);
    const { body } = await world.get("/aaa_client/?address=2001:0db8::0005", { token: mine.token });
    assert.deepEqual(
      body.results.map((row: { id: number }) => row.id),
      [one.id],
    );
  });

  it("gives a source to the narrowest range that holds it", async () => {
    const wide = await create({ address: "172.16.0.0/12" });
    const narrow = await create({ address: "172.16.5.0/24" });
    const single = await create({ address: "172.16.5.9" });
    assert.deepEqual(["172.31.255.1", "172.16.5.8", "172.16.5.9", "172.32.0.1"].map(served), [wide.id, narrow.id, single.id, undefined]);
    await world.patch(`/aaa_client/${single.id}/`, { is_active: false });
    assert.equal(served("172.16.5.9"), narrow.id, "an inactive client is not served");
    assert.equal((await world.delete(`/aaa_client/${narrow.id}/`)).status, 204);
    assert.equal(served("172.16.5.9"), wide.id);
  });

  it("serves all others where a secret cannot be read, and takes nothing from its address for a wider client's", async () => {
    const wide = await create({ address: "172.16.9.0/24" });
    const broken = await create({ address: "172.16.9.7" });
    const foreigner = await create({ address: "10.2.9.7" }, foreign);
    const damage = async (secret: string) => {
      await world.app.database.write(async (handle) => {
        await handle.updateTable("aaa_client").set({ secret }).where("id", "=", broken.id).execute();
      });
      await world.app.services.aaaClients.table.reload();
    };
    const { secret } = await world.app.database.reader
      .selectFrom("aaa_client")
      .select("secret")
      .where("id", "=", broken.id)
      .executeTakeFirstOrThrow();
    await damage("v1:damaged");
    assert.deepEqual(["172.16.9.7", "172.16.9.8", "10.2.9.7"].map(served), [undefined, wide.id, foreigner.id]);
    assert.equal(world.app.services.aaaClients.table.get(broken.id), undefined);
    const [reported, ...others] = world.errors.splice(0).map((line) => JSON.parse(line));
    assert.deepEqual([reported.clients, others], [[{ client: broken.id, organization: mine.id }], []]);
    await damage(secret);
    assert.equal(served("172.16.9.7"), broken.id);
  });

  it("refuses an address that another client in sight has, and a short name that is taken", async () => {
    const one = await create();
    const taken = await world.post("/aaa_client/", { ...bodyOf(), address: one.address }, { token: mine.token });
    names(taken, "address");
    assert.deepEqual(taken.body.errors.address, ["Another client has this address."]);
    names(await world.post("/aaa_client/", { ...bodyOf(), short_name: one.short_name }, { token: mine.token }), "short_name");
    await create({ short_name: one.short_name, address: "10.1.0.1" }, neighbour);
    await create({ short_name: one.short_name, address: "10.2.0.1" }, foreign);
    const other = await create();
    names(await world.patch(`/aaa_client/${other.id}/`, { address: one.address, short_name: one.short_name }), "address", "short_name");
    shows(await world.patch(`/aaa_client/${one.id}/`, { address: one.address, short_name: one.short_name }), 200);
  });

  it("names every faulty field", async () => {
    names(await world.post("/aaa_client/", {}), "short_name", "address", "secret");
    const faulty = {
      short_name: "a b",
      address: "192.0.2.1/24",
      secret: "",
      coa_port: 65_536,
      require_message_authenticator: "yes",
      nas_identifier: 1,
    };
    names(await world.post("/aaa_client/", faulty), ...Object.keys(faulty));
    names(await world.post("/aaa_client/", bodyOf({ organization: neighbour.id }), { token: mine.token }), "organization");
  });

  it("PUT keeps the secret and returns the rest to its defaults; what GET showed can be put back", async () => {
    const one = await create({
      nas_identifier: "x",
      description: "y",
      coa_port: 1700,
      require_message_authenticator: false,
      secret: "kept-secret",
    });
    const path = `/aaa_client/${one.id}/`;
    const back = await world.put(path, one);
    assert.deepEqual(back.body, one);
    shows(await world.put(path, { short_name: "renamed", address: one.address }), 200, {
      short_name: "renamed",
      nas_identifier: null,
      description: null,
      coa_port: 3799,
      require_message_authenticator: true,
      is_active: true,
    });
    assert.equal(world.app.services.aaaClients.table.find(one.address)?.secret, "kept-secret");
    names(await world.put(path, { short_name: "renamed" }), "address");
  });

  it("changes the secret, counts it as a change and tells the trail no more than that", async () => {
    const one = await create();
    const path = `/aaa_client/${one.id}/`;
    const tag = (await world.get(path)).headers["etag"];
    const same = await world.patch(path, { secret: "testing123" });
    assert.equal(same.headers["etag"], tag);
    const changed = await world.patch(path, { secret: "another-secret" }, { headers: { "if-match": String(tag) } });
    assert.notEqual(changed.headers["etag"], tag);
    assert.equal(world.app.services.aaaClients.table.find(one.address)?.secret, "another-secret");
    assert.equal((await world.patch(path, { secret: "third" }, { headers: { "if-match": String(tag) } })).status, 412);
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select("after")
      .where("resource", "=", "aaa_client")
      .where("resource_id", "=", one.id)
      .orderBy("id")
      .execute();
    assert.deepEqual(
      trail.map((row) => JSON.parse(row.after!).secret),
      ["*** (changed)", "*** (changed)"],
    );
  });

  it("belongs to one organization for good, and keeps that from being deleted", async () => {
    const below = await makeTenant(world, "below-clients", { parent: mine.id });
    const one = await create({ organization: "below-clients" });
    names(await world.patch(`/aaa_client/${one.id}/`, { organization: mine.id }), "organization");
    shows(await world.patch(`/aaa_client/${one.id}/`, { organization: "below-clients" }), 200);
    const refused = await world.delete(`/organization/${below.id}/`);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /1 AAA client\b/);
    await world.delete(`/aaa_client/${one.id}/`);
    assert.notEqual((await world.delete(`/organization/${below.id}/`)).body.detail, refused.body.detail);
  });
});
