import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../../support/world.ts";

const created = {
  parent: 42,
  organization_id: "12345",
  preferences: { theme: "light", notifications: true, language: "en" },
  custom_fields: { department: "Marketing", employee_id: "EMP002", access_level: "standard", hire_date: "2024-01-15" },
};
const replaced = {
  parent: 42,
  organization_id: "12345",
  preferences: { theme: "auto", notifications: true, language: "fr", timezone: "Europe/Paris" },
  custom_fields: {
    department: "Sales",
    employee_id: "EMP002",
    access_level: "manager",
    manager_id: null,
    office_location: "Building B, Floor 2",
    promotion_date: "2024-02-01",
  },
};
const devices = [
  {
    device_id: "DEV-002",
    device_type: "laptop",
    serial_number: "XYZ789012",
    model: "MacBook Pro 16",
    assigned_date: "2024-01-15T10:30:00Z",
    status: "active",
  },
  {
    device_id: "DEV-003",
    device_type: "phone",
    serial_number: "MOB456789",
    model: "iPhone 15 Pro",
    assigned_date: "2024-01-20T14:00:00Z",
    status: "active",
  },
];

onEachDatabase("the nested user_extra document", (open) => {
  let world: World;
  let record: { id: number; created_at: string; updated_at: string };
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("1: creates one record a user, in the user's organization", async () => {
    const answer = await world.post("/user_extra/", created);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.partialDeepStrictEqual(answer.body, created);
    assert.match(answer.body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(answer.body.updated_at, answer.body.created_at);
    record = answer.body;
    assert.equal((await world.post("/user_extra/", created)).status, 409);
    const elsewhere = await world.post("/user_extra/", { ...created, organization_id: "456" });
    assert.equal(elsewhere.status, 400);
    assert.ok(elsewhere.body.errors.organization_id);
  });

  it("2: replaces both objects, a null inside included", async () => {
    const answer = await world.put(`/user_extra/${record.id}/`, replaced);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.preferences, replaced.preferences);
    assert.deepEqual(answer.body.custom_fields, replaced.custom_fields);
    assert.equal(answer.body.created_at, record.created_at);
    assert.ok(answer.body.updated_at >= record.updated_at);
  });

  it("3: merges into both objects", async () => {
    const answer = await world.patch(`/user_extra/${record.id}/`, {
      preferences: { theme: "dark", notifications: false },
      custom_fields: { access_level: "senior_manager" },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.preferences, { ...replaced.preferences, theme: "dark", notifications: false });
    assert.deepEqual(answer.body.custom_fields, { ...replaced.custom_fields, access_level: "senior_manager" });
  });

  it("4: assigns devices and shows them when asked", async () => {
    const answer = await world.patch(`/user_extra/${record.id}/`, { device_info: { assigned_devices: devices } });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const shown = await world.get(`/user_extra/${record.id}/?device_info=true`);
    assert.deepEqual(shown.body.device_info, { assigned_devices: devices, device_count: 2 });
    assert.equal("device_info" in (await world.get(`/user_extra/${record.id}/`)).body, false);
    const listed = await world.get("/user_extra/?parent__organization_id=12345&device_info=true&limit=10");
    assert.equal(listed.body.results[0].device_info.device_count, 2);
  });
});
