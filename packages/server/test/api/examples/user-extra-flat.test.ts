import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../../support/world.ts";

const created = {
  parent: 42,
  title: "Ms.",
  gender: "f",
  birthday: "1992-08-14",
  telephone: "+1-555-0789",
  address: "789 Pine Street",
  city: "Portland",
  state: "OR",
  postal_code: "97201",
  country: "United States",
  country_id: "US",
  company: "Creative Agency Co",
  locale: "en_US",
  accept_terms: true,
  custom_field_1: "Gold Tier",
  custom_field_2: "Newsletter: Yes",
};
const unset = {
  age: null,
  age_range: null,
  tax_id: null,
  passport_number: null,
  hometown: null,
  location: null,
  event: null,
  custom_field_3: null,
  custom_field_4: null,
  custom_field_5: null,
  custom_field_6: null,
  custom_field_7: null,
  custom_field_8: null,
};
const replaced = {
  parent: 42,
  title: "Dr.",
  gender: "f",
  birthday: "1992-08-14",
  age: 31,
  age_range: "30-34",
  telephone: "+1-555-0999",
  address: "789 Pine Street, Apt 4B",
  city: "Portland",
  state: "OR",
  postal_code: "97201",
  country: "United States",
  country_id: "US",
  company: "Creative Agency Co",
  tax_id: "555-66-7777",
  passport_number: null,
  hometown: "Eugene",
  location: "Portland, OR",
  locale: "en_US",
  event: "Design Summit 2024",
  accept_terms: true,
  custom_field_1: "Platinum Tier",
  custom_field_2: "Newsletter: Yes",
  custom_field_3: "Preferred contact: Phone",
  custom_field_4: "Emergency contact: Jane Doe",
  custom_field_5: null,
  custom_field_6: null,
  custom_field_7: null,
  custom_field_8: null,
};

onEachDatabase("the flat user_extra document", (open) => {
  let world: World;
  let id: number;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("1: creates a record, every other field null", async () => {
    const answer = await world.post("/user_extra/", created);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.partialDeepStrictEqual(answer.body, { ...created, ...unset });
    id = answer.body.id;
    assert.equal(answer.headers["location"], `/api/v1/user_extra/${id}/`);
  });

  it("2: replaces a record whole", async () => {
    const answer = await world.put(`/user_extra/${id}/`, replaced);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.partialDeepStrictEqual(answer.body, { id, ...replaced });
    const bare = await world.put(`/user_extra/${id}/`, { parent: 42 });
    assert.equal(bare.status, 200);
    for (const name of Object.keys(replaced)) assert.equal(bare.body[name], name === "parent" ? 42 : null, name);
    assert.deepEqual([bare.body.preferences, bare.body.custom_fields], [{}, {}]);
  });

  it("3: changes the fields named", async () => {
    await world.put(`/user_extra/${id}/`, replaced);
    const patch = { telephone: "+1-555-1234", address: "789 Pine Street, Suite 200", custom_field_1: "Diamond Tier" };
    const answer = await world.patch(`/user_extra/${id}/`, patch);
    assert.equal(answer.status, 200);
    assert.partialDeepStrictEqual(answer.body, { id, ...replaced, ...patch });
  });

  it("4: filters by organization, parent and event", async () => {
    const idsOf = async (query: string) => {
      const answer = await world.get(`/user_extra/?${query}`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.count, answer.body.results.length);
      return answer.body.results.map((row: { id: number }) => row.id);
    };
    assert.deepEqual(await idsOf("parent__organization_id=12345&limit=25"), [id]);
    assert.deepEqual(await idsOf("parent__organization_id=456"), []);
    assert.deepEqual(await idsOf("parent=42"), [id]);
    assert.deepEqual(await idsOf("event=TechConf 2024"), []);
    await world.patch(`/user_extra/${id}/`, { event: "TechConf 2024" });
    assert.deepEqual(await idsOf("event=TechConf 2024"), [id]);
  });

  it("5: names what is wrong", async () => {
    const refused = async (body: unknown, status: number, field?: string) => {
      const answer = await world.post("/user_extra/", body);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      if (field) assert.ok(answer.body.errors[field], JSON.stringify(answer.body));
    };
    await refused({}, 400, "parent");
    await refused({ parent: 999999 }, 404);
    await refused({ parent: 42, gender: "x" }, 400, "gender");
    await refused({ parent: 42, birthday: "14/08/1992" }, 400, "birthday");
    await refused({ parent: 42, birthday: "1992-02-30" }, 400, "birthday");
  });

  it("6: deletes the record alone", async () => {
    assert.equal((await world.delete(`/user_extra/${id}/`)).status, 204);
    assert.equal((await world.delete(`/user_extra/${id}/`)).status, 404);
    assert.equal((await world.get("/user/42/")).status, 200);
  });

  it("7: lets a profile grow without losing anything", async () => {
    const first = await world.post("/user_extra/", { parent: 42, accept_terms: true });
    assert.equal(first.status, 201);
    const contact = { telephone: "+1-555-0789", city: "Portland", country: "United States" };
    await world.patch(`/user_extra/${first.body.id}/`, contact);
    const last = await world.patch(`/user_extra/${first.body.id}/`, { event: "Design Summit 2024" });
    assert.partialDeepStrictEqual(last.body, { accept_terms: true, ...contact, event: "Design Summit 2024" });
  });
});
