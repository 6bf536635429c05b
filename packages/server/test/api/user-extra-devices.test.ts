import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { devices, extraRecords, namesOf, refusal } from "../support/extra-records.ts";
import { addToken } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("devices of extra records", (open) => {
  let world: World;
  /** Of the organization 456 alone. */
  let small: { token: string };
  let newUser: ReturnType<typeof extraRecords>["newUser"];
  let create: ReturnType<typeof extraRecords>["create"];
  before(async () => {
    world = await open();
    ({ newUser, create } = extraRecords(world));
    small = { token: await addToken(world, 456, ["user_extra:read", "user_extra:write", "device:read"]) };
  });
  after(() => world.close());

  const read = (id: number, options?: { token: string }) => world.get(`/user_extra/${id}/?device_info=true`, options);

  it("assigns exactly the devices named", async () => {
    const extra = await create({ ...devices("EX-1", "EX-2") });
    assert.equal("device_info" in extra, false);
    const shown = await read(extra.id);
    assert.deepEqual(shown.body.device_info, {
      assigned_devices: ["EX-1", "EX-2"].map((device_id) => ({
        device_id,
        device_type: null,
        serial_number: null,
        model: null,
        assigned_date: null,
        status: null,
      })),
      device_count: 2,
    });
    const info = { assigned_devices: [{ device_id: "EX-2", assigned_date: "2024-01-15" }, { device_id: "EX-3" }], device_count: 99 };
    const changed = await world.patch(`/user_extra/${extra.id}/?device_info=true`, { device_info: info });
    assert.deepEqual(namesOf(changed.body), ["EX-2", "EX-3"]);
    assert.equal(changed.body.device_info.device_count, 2);
    assert.equal(changed.body.device_info.assigned_devices[0].assigned_date, "2024-01-15T00:00:00Z");
    const put = await world.put(`/user_extra/${extra.id}/?device_info=true`, { parent: extra.parent });
    assert.deepEqual(namesOf(put.body), ["EX-2", "EX-3"]);
    const back = await world.put(`/user_extra/${extra.id}/?device_info=true`, put.body);
    assert.deepEqual(back.body, put.body);
    assert.equal(back.headers["etag"], put.headers["etag"], "what changes nothing is no change");
    assert.equal((await world.delete(`/user_extra/${extra.id}/?device_info=true`)).status, 204);
    assert.equal((await world.get(`/device/?user=${extra.parent}`)).body.count, 2);
    refusal(await world.patch(`/user_extra/${extra.id}/`, { device_info: {} }), 400, "device_info.assigned_devices");
    const twice = { parent: extra.parent, ...devices("EX-8", "EX-8") };
    refusal(await world.post("/user_extra/", twice), 400, "device_info.assigned_devices.1.device_id");
    refusal(await world.post("/user_extra/", { parent: extra.parent, device_info: { assigned_devices: [{}] } }), 400);
  });

  it("lets devices go round among the users of an array, one after another", async () => {
    const [one, two] = [await create(devices("RD-1", "RD-2")), await create(devices("RD-3"))];
    const rows = [
      { id: one.id, ...devices("RD-3") },
      { id: two.id, ...devices("RD-1", "RD-4") },
    ];
    const changed = await world.patch("/user_extra/?device_info=true", rows);
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    const now = async (id: number) => namesOf((await read(id)).body);
    assert.deepEqual([await now(one.id), await now(two.id)], [["RD-3"], ["RD-1", "RD-4"]]);
    const find = async (name: string) => (await world.get(`/device/?identifier=${name}`)).body.results[0];
    assert.equal((await find("RD-2")).user, null);
    for (const [name, holders] of [
      ["RD-1", [two.parent, one.parent]],
      ["RD-3", [one.parent, two.parent]],
      ["RD-4", [two.parent]],
    ] as const) {
      const { body } = await world.get(`/device/${(await find(name)).id}/history/`);
      const stretches = body.results.map((move: { user: number; unassigned_at: string | null }) => [
        move.user,
        move.unassigned_at === null,
      ]);
      assert.deepEqual(
        stretches.toSorted(([, a]: [number, boolean], [, b]: [number, boolean]) => Number(b) - Number(a)),
        holders.map((holder, index) => [holder, index === 0]),
        name,
      );
    }
  });

  it("takes a device from another user in sight, and tells that user's readers", async () => {
    const first = await create(devices("TK-1", "TK-2"));
    const before = await read(first.id);
    const second = await create(devices("TK-2"));
    const lost = await read(first.id);
    assert.deepEqual(namesOf(lost.body), ["TK-1"]);
    assert.notEqual(lost.headers["etag"], before.headers["etag"]);
    const stale = { headers: { "if-match": String(before.headers["etag"]) } };
    refusal(await world.patch(`/user_extra/${first.id}/`, { city: "x" }, stale), 412);
    assert.deepEqual(namesOf((await read(second.id)).body), ["TK-2"]);
    const both = await world.patch("/user_extra/?device_info=true", [
      { id: first.id, ...devices("TK-2") },
      { id: second.id, ...devices("TK-1") },
    ]);
    assert.equal(both.status, 200, JSON.stringify(both.body));
    assert.deepEqual(both.body.map(namesOf), [["TK-2"], ["TK-1"]]);
    refusal(
      await world.patch("/user_extra/", [
        { id: first.id, ...devices("TK-9") },
        { id: second.id, ...devices("TK-9") },
      ]),
      400,
      "1.device_info.assigned_devices.0.device_id",
    );
  });

  it("never takes a device from a user out of sight, but a free one of the namespace", async () => {
    const far = await create({ parent: await newUser("engineering"), ...devices("FAR-1", "FAR-2") });
    const near = await world.post("/user_extra/", { parent: await newUser("techconf"), city: "Oslo" });
    const path = `/user_extra/${near.body.id}/?device_info=true`;
    const refused = await world.patch(path, { city: "Rome", ...devices("FAR-1") }, small);
    refusal(refused, 409);
    assert.equal(refused.body.code, "device.held_elsewhere");
    assert.equal((await world.get(path, small)).body.city, "Oslo");
    await world.patch(`/user_extra/${far.id}/`, devices("FAR-1"));
    const taken = await world.patch(path, devices("FAR-2"), small);
    assert.deepEqual(namesOf(taken.body), ["FAR-2"]);
    assert.equal((await world.get("/device/?identifier=FAR-2", small)).body.results[0].organization, 456);
  });
});
