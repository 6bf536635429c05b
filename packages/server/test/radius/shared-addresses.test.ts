import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type Equipment, openEquipment } from "../support/equipment.ts";
import { eventually } from "../support/eventually.ts";
import { names, shows } from "../support/expect.ts";
import { openFakeNas } from "../support/fake-nas.ts";
import { makeAccount, sessionsIn } from "../support/network.ts";
import { openRadiusClient, requestBytes } from "../support/radius-client.ts";
import { grantAddresses, makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const address = "127.0.0.9";
const secrets = { cafe: "secret of the café, long", hotel: "secret of the hotel, long" } as const;

/** Two tenants behind one address, as at a cloud controller or behind a carrier's NAT: the secret tells them apart. */
onEachDatabase("a shared address", (open) => {
  let world: World;
  let cafe: Tenant;
  let hotel: Tenant;
  const opened: Equipment[] = [];
  before(async () => {
    const environment = { GATEHOUSE_RADIUS_HOST: "127.0.0.1", GATEHOUSE_RADIUS_AUTH_PORT: "0", GATEHOUSE_RADIUS_ACCT_PORT: "0" };
    world = await open({ environment });
    world.app.start();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    hotel = await makeTenant(world, "hotel", { own_usernames: true });
    for (const tenant of [cafe, hotel]) await grantAddresses(world, tenant.id, address, { shared: true });
  });
  after(async () => {
    await world.close();
    for (const equipment of opened) await equipment.close();
  });

  const bodyOf = (secret: string, fields: object = {}) => ({
    short_name: "ap",
    address,
    secret,
    require_message_authenticator: false,
    ...fields,
  });
  const portOf = (name: string) => world.app.radius.addresses().find((one) => one.name === name)!.port;
  const install = async (tenant: Tenant, secret: string): Promise<Equipment> => {
    const nas = await openFakeNas(secret, address);
    shows(await world.post("/aaa_client/", bodyOf(secret, { coa_port: nas.port }), { token: tenant.token }), 201);
    await eventually("RADIUS listens", () => world.app.radius.addresses().length === 2);
    const ports = { authPort: portOf("authentication"), acctPort: portOf("accounting") };
    const equipment = await openEquipment(ports, secret, address, nas);
    opened.push(equipment);
    return equipment;
  };

  it("is granted to several alone where each grant is shared", async () => {
    names(await world.post("/address_grant/", { organization: hotel.id, network: "127.0.0.0/8" }), "network");
    const third = await makeTenant(world, "third");
    names(await world.post("/address_grant/", { organization: third.id, network: address }), "network");
    const shared = await world.get(`/address_grant/?organization=${hotel.id}`);
    names(await world.patch(`/address_grant/${shared.body.results[0].id}/`, { shared: false }), "network");
    const below = await makeTenant(world, "hotel-bar", { parent: hotel.id });
    names(await world.post("/address_grant/", { organization: below.id, network: address }, { token: hotel.token }), "shared");
  });

  it("asks for a long secret that no client in sight has there", async () => {
    names(await world.post("/aaa_client/", bodyOf("testing123"), { token: cafe.token }), "secret");
    opened.length = 0;
    const ofCafe = await install(cafe, secrets.cafe);
    const ofHotel = await install(hotel, secrets.hotel);
    assert.equal(ofCafe.nas.port === ofHotel.nas.port, false);
    const second = () => world.post("/aaa_client/", bodyOf(secrets.hotel, { short_name: "b" }), { token: hotel.token });
    names(await second(), "secret");
    const [own] = (await world.get("/aaa_client/", { token: hotel.token })).body.results;
    shows(await world.patch(`/aaa_client/${own.id}/`, { description: "lobby" }, { token: hotel.token }), 200);
    names(await second(), "secret");
    // Who sees both is told, whoever owns them.
    names(await world.post("/aaa_client/", bodyOf(secrets.hotel, { short_name: "c", organization: cafe.id })), "secret");
  });

  it("confirms no guess of another tenant's secret, and leaves the secret to the client that had it first", async () => {
    const served = (secret: string) => {
      const { clients } = world.app.services.aaaClients.table.sourceOf(address);
      return clients.filter((client) => client.secret === secret).map((client) => client.organizationId);
    };
    const guess = await world.post("/aaa_client/", bodyOf(secrets.cafe, { short_name: "guess" }), { token: hotel.token });
    shows(guess, 201);
    assert.deepEqual(served(secrets.cafe), [cafe.id], "the younger client gets nothing");
    shows(await world.delete(`/aaa_client/${guess.body.id}/`, { token: hotel.token }), 204);

    // A client of the other tenant that changes its secret into the guess gets nothing either.
    const [own] = (await world.get("/aaa_client/", { token: hotel.token })).body.results;
    shows(await world.patch(`/aaa_client/${own.id}/`, { secret: secrets.cafe }, { token: hotel.token }), 200);
    assert.deepEqual(served(secrets.cafe), [cafe.id]);
    const [victim] = (await world.get("/aaa_client/", { token: cafe.token })).body.results;
    shows(await world.patch(`/aaa_client/${victim.id}/`, { description: "counter" }, { token: cafe.token }), 200);
    assert.deepEqual(served(secrets.cafe), [], "where nobody can be shown to have had it first, it chooses nobody");
    shows(await world.patch(`/aaa_client/${own.id}/`, { secret: secrets.hotel }, { token: hotel.token }), 200);
    assert.deepEqual([served(secrets.cafe), served(secrets.hotel)], [[cafe.id], [hotel.id]]);
  });

  it("gives each tenant its logins, sessions and disconnects", async () => {
    const [ofCafe, ofHotel] = opened as [Equipment, Equipment];
    await makeAccount(world, { username: "guest", password: "of the cafe", organization: cafe.id });
    await makeAccount(world, { username: "guest", password: "of the hotel", organization: hotel.id });
    const device = "AA-BB-CC-DD-EE-01";
    const login = async (equipment: Equipment, password: string) => (await equipment.login("guest", password, device)).isAccepted;
    assert.deepEqual([await login(ofCafe, "of the cafe"), await login(ofCafe, "of the hotel")], [true, false]);
    assert.deepEqual([await login(ofHotel, "of the hotel"), await login(ofHotel, "of the cafe")], [true, false]);
    await ofCafe.account("Start", { id: "one", userName: "guest", device });
    await ofHotel.account("Start", { id: "one", userName: "guest", device });
    for (const [tenant, equipment] of [
      [cafe, ofCafe],
      [hotel, ofHotel],
    ] as const) {
      const sessions = await sessionsIn(world, "", tenant.token);
      assert.equal(sessions.length, 1);
      const asked = await world.post(`/aaa_accounting/${sessions[0].radacctid ?? sessions[0].id}/disconnect/`, {}, { token: tenant.token });
      assert.equal(asked.status, 202, JSON.stringify(asked.body));
      await eventually("the request came", () => equipment.nas.requests.length === 1);
    }
  });

  it("answers no Access-Request without a Message-Authenticator, whatever the client says, and no other secret", async () => {
    const asking = await openRadiusClient(portOf("authentication"), "127.0.0.1", address);
    try {
      const request = { code: 1, secret: secrets.cafe, password: "of the cafe", attributes: [[1, "guest"]] as const };
      const before = world.app.radius.tallies().authentication;
      const [missing, forged] = [before.message_authenticator_missing, before.forged];
      asking.send(requestBytes({ ...request, identifier: 77, messageAuthenticator: "none" }));
      asking.send(requestBytes({ ...request, identifier: 78, secret: "another secret that is long" }));
      await eventually("both were judged", () => {
        const now = world.app.radius.tallies().authentication;
        return now.message_authenticator_missing > missing && now.forged > forged;
      });
    } finally {
      asking.close();
    }
  });

  it("takes sixteen clients at most, and four of one organization with those below it: nobody keeps the others out", async () => {
    let made = 2;
    const add = (tenant: Tenant) => {
      made += 1;
      const body = bodyOf(`a long secret of number ${made}`, { short_name: `n-${made}` });
      return world.post("/aaa_client/", body, { token: tenant.token });
    };
    const floor = await makeTenant(world, "cafe-floor", { parent: cafe.id });
    for (const tenant of [cafe, floor, cafe]) shows(await add(tenant), 201);
    const refused = [await add(cafe), await add(floor)];
    for (const answer of refused) {
      names(answer, "address");
      assert.match(answer.body.detail, /at most 4 clients/);
    }
    const [first] = (await world.get("/aaa_client/", { token: cafe.token })).body.results;
    const path = `/aaa_client/${first.id}/`;
    shows(await world.patch(path, { secret: "another secret of the café" }, { token: cafe.token }), 200);
    shows(await world.patch(path, { secret: secrets.cafe }, { token: cafe.token }), 200);
    for (let count = 1; count < 4; count += 1) shows(await add(hotel), 201);
    for (const slug of ["shop", "bar"]) {
      const tenant = await makeTenant(world, slug);
      await grantAddresses(world, tenant.id, address, { shared: true });
      for (let count = 0; count < 4; count += 1) shows(await add(tenant), 201);
    }
    const late = await makeTenant(world, "late");
    await grantAddresses(world, late.id, address, { shared: true });
    const full = await add(late);
    names(full, "address");
    assert.match(full.body.detail, /at most 16 clients/);
  });

  it("keeps its four of one organization when others with clients there are moved below it", async () => {
    const place = "127.0.0.10";
    const roof = await makeTenant(world, "roof");
    const outlets: Tenant[] = [];
    let made = 100;
    const add = async (tenant: Tenant) => {
      made += 1;
      const fields = { address: place, short_name: `n-${made}`, organization: tenant.id };
      shows(await world.post("/aaa_client/", bodyOf(`a long secret of number ${made}`, fields)), 201);
    };
    for (const slug of ["outlet_1", "outlet_2", "outlet_3"]) {
      const outlet = await makeTenant(world, slug);
      await grantAddresses(world, outlet.id, place, { shared: true });
      await add(outlet);
      await add(outlet);
      outlets.push(outlet);
    }
    const move = ({ id }: Tenant, parent: number) => world.patch(`/organization/${id}/`, { parent });
    const [first, second, third] = outlets as [Tenant, Tenant, Tenant];
    shows(await move(first, roof.id), 200);
    shows(await move(second, roof.id), 200);
    const refused = await move(third, roof.id);
    shows(refused, 409, { code: "organization.in_use" });
    assert.match(refused.body.detail, /6 AAA clients .* shared address, which may have 4/);
    shows(await move(first, 1), 200);
    shows(await move(third, roof.id), 200);
  });
});
