import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { exchange, listen } from "../support/raw-exchange.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("an odd request", (open) => {
  let world: World;
  let port: number;
  before(async () => {
    world = await open();
    port = await listen(world);
  });
  after(() => world.close());

  /** Sends a head as it is, with the token, and returns everything that comes back. */
  const raw = (head: string): Promise<string> =>
    exchange(port, [`${head}\r\nAuthorization: Bearer ${fullToken}\r\nConnection: close\r\n\r\n`]);

  it("outside of the API is refused by a problem document", async () => {
    const response = await world.app.http.inject({ url: "/foo" });
    assert.equal(response.statusCode, 404);
    assert.match(String(response.headers["content-type"]), /^application\/problem\+json/);
  });

  it("by a method that no path offers is 405 with Allow", async () => {
    const answer = await raw("TRACE /api/v1/user/ HTTP/1.1\r\nHost: gate.example.com");
    assert.match(answer, /^HTTP\/1\.1 405 /);
    assert.match(answer, /\r\nallow: GET, HEAD, OPTIONS, PATCH, POST\r\n/i);
  });

  it("with a whole URL in its request line gets the links of a list", async () => {
    const answer = await raw("GET http://gate.example.com/api/v1/user/?limit=1 HTTP/1.1\r\nHost: gate.example.com");
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /"next":"http:\/\/gate\.example\.com\/api\/v1\/user\/\?limit=1&offset=1"/);
  });

  it("with a whole URL that is none is told so, and not of its encoding", async () => {
    for (const url of ["http://a:99999/", "http://a:99999/api/v1/user/", "http:///x", "http://[::1/healthz"]) {
      const answer = await raw(`GET ${url} HTTP/1.1\r\nHost: gate.example.com`);
      assert.match(answer, /^HTTP\/1\.1 400 /, url);
      assert.match(answer, /The URL of the request line has no host/, url);
    }
    const answer = await raw("GET http://gate.example.com/api/v1/user/%zz/ HTTP/1.1\r\nHost: gate.example.com");
    assert.match(answer, /"errors":\{"id":\["Is not percent-encoded/);
  });

  it("with a host that is none is refused, and does not say it again", async () => {
    for (const host of [
      "evil.example/x?",
      "a:99999",
      "user@evil.example",
      "evil.example evil",
      "",
      "1.2.3.256",
      "[::1",
      "\u00e4.example",
    ]) {
      for (const path of ["/api/v1/user/?limit=1", "/swagger/", "/healthz", "/nothing"]) {
        const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}`);
        assert.match(answer, /^HTTP\/1\.1 400 /, `${host} ${path}`);
        assert.match(answer, /\r\ncontent-type: application\/problem\+json\r\n/i);
        assert.ok(!answer.includes("evil.example"), answer);
      }
    }
  });

  it("with a host in its request line goes by that, whatever the header says", async () => {
    const answer = await raw("GET http://gate.example.com/api/v1/user/?limit=1 HTTP/1.1\r\nHost: other.example.com");
    assert.match(answer, /"next":"http:\/\/gate\.example\.com\//);
    assert.match(await raw("GET http://u@gate.example.com/api/v1/user/ HTTP/1.1\r\nHost: gate.example.com"), /^HTTP\/1\.1 400 /);
  });

  it("to delete is answered whatever type and body it carries", async () => {
    const headers = { "content-type": "foo" };
    assert.equal((await world.request("DELETE", "/user/43/", { raw: "{broken", headers })).status, 204);
  });

  it("with a name of endless combining marks is refused unread", async () => {
    const answer = await world.post("/user/", { username: `a${"\u0301\u0323".repeat(100_000)}` });
    assert.equal(answer.status, 400);
    assert.ok(answer.body.errors.username);
  });

  it("with nothing but unknown fields is refused without naming them all", async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field${index}`, 1]));
    const answer = await world.post("/user/", body);
    assert.equal(answer.status, 400);
    assert.deepEqual(Object.keys(answer.body.errors), ["body"]);
  });

  it("for a missing record has its faulty organization told first", async () => {
    const answer = await world.patch("/user_token/999999/", { organization: "nowhere" });
    assert.deepEqual([answer.status, Object.keys(answer.body.errors ?? {})], [400, ["organization"]]);
  });

  it("for accounts by empty filters counts what it lists", async () => {
    for (const filter of ["username", "klass", "external_id"]) {
      const answer = await world.get(`/user_token/?${filter}=`);
      assert.deepEqual([answer.status, answer.body.count], [200, answer.body.results.length], filter);
    }
  });

  it("with faults of every sort has them all told at once", async () => {
    const faulty = {
      username: "john_doe",
      email: "nope",
      organization: 999,
      profile: ["nowhere"],
      expiration: "x",
      password: "$2b$99$broken",
    };
    const named = (answer: { status: number; body: { errors?: object } }) => [answer.status, Object.keys(answer.body.errors ?? {}).sort()];
    const fields = ["email", "expiration", "organization", "password", "profile", "username"];
    assert.deepEqual(named(await world.post("/user_token/", faulty)), [400, fields]);
    assert.deepEqual(named(await world.put("/user_token/42/", faulty)), [400, fields]);
    const { email, expiration, ...wellFormed } = faulty;
    assert.deepEqual(named(await world.patch("/user_token/42/", wellFormed)), [400, ["organization", "password", "profile", "username"]]);
    const rows = [
      { id: 42, email },
      { id: 2, username: "john_doe", expiration },
      { id: 12345, username: "john_doe" },
    ];
    const answer = await world.patch("/user/", rows);
    assert.deepEqual(named(answer), [400, ["0.email", "1.expiration", "1.username", "2.username"]]);
    assert.equal((await world.get("/user/2/")).body.username, "jane_smith");
  });
});
