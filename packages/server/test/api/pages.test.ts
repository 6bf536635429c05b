import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("a page beside the operations", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const ask = (method: string, url: string, headers: Record<string, string> = {}) =>
    world.app.http.inject({ method: method as "GET", url, headers });
  const isProblem = (answer: Awaited<ReturnType<typeof ask>>, status: number, what: string) => {
    assert.equal(answer.statusCode, status, `${what}: ${answer.body}`);
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/, what);
    assert.equal(answer.json().status, status, what);
  };
  const pages = ["/", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/swagger/", "/swagger/static/swagger-ui.css"];

  it("answers 405 with Allow to a method that it does not offer, with or without a token", async () => {
    for (const url of [...pages, "/healthz/", "/healthz?a=1", "http://gate.example.com/healthz"]) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
        const answer = await ask(method, url);
        isProblem(answer, 405, `${method} ${url}`);
        assert.equal(answer.headers["allow"], "GET, HEAD", `${method} ${url}`);
      }
    }
  });

  it("is 404 where there is none, whatever the method", async () => {
    for (const url of ["/healthz/x", "/swagger/nothing", "/healthzz", "/healthz%2f"]) {
      for (const method of ["GET", "POST"]) isProblem(await ask(method, url), 404, `${method} ${url}`);
    }
    isProblem(await ask("GET", "/swagger/static/nothing.css"), 404, "a file");
  });

  it("leaves a range out, whatever is wrong with it, and sends the whole", async () => {
    const url = "/swagger/static/swagger-ui.css";
    const whole = await ask("GET", url);
    assert.equal(whole.statusCode, 200);
    for (const range of ["bytes=999999999-", "bytes=a-b", "bytes=5-2", "bytes=0-9", "bytes=0-1,4-5", "bytes=-0", "lines=1-2", "bytes"]) {
      for (const path of [url, "/swagger/", "/api/v1/openapi.json", "/healthz"]) {
        const answer = await ask("GET", path, { range });
        assert.equal(answer.statusCode, 200, `${path} ${range}: ${answer.body.slice(0, 200)}`);
        if (path === url) assert.equal(answer.body.length, whole.body.length, range);
      }
    }
  });

  it("is 412 where it is not the one that is asked for, and 304 where it is known", async () => {
    const url = "/swagger/static/swagger-ui.css";
    const { etag } = (await ask("GET", url)).headers;
    for (const headers of [{ "if-match": '"zz"' }, { "if-unmodified-since": "Sat, 01 Jan 2000 00:00:00 GMT" }]) {
      isProblem(await ask("GET", url, headers), 412, JSON.stringify(headers));
      isProblem(await ask("HEAD", url, headers).then((answer) => Object.assign(answer, { json: () => ({ status: 412 }) })), 412, "HEAD");
    }
    assert.equal((await ask("GET", url, { "if-match": String(etag) })).statusCode, 200);
    assert.equal((await ask("GET", url, { "if-none-match": String(etag) })).statusCode, 304);
    for (const headers of [
      { "if-modified-since": "no date" },
      { "if-unmodified-since": "no date" },
      { "if-match": "zz" },
      { "if-range": "x" },
    ]) {
      const { statusCode } = await ask("GET", url, headers as Record<string, string>);
      assert.ok(statusCode < 500, JSON.stringify(headers));
    }
  });

  it("takes no query parameter that the document of the API does not know", async () => {
    const answer = await ask("GET", "/api/v1/openapi.json?x=1");
    isProblem(answer, 400, "x=1");
    assert.deepEqual(Object.keys(answer.json().errors), ["x"]);
    isProblem(await ask("GET", "/api/v1/openapi.json?format=xml"), 400, "format=xml");
    assert.equal((await ask("GET", "/api/v1/openapi.json?format=json")).statusCode, 200);
  });
});
