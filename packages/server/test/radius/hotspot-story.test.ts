import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type Equipment, openEquipment } from "../support/equipment.ts";
import { eventually } from "../support/eventually.ts";
import { openFakeNas } from "../support/fake-nas.ts";
import { balanceOf, makeAccount, makeClient, provedLedger, sessionsIn } from "../support/network.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const disconnect = 40;
const change = 43;
const [phone, laptop] = ["AA-BB-CC-DD-EE-01", "AA-BB-CC-DD-EE-02"];

/** The story of docs/guides/hotspot.md: the app as `serve` starts it, REST on one side, and sockets of equipment on the other. */
onEachDatabase("a hotspot", (open) => {
  let world: World;
  let nowMs = 1_800_000_000_000;
  const opened: Equipment[] = [];
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  before(async () => {
    const environment = { GATEHOUSE_RADIUS_HOST: "127.0.0.1", GATEHOUSE_RADIUS_AUTH_PORT: "0", GATEHOUSE_RADIUS_ACCT_PORT: "0" };
    world = await open({ clock: { nowMs: () => nowMs }, environment });
    world.app.start();
  });
  after(async () => {
    await world.close();
    for (const equipment of opened) await equipment.close();
  });

  /** Makes an AAA client, and the equipment that it stands for. */
  const install = async (tenant: Tenant, address: string, secret: string): Promise<Equipment> => {
    const nas = await openFakeNas(secret, address);
    await makeClient(world, tenant.id, { short_name: "cafe-ap", address, secret, coa_port: nas.port });
    await eventually("RADIUS listens", () => world.app.radius.addresses().length === 2);
    const [auth, acct] = ["authentication", "accounting"].map(
      (name) => world.app.radius.addresses().find((one) => one.name === name)!.port,
    );
    const equipment = await openEquipment({ authPort: auth!, acctPort: acct! }, secret, address, nas);
    opened.push(equipment);
    return equipment;
  };
  const come = async (equipment: Equipment, count: number) => {
    await eventually(`${count} requests came`, () => equipment.nas.requests.length >= count);
    return equipment.takeRequests().sort();
  };
  const settled = () =>
    eventually("nothing is under way", async () => (await world.app.services.disconnects.dynamicAuthorization.sendDue()) === 0);

  it("gives a guest 600 seconds on two devices, ends both when they are used up, and lets the guest in again after a top-up", async () => {
    const cafe = await makeTenant(world, "cafe", { own_usernames: true });
    assert.deepEqual(world.app.radius.addresses(), [], "without a client nothing listens");
    const equipment = await install(cafe, "127.0.0.1", "s3cret of the café");
    const userName = "cafe_guest";
    const user = await makeAccount(world, { username: userName, password: "café latte", organization: cafe.id, user_time: 600 });
    const login = (device: string) => equipment.login(userName, "café latte", device);

    const first = await login(phone);
    assert.deepEqual([first.isAccepted, first.sessionTimeoutSeconds], [true, 600]);
    const onPhone = { id: "80000001", userName, device: phone, ticket: first.ticket };
    await equipment.account("Start", onPhone);
    const second = await login(laptop);
    assert.deepEqual([second.isAccepted, second.sessionTimeoutSeconds], [true, 300]);
    const onLaptop = { id: "80000002", userName, device: laptop, ticket: second.ticket };
    await equipment.account("Start", onLaptop);
    assert.deepEqual(await come(equipment, 1), [[change, onPhone.id, 300]]);

    for (const [elapsed, left] of [
      [100, 400],
      [200, 200],
      [299, 2],
    ] as const) {
      nowMs = 1_800_000_000_000 + elapsed * 1000;
      for (const session of [onPhone, onLaptop]) await equipment.account("Interim-Update", { ...session, seconds: elapsed });
      assert.equal(await balanceOf(world, user), left);
    }
    assert.deepEqual(equipment.takeRequests(), [], "nobody is disturbed before the end");
    pass(1);
    assert.deepEqual(await come(equipment, 2), [
      [disconnect, onPhone.id],
      [disconnect, onLaptop.id],
    ]);
    for (const session of [onPhone, onLaptop]) await equipment.account("Stop", { ...session, seconds: 300 });
    assert.equal(await balanceOf(world, user), 0);
    const sessions = await sessionsIn(world, `user=${user}`);
    assert.deepEqual(
      sessions.map((row) => [row.session_id, row.session_status, row.burned_seconds, row.unbilled_seconds]),
      [
        [onPhone.id, "completed", 300, 0],
        [onLaptop.id, "completed", 300, 0],
      ],
    );
    const refused = await login(phone);
    assert.deepEqual([refused.isAccepted, refused.message, refused.ticket], [false, "Your time is used up.", undefined]);

    assert.equal((await world.post(`/user_token/${user}/top_up/`, { seconds: 900 })).body.user_time, 900);
    const again = await login(phone);
    assert.deepEqual([again.isAccepted, again.sessionTimeoutSeconds], [true, 900]);
    await provedLedger(world, user);
    await world.app.flush();
    const decisions = (await world.get(`/access_decision/?user=${user}`)).body.results as { outcome: string; reason: string | null }[];
    assert.deepEqual(
      decisions.map(({ outcome, reason }) => [outcome, reason]).sort(),
      [
        ["accept", null],
        ["accept", null],
        ["accept", null],
        ["reject", "no_time_left"],
      ],
      "every answer can be explained",
    );
    await settled();
  });

  it("of two organizations with the same names never meets the other", async () => {
    const tenants = [];
    for (const [index, slug] of ["north", "south"].entries()) {
      const tenant = await makeTenant(world, slug, { own_usernames: true });
      const equipment = await install(tenant, `127.0.1.${index + 1}`, `secret of the ${slug}`);
      const fields = { username: "guest", password: `password of the ${slug}`, organization: tenant.id, user_time: [600, 100][index] };
      tenants.push({ slug, tenant, equipment, user: await makeAccount(world, fields), ticket: undefined as Buffer | undefined });
    }
    const [north, south] = tenants as [(typeof tenants)[0], (typeof tenants)[0]];
    for (const [own, other] of [
      [north, south],
      [south, north],
    ] as const) {
      assert.equal((await own.equipment.login("guest", `password of the ${other.slug}`, phone)).isAccepted, false);
      const { isAccepted, ticket } = await own.equipment.login("guest", `password of the ${own.slug}`, phone);
      assert.equal(isAccepted, true);
      own.ticket = ticket;
    }
    // The same session id, the same device, and even the ticket of the other one's session.
    const said = { id: "same-id", userName: "guest", device: phone };
    await north.equipment.account("Start", { ...said, ticket: south.ticket });
    await south.equipment.account("Start", { ...said, ticket: north.ticket });
    pass(50);
    await north.equipment.account("Interim-Update", { ...said, seconds: 50 });
    await south.equipment.account("Interim-Update", { ...said, seconds: 50 });
    assert.deepEqual([await balanceOf(world, north.user), await balanceOf(world, south.user)], [550, 50]);
    for (const [own, other] of [
      [north, south],
      [south, north],
    ] as const) {
      const { token } = own.tenant;
      const rows = await sessionsIn(world, "", token);
      assert.deepEqual(
        rows.map((row) => [row.user, row.organization, row.session_id]),
        [[own.user, own.tenant.id, "same-id"]],
      );
      const [foreign] = await sessionsIn(world, "", other.tenant.token);
      for (const path of [`/aaa_accounting/${foreign.radacctid}/`, `/user_token/${other.user}/`]) {
        assert.equal((await world.get(path, { token })).status, 404);
      }
      assert.equal((await world.post(`/aaa_accounting/${foreign.radacctid}/disconnect/`, {}, { token })).status, 404);
      await world.app.flush();
      const decisions = (await world.get("/access_decision/", { token })).body.results as { user: number }[];
      assert.ok(decisions.length === 2 && decisions.every(({ user }) => user === own.user));
    }
    pass(50);
    assert.deepEqual(await come(south.equipment, 1), [[disconnect, "same-id"]]);
    assert.deepEqual(north.equipment.takeRequests(), [], "the north's goes on");
    await south.equipment.account("Accounting-On", said);
    const statusOf = async ({ user }: typeof north) => (await sessionsIn(world, `user=${user}`))[0].session_status;
    assert.deepEqual([await statusOf(north), await statusOf(south)], ["active", "completed"]);
    await north.equipment.account("Stop", { ...said, seconds: 100 });
    assert.deepEqual([await balanceOf(world, north.user), await balanceOf(world, south.user)], [500, 50]);
    for (const { user } of tenants) await provedLedger(world, user);
    await settled();
  });
});
