import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { addToken } from "../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("devices", (open) => {
  let world: World;
  /** Of the organization 12345 alone. */
  let small: { token: string };
  before(async () => {
    world = await open();
    small = { token: await addToken(world, 12345, ["device:read"]) };
    const assign = (username: string, fields: Record<string, string>) =>
      world.post("/device_app_user_update/", { data: { username, ...fields } });
    assert.equal((await assign("john.smith", { imei: "111111111111111", imsi: "31012012345678" })).status, 201);
    assert.equal((await assign("jane_smith", { imei: "222222222222222" })).status, 201);
    assert.equal((await assign("jane_smith", { imsi: "31012012345678" })).status, 201);
    const extra = { parent: 42, device_info: { assigned_devices: [{ device_id: "DEV-1", model: "M", status: "active" }] } };
    assert.equal((await world.post("/user_extra/", extra)).status, 201);
  });
  after(() => world.close());

  const list = async (query: string, options?: { token: string }): Promise<Answer["body"]> => {
    const answer = await world.get(`/device/?${query}`, options);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const identifiers = (body: Answer["body"]) => body.results.map((row: { identifier: string }) => row.identifier);

  it("lists them by user, organization, kind and identifier", async () => {
    assert.equal((await list("")).count, 4);
    assert.deepEqual(identifiers(await list("user=42")), ["111111111111111", "DEV-1"]);
    assert.deepEqual(identifiers(await list("organization=engineering")), ["111111111111111", "DEV-1"]);
    assert.equal((await list("organization=12345")).count, 2);
    assert.equal((await list("organization=nowhere")).count, 0);
    assert.deepEqual(identifiers(await list("kind=imei")), ["111111111111111", "222222222222222"]);
    assert.deepEqual(identifiers(await list("identifier=31012012345678")), ["31012012345678"]);
    assert.equal((await list("identifier=31012012345678&kind=imei")).count, 0);
    assert.equal((await list("last_change__gte=2000-01-01&user=2")).count, 2);
    assert.equal((await list("last_change__gte=2999-01-01")).count, 0);
    assert.equal((await world.get("/device/?kind=car")).status, 400);
    assert.equal((await world.get("/device/?serial_number=1")).status, 400);
  });

  it("reads one, and shows nothing outside of the token's tree", async () => {
    const [device] = (await list("identifier=DEV-1")).results;
    const answer = await world.get(`/device/${device.id}/`, small);
    assert.partialDeepStrictEqual(answer.body, {
      organization: 12345,
      user: 42,
      kind: "inventory",
      identifier: "DEV-1",
      model: "M",
      serial_number: null,
      status: "active",
      assigned_date: null,
    });
    const etag = String(answer.headers["etag"]);
    assert.equal((await world.get(`/device/${device.id}/`, { headers: { "if-none-match": etag } })).status, 304);
    assert.deepEqual(identifiers(await list("", small)), ["111111111111111", "DEV-1"]);
    assert.equal((await list("", small)).count, 2);
    const [other] = (await list("identifier=222222222222222")).results;
    assert.equal((await world.get(`/device/${other.id}/`, small)).status, 404);
    assert.equal((await world.get(`/device/${other.id}/history/`, small)).status, 404);
    assert.equal((await world.get("/device/999999/")).status, 404);
    assert.equal((await world.post("/device/", {})).status, 405);
  });

  it("keeps who had a device, and loses the name of a user who is deleted", async () => {
    const [sim] = (await list("kind=imsi")).results;
    const history = async () => (await world.get(`/device/${sim.id}/history/`)).body;
    const before = await history();
    assert.equal(before.count, 2);
    assert.partialDeepStrictEqual(before.results[0], { device: sim.id, user: 42, organization: 12345, pseudonym: null });
    assert.equal(before.results[0].unassigned_at, before.results[1].assigned_at);
    assert.partialDeepStrictEqual(before.results[1], {
      user: 2,
      organization: 1,
      unassigned_at: null,
      operation: "device_app_user_update_create",
      actor: "api_token:1",
    });
    assert.equal((await world.delete("/user/2/")).status, 204);
    const after = await history();
    assert.equal(after.results[0].user, 42);
    assert.equal(after.results[1].user, null);
    assert.match(after.results[1].pseudonym, /^[0-9a-f-]{36}$/);
    assert.notEqual(after.results[1].unassigned_at, null);
    const free = await list("identifier=222222222222222");
    assert.partialDeepStrictEqual(free.results[0], { user: null, organization: 1, assigned_date: null });
    assert.equal((await list("user=2")).count, 0);
    assert.equal((await list("")).count, 4);
    const ledger = await world.app.database.reader.selectFrom("time_ledger").select("pseudonym").where("user_id", "is", null).execute();
    assert.equal(ledger[0]!.pseudonym, after.results[1].pseudonym, "one pseudonym in all books");
  });

  it("follows its user to another organization, history included", async () => {
    assert.equal((await world.patch("/user/42/", { organization: "globex" })).status, 200);
    assert.equal((await list("organization=globex")).count, 2);
    assert.equal((await list("", small)).count, 0);
    const [device] = (await list("identifier=DEV-1")).results;
    assert.equal((await world.get(`/device/${device.id}/history/`)).body.results[0].organization, 2);
  });
});
