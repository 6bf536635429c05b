import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { names } from "../support/expect.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the paging parameters", (open) => {
  let world: World;
  let proxied: World;
  before(async () => {
    world = await open();
    proxied = await open({ environment: { GATEHOUSE_PUBLIC_URL: "https://api.example.com/gate/" } });
    const rows = Array.from({ length: 120 }, (_, index) => ({ username: `page_${index}` }));
    assert.equal((await world.post("/user/", rows)).status, 201);
  });
  after(async () => {
    await world.close();
    await proxied.close();
  });

  it("limit is 20 unless said, and more than 100 is served as 100", async () => {
    for (const [query, length] of [
      ["", 20],
      ["limit=1", 1],
      ["limit=100", 100],
      ["limit=101", 100],
      ["limit=9007199254740991", 100],
    ] as const) {
      const { body } = await world.get(`/user/?${query}`);
      assert.equal(body.results.length, length, query);
      if (length === 100) assert.match(body.next, /limit=100/);
    }
  });

  it("what is no page is refused by name", async () => {
    for (const value of ["0", "-1", "1.5", "many", "", "1e2", "0x10"]) names(await world.get(`/user/?limit=${value}`), "limit");
    for (const value of ["-1", "1.5", "many", ""]) names(await world.get(`/user/?offset=${value}`), "offset");
    for (const value of ["nonsense", "YWZ0ZXI6LTE", "YWZ0ZXI6MQ==", "%00"]) names(await world.get(`/user/?cursor=${value}`), "cursor");
    names(await world.get("/user/?cursor=&offset=0"), "offset");
    names(await world.get("/user/?count=all"), "count");
    names(await world.get("/user/?format=xml"), "format");
    assert.equal((await world.get("/user/?format=json&count=exact")).status, 200);
  });

  it("a number beyond all others is past the end, and no limit is too great to be served", async () => {
    const huge = "99999999999999999999";
    const past = (await world.get(`/user/?offset=${huge}`)).body;
    assert.deepEqual([past.results, past.next], [[], null]);
    assert.notEqual(past.previous, null);
    assert.equal((await world.get(`/user/?id=${huge}`)).body.count, 0);
    assert.equal((await world.get(`/user/?limit=${huge}`)).body.results.length, 100);
  });

  it("booleans and ids in queries are what the contract says", async () => {
    for (const value of ["true", "TRUE", "1", "True"]) assert.equal((await world.get(`/user/?is_active=${value}`)).status, 200);
    for (const value of ["yes", "2", "", "on", "null"]) names(await world.get(`/user/?is_active=${value}`), "is_active");
    for (const value of ["one", "1.5", ""]) names(await world.get(`/user/?id=${value}`), "id");
    for (const value of ["yesterday", "", "2024-02-30"]) names(await world.get(`/user/?last_change__gte=${value}`), "last_change__gte");
    assert.equal((await world.get("/user/?id=42")).body.results[0].id, 42);
    assert.equal((await world.get("/user/?id=999999")).body.count, 0);
    assert.equal((await world.get("/user/?role=admin")).body.results[0].id, 12345);
    assert.equal((await world.get("/user/?group=developers&last_change__gte=2000-01-01 00:01:00%2B00:00")).body.results[0].id, 42);
  });

  it("links are absolute and keep every other parameter", async () => {
    const query = "organization=acme_corp&balance=true&is_active=true&limit=5";
    const { body } = await world.get(`/user_token/?${query}&offset=5`);
    for (const link of [body.next, body.previous]) {
      const url = new URL(link);
      assert.equal(url.pathname, "/api/v1/user_token/");
      assert.deepEqual(
        [url.searchParams.get("balance"), url.searchParams.get("organization"), url.searchParams.get("is_active")],
        ["true", "acme_corp", "true"],
      );
      assert.equal(url.searchParams.get("limit"), "5");
    }
    assert.equal(new URL(body.next).searchParams.get("offset"), "10");
    const byCursor = (await world.get(`/user_token/?${query}&cursor=`)).body;
    assert.equal(byCursor.previous, null);
    assert.equal(new URL(byCursor.next).searchParams.get("balance"), "true");
    assert.ok(new URL(byCursor.next).searchParams.get("cursor"));
  });

  it("links begin with GATEHOUSE_PUBLIC_URL where it is set, else with the request's own origin", async () => {
    const next = (await proxied.get("/user/?limit=1")).body.next as string;
    assert.ok(next.startsWith("https://api.example.com/gate/api/v1/user/?"), next);
    const own = (await world.get("/user/?limit=1", { headers: { host: "gate.local:8080" } })).body.next as string;
    assert.ok(own.startsWith("http://gate.local:8080/api/v1/user/?"), own);
  });

  it("the ledger of an account is a list like any other", async () => {
    await world.patch("/user_token/1/", { user_time: 1 });
    const { body } = await world.get("/user_token/1/time_ledger/?limit=1");
    assert.deepEqual([body.count, body.results.length, body.previous], [2, 1, null]);
    assert.match(body.next, /\/user_token\/1\/time_ledger\/\?limit=1&offset=1$/);
  });
});
