import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { names, shows } from "../support/expect.ts";
import { grantAddresses, makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const outside = "This lies outside of the address ranges granted to your organization.";

onEachDatabase("address grants", (open) => {
  let world: World;
  let one: Tenant;
  let below: Tenant;
  let beside: Tenant;
  let other: Tenant;
  before(async () => {
    world = await open();
    one = await makeTenant(world, "one");
    below = await makeTenant(world, "below", { parent: one.id });
    beside = await makeTenant(world, "beside", { parent: one.id });
    other = await makeTenant(world, "other", { own_usernames: true });
    await grantAddresses(world, one.id, "10.1.0.0/16");
    await grantAddresses(world, other.id, "10.2.0.0/16");
  });
  after(() => world.close());

  let made = 0;
  const client = (tenant: { token: string } | undefined, address: string, fields: object = {}) => {
    made += 1;
    const body = { short_name: `c-${made}`, address, secret: "a secret of many characters", ...fields };
    return world.post("/aaa_client/", body, tenant ? { token: tenant.token } : {});
  };
  const grant = (tenant: Tenant | undefined, organization: number, network: string, fields: object = {}) =>
    world.post("/address_grant/", { organization, network, ...fields }, tenant ? { token: tenant.token } : {});
  const served = (address: string) => world.app.services.aaaClients.table.find(address)?.id;
  const refused = (answer: Awaited<ReturnType<typeof client>>, field: string) => {
    names(answer, field);
    return answer.body.errors[field];
  };

  it("gives a tenant what it was granted, and says the same of all else, whoever is there", async () => {
    const mine = await client(one, "10.1.0.1");
    shows(mine, 201);
    assert.equal(served("10.1.0.1"), mine.body.id);
    for (const address of ["10.1.0.1", "10.1.0.0/24", "10.1.0.200", "10.0.0.0/8", "0.0.0.0/0", "::/0", "203.0.113.9", "127.0.0.1"]) {
      const answer = await client(other, address);
      assert.deepEqual(refused(answer, "address"), [outside], address);
      assert.equal(answer.body.detail, `address: ${outside}`);
    }
    for (const fields of [{ more_addresses: ["10.2.0.9", "10.1.0.1"] }, { more_addresses: ["10.2.0.9", "203.0.113.9"] }]) {
      assert.deepEqual(refused(await client(other, "10.2.0.8", fields), "more_addresses.1"), [outside]);
    }
    assert.deepEqual(refused(await client(other, "10.2.0.8", { coa_address: "10.1.0.1" }), "coa_address"), [outside]);
    assert.equal(served("10.1.0.1"), mine.body.id, "nobody has taken it over");
    assert.equal(served("10.1.0.200"), undefined);
  });

  it("holds as much for a change as for a create", async () => {
    const { body } = await client(other, "10.2.1.1", { more_addresses: ["10.2.1.2"], coa_address: "10.2.1.3" });
    const patch = (fields: object) => world.patch(`/aaa_client/${body.id}/`, fields, { token: other.token });
    assert.deepEqual(refused(await patch({ address: "10.1.0.1" }), "address"), [outside]);
    names(await patch({ more_addresses: ["10.1.0.1"], coa_address: "10.1.0.1" }), "more_addresses.0", "coa_address");
    shows(await patch({ address: "::ffff:10.2.1.4", more_addresses: [] }), 200, { address: "10.2.1.4", more_addresses: [] });
    assert.deepEqual([served("10.2.1.1"), served("10.2.1.2"), served("10.2.1.4")], [undefined, undefined, body.id]);
    names(await patch({ more_addresses: ["10.2.1.4"] }), "more_addresses");
    names(await patch({ more_addresses: ["10.2.1.5/24"] }), "more_addresses.0");
    const { last_change: _, ...made } = body;
    shows(await world.put(`/aaa_client/${body.id}/`, body, { token: other.token }), 200, made);
  });

  it("lets the root make clients anywhere that it granted to nobody, for any organization", async () => {
    const catchAll = await client(undefined, "0.0.0.0/0");
    const forOther = await client(undefined, "198.51.100.1", { organization: other.id });
    shows(forOther, 201);
    assert.deepEqual([served("198.51.100.1"), served("198.51.100.2")], [forOther.body.id, catchAll.body.id]);
    assert.equal(served("10.2.200.1"), undefined, "addresses of others are nobody's but theirs");
    shows(await world.patch(`/aaa_client/${forOther.body.id}/`, { secret: "another one" }, { token: other.token }), 200);
    assert.deepEqual(refused(await client(other, "198.51.100.1"), "address"), [outside]);
    names(await client(undefined, "10.2.0.77", { organization: one.id }), "address");
    shows(await world.delete(`/aaa_client/${catchAll.body.id}/`), 204);
  });

  it("lets organizations below use an undivided range, and take from it nothing that is another's", async () => {
    const ofBelow = await client(below, "10.1.7.0/24");
    shows(ofBelow, 201);
    for (const address of ["10.1.7.0/24", "10.1.7.9", "10.1.0.1"]) {
      assert.deepEqual(refused(await client(beside, address), "address"), [outside], address);
    }
    assert.deepEqual(refused(await client(one, "10.1.7.0/24"), "address"), ["Another client has this address."]);
    shows(await client(one, "10.1.7.9"), 201);
  });

  it("grants downward alone, from what the organization holds, and to nobody beside", async () => {
    const part = await grant(one, below.id, "10.1.8.0/24", { description: "their floor" });
    shows(part, 201, { organization: below.id, network: "10.1.8.0/24", shared: false, disputed: false, description: "their floor" });
    assert.equal(part.headers["location"], `/api/v1/address_grant/${part.body.id}/`);
    shows(await client(below, "10.1.8.1"), 201);
    assert.deepEqual(refused(await client(beside, "10.1.8.2"), "address"), [outside]);
    assert.deepEqual(refused(await client(one, "10.1.8.2"), "address"), [outside], "what was granted down is the other's");
    shows(await client(one, "10.1.8.2", { organization: below.id }), 201);
    for (const [network, reason] of [
      ["10.1.8.0/24", /holds 10\.1\.8\.0\/24/],
      ["10.1.0.0/20", /holds 10\.1\.8\.0\/24/],
      ["10.1.7.0/24", /sends from 10\.1\.7\.0\/24/],
    ] as const) {
      assert.match(refused(await grant(one, beside.id, network), "network").join(), reason);
    }
    for (const network of ["10.2.5.0/24", "10.3.0.0/16", "10.0.0.0/8", "0.0.0.0/0"]) {
      assert.deepEqual(refused(await grant(one, below.id, network), "network"), [outside], network);
    }
    names(await grant(one, one.id, "10.1.9.0/24"), "organization", "network");
    names(await grant(one, other.id, "10.1.9.0/24"), "organization");
    assert.match(refused(await grant(undefined, other.id, "10.1.9.0/24"), "network").join(), /holds 10\.1\.0\.0\/16/);
    names(await grant(undefined, other.id, "10.1.9.1/24", { shared: "yes" }), "network", "shared");
    shows(await grant(undefined, other.id, "::ffff:192.0.2.0/120"), 201, { network: "192.0.2.0/24" });
    shows(await grant(undefined, other.id, "2001:DB8:0::/48"), 201, { network: "2001:db8::/48" });
    shows(await client(other, "2001:db8:0:1::5"), 201);
  });

  it("is seen by its organization and those above, who alone change it", async () => {
    const list = async (token: string, query = "") =>
      (await world.get(`/address_grant/?${query}`, { token })).body.results.map((row: { network: string }) => row.network);
    assert.deepEqual(await list(below.token), ["10.1.8.0/24"]);
    assert.deepEqual(await list(one.token), ["10.1.0.0/16", "10.1.8.0/24"]);
    assert.deepEqual(await list(one.token, "network=10.1.8.0/24&shared=false&organization=below"), ["10.1.8.0/24"]);
    assert.deepEqual([await list(one.token, "disputed=true"), await list(one.token, "disputed=false&shared=true")], [[], []]);
    const [own] = (await world.get("/address_grant/", { token: one.token })).body.results;
    assert.equal((await world.get(`/address_grant/${own.id}/`, { token: other.token })).status, 404);
    assert.equal((await world.delete(`/address_grant/${own.id}/`, { token: other.token })).status, 404);
    for (const answer of [
      await world.patch(`/address_grant/${own.id}/`, { shared: true }, { token: one.token }),
      await world.delete(`/address_grant/${own.id}/`, { token: one.token }),
    ]) {
      assert.deepEqual([answer.status, answer.body.code], [403, "organization.above_only"]);
    }
    names(await world.patch(`/address_grant/${own.id}/`, { network: "10.0.0.0/8", organization: other.id }), "network", "organization");
    const tag = String((await world.get(`/address_grant/${own.id}/`)).headers["etag"]);
    shows(await world.patch(`/address_grant/${own.id}/`, { description: "campus" }, { headers: { "if-match": tag } }), 200, {
      description: "campus",
    });
    assert.equal((await world.patch(`/address_grant/${own.id}/`, { description: "x" }, { headers: { "if-match": tag } })).status, 412);
  });

  it("stays while it is used, and keeps its organization", async () => {
    const tenant = await makeTenant(world, "leaving", { parent: one.id });
    const { body } = await grant(one, tenant.id, "10.1.64.0/20");
    const path = `/address_grant/${body.id}/`;
    const used = await client(tenant, "10.1.64.1");
    const inUse = await world.delete(path, { token: one.token });
    assert.deepEqual([inUse.status, inUse.body.code], [409, "address_grant.in_use"]);
    assert.match(inUse.body.detail, /10\.1\.64\.1/);
    shows(await world.delete(`/aaa_client/${used.body.id}/`), 204);
    const held = await world.delete(`/organization/${tenant.id}/`);
    assert.match(held.body.detail, /1 address grant\b/);
    shows(await world.delete(path, { token: one.token }), 204);
    assert.deepEqual((await client(tenant, "10.1.64.1")).status, 201, "its parent's range is undivided again");
  });

  it("stays while a client is asked there, and goes to nobody else", async () => {
    const tenant = await makeTenant(world, "asked", { parent: one.id });
    const { body } = await grant(one, tenant.id, "10.1.80.0/24");
    await grantAddresses(world, tenant.id, "198.51.100.128/25");
    const asked = await client(tenant, "198.51.100.130", { coa_address: "10.1.80.9" });
    shows(asked, 201);
    const inUse = await world.delete(`/address_grant/${body.id}/`, { token: one.token });
    assert.deepEqual([inUse.status, inUse.body.code], [409, "address_grant.in_use"]);
    assert.match(inUse.body.detail, /is asked at 10\.1\.80\.9/);
    const ofOne = await client(one, "10.1.0.50", { coa_address: "10.1.81.9" });
    shows(ofOne, 201);
    assert.match(refused(await grant(one, beside.id, "10.1.81.0/24"), "network").join(), /is asked at 10\.1\.81\.9/);
    shows(await world.delete(`/aaa_client/${asked.body.id}/`), 204);
    shows(await world.delete(`/address_grant/${body.id}/`, { token: one.token }), 204);
  });

  it("keeps organizations from moving away from those who gave them addresses", async () => {
    const from = await makeTenant(world, "from", { parent: one.id });
    const moving = await makeTenant(world, "moving", { parent: from.id });
    const floor = await makeTenant(world, "floor", { parent: moving.id });
    await grant(one, from.id, "10.1.112.0/20");
    const move = (parent: number) => world.patch(`/organization/${moving.id}/`, { parent });
    const tied = async (what: RegExp) => {
      const answer = await move(beside.id);
      assert.deepEqual([answer.status, answer.body.code], [409, "organization.in_use"], JSON.stringify(answer.body));
      assert.match(answer.body.detail, what);
    };
    const sending = await client(floor, "10.1.112.1");
    await tied(/1 AAA client\b/);
    shows(await world.delete(`/aaa_client/${sending.body.id}/`), 204);
    const asked = await client(moving, "198.51.100.77", { coa_address: "10.1.112.2" });
    assert.equal(asked.status, 400, "the root alone gives what is its own");
    await grantAddresses(world, moving.id, "198.51.100.76/30");
    const askedNow = await client(moving, "198.51.100.77", { coa_address: "10.1.112.2" });
    shows(askedNow, 201);
    await tied(/1 AAA client\b/);
    shows(await world.delete(`/aaa_client/${askedNow.body.id}/`), 204);
    const part = await grant(from, floor.id, "10.1.113.0/24");
    shows(part, 201);
    await tied(/1 address grant\b/);
    shows(await world.delete(`/address_grant/${part.body.id}/`), 204);
    const kept = await client(floor, "10.1.0.60");
    shows(kept, 201);
    const stranger = await client(other, "10.2.77.1");
    shows(stranger, 201);
    shows(await move(beside.id), 200);
    assert.equal(served("10.1.0.60"), kept.body.id, "what one above both gives stays");
    shows(await world.delete(`/aaa_client/${stranger.body.id}/`), 204);
  });

  it("of two who grant overlapping ranges, or use one address, at once, one gets it", async () => {
    const grants = await Promise.all(
      ["10.60.0.0/16", "10.60.5.0/24", "10.60.0.0/17"].map((network, at) => grant(undefined, [one, other, below][at]!.id, network)),
    );
    assert.ok(grants.filter(({ status }) => status === 201).length >= 1);
    const holders = grants.flatMap((answer) => (answer.status === 201 ? [answer.body.organization] : []));
    assert.ok(!(holders.includes(other.id) && holders.length > 1), JSON.stringify(holders));
    const clients = await Promise.all([1, 2, 3, 4].map(() => client(one, "10.1.99.1")));
    assert.deepEqual(clients.map(({ status }) => status).sort(), [201, 400, 400, 400]);
  });
});
