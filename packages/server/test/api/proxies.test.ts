import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../support/operations.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

/** A request by way of the proxy at an address. */
const asker =
  (world: World) =>
  async (from: string, headers: Record<string, string>, path = "/api/v1/user/?limit=1") => {
    const response = await world.app.http.inject({
      url: path,
      remoteAddress: from,
      headers: { host: "inside:8080", authorization: `Bearer ${fullToken}`, ...headers },
    });
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  };

onEachDatabase("behind proxies that are trusted", (open) => {
  let world: World;
  let ask: ReturnType<typeof asker>;
  before(async () => {
    world = await open({ environment: { GATEHOUSE_TRUSTED_PROXIES: "10.0.0.0/8, 127.0.0.1,2001:db8:1::/48" } });
    ask = asker(world);
  });
  after(() => world.close());

  const linkBy = async (from: string, headers: Record<string, string>) => String((await ask(from, headers)).body.next).split("/api/v1/")[0];

  /** The address that the audit trail keeps of a change. */
  const addressBy = async (from: string, headers: Record<string, string>) => {
    const response = await world.app.http.inject({
      method: "PATCH",
      url: "/api/v1/user/42/",
      remoteAddress: from,
      headers: { authorization: `Bearer ${fullToken}`, ...headers },
      payload: { klass: `class ${Math.random()}` },
    });
    assert.equal(response.statusCode, 200, response.body);
    const row = await world.app.database.reader
      .selectFrom("audit_entry")
      .select("address")
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    return row.address;
  };

  it("links have the scheme, the host and the prefix that the proxy tells", async () => {
    const told = { "x-forwarded-proto": "https", "x-forwarded-host": "gate.example.com", "x-forwarded-prefix": "/gate/" };
    assert.equal(await linkBy("10.1.2.3", told), "https://gate.example.com/gate");
    assert.equal(await linkBy("::ffff:10.1.2.3", told), "https://gate.example.com/gate");
    assert.equal(await linkBy("2001:db8:1::7", told), "https://gate.example.com/gate");
    assert.equal(await linkBy("10.1.2.3", { "x-forwarded-proto": "gopher" }), "http://inside:8080");
    assert.equal(
      await linkBy("10.1.2.3", { forwarded: 'for=192.0.2.1;proto=https;host="gate.example.com:8443"' }),
      "https://gate.example.com:8443",
    );
  });

  it("a list beside the addresses gives the entry of the proxy that the client asked", async () => {
    const headers = {
      "x-forwarded-for": "203.0.113.9, 192.0.2.1, 10.0.0.2",
      "x-forwarded-proto": "gopher, https, http",
      "x-forwarded-host": "evil.example, gate.example.com, inner",
    };
    assert.equal(await linkBy("10.0.0.1", headers), "https://gate.example.com");
  });

  it("others are not believed", async () => {
    const told = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.example",
      "x-forwarded-prefix": "/gate",
      "x-forwarded-for": "192.0.2.9",
    };
    for (const from of ["192.0.2.1", "11.0.0.1", "2001:db8:2::1"]) {
      assert.equal(await linkBy(from, told), "http://inside:8080");
      assert.equal(await addressBy(from, { ...told, forwarded: "for=192.0.2.9" }), from);
    }
  });

  it("the client is the last address that no trusted proxy has", async () => {
    const of = (list: string) => addressBy("10.0.0.1", { "x-forwarded-for": list });
    assert.equal(await of("192.0.2.7"), "192.0.2.7");
    assert.equal(await of("203.0.113.1, 192.0.2.7,10.9.9.9"), "192.0.2.7");
    assert.equal(await of("10.0.0.8, 10.0.0.9"), "10.0.0.8");
    assert.equal(await of("192.0.2.7:4711"), "192.0.2.7");
    assert.equal(await of("[2001:DB8::0:1]:4711"), "2001:db8::1");
    assert.equal(await of("::ffff:192.0.2.7"), "192.0.2.7");
    assert.equal(await of("192.0.2.7, unknown, 10.0.0.9"), "10.0.0.9", "beyond what cannot be read nothing is known");
    assert.equal(await of("<script>"), "10.0.0.1");
    assert.equal(await addressBy("10.0.0.1", {}), "10.0.0.1");
    const standard = 'for=203.0.113.1, For="[2001:db8::7]:4711";proto=https, for=10.0.0.4';
    assert.equal(await addressBy("10.0.0.1", { forwarded: standard }), "2001:db8::7");
    assert.equal(await addressBy("10.0.0.1", { forwarded: "for=203.0.113.1", "x-forwarded-for": "192.0.2.7" }), "192.0.2.7");
  });

  it("a host or a prefix that is none is refused", async () => {
    for (const headers of [
      { "x-forwarded-host": "evil.example/x?" },
      { "x-forwarded-host": "a:99999" },
      { "x-forwarded-prefix": "//evil.example" },
      { "x-forwarded-prefix": "/a?b" },
      ...["/a/../b", "/..", "/.", "/a/./b", "/../", "/a/.."].map((prefix) => ({ "x-forwarded-prefix": prefix })),
      { forwarded: 'for=192.0.2.1;host="a b"' },
    ]) {
      assertProblem(await ask("10.0.0.1", headers as Record<string, string>), 400);
    }
  });

  it("the OpenAPI document and Location have the prefix", async () => {
    const headers = { "x-forwarded-prefix": "/gate" };
    for (const path of ["/api/v1/openapi.json", "/swagger/json"]) {
      assert.equal((await ask("10.0.0.1", headers, path)).body.servers[0].url, "/gate/api/v1");
      assert.equal((await ask("192.0.2.1", headers, path)).body.servers[0].url, "/api/v1");
    }
    const made = await world.app.http.inject({
      method: "POST",
      url: "/api/v1/user/",
      remoteAddress: "10.0.0.1",
      headers: { ...headers, authorization: `Bearer ${fullToken}` },
      payload: { username: "made_behind_a_proxy" },
    });
    assert.equal(made.headers["location"], `/gate/api/v1/user/${made.json().id}/`);
  });
});

onEachDatabase("with a public URL that has a path", (open) => {
  let world: World;
  before(async () => {
    world = await open({ environment: { GATEHOUSE_PUBLIC_URL: "https://x.example/gate/" } });
  });
  after(() => world.close());

  it("links, Location and the OpenAPI document carry it", async () => {
    const page = await world.get("/user/?limit=1&offset=1");
    assert.equal(page.body.next, "https://x.example/gate/api/v1/user/?limit=1&offset=2");
    assert.equal(page.body.previous, "https://x.example/gate/api/v1/user/?limit=1");
    const odd = await world.get("/user/?limit=1&username=%C3%A4%20");
    assert.equal(odd.status, 200);
    const made = await world.post("/user/", { username: "made_at_a_public_url" });
    assert.equal(made.headers["location"], `https://x.example/gate/api/v1/user/${made.body.id}/`);
    for (const path of ["/openapi.json", "/swagger/json"]) {
      assert.equal((await world.get(path)).body.servers[0].url, "https://x.example/gate/api/v1");
    }
  });
});
