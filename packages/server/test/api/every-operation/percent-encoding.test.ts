import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, basePath } from "@gatehouse-aaa/contract";
import { fullToken, onEachDatabase, type World } from "../../support/world.ts";

/** No digits, none behind it, half a character, a byte of Latin-1, a NUL that is too long, and half a pair. */
const malformed = ["%zz", "%", "a%f", "%ff", "jos%e9", "%c3", "%c0%80", "%ed%a0%80", "%f8%88%80%80%80"];

onEachDatabase("what is no percent-encoded UTF-8", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const faultsOf = async (method: string, url: string): Promise<[status: number, fields: string[]]> => {
    const answer = await world.app.http.inject({
      method: method as "GET",
      url,
      headers: { authorization: `Bearer ${fullToken}`, "content-type": "application/json" },
      ...(method === "GET" || method === "DELETE" ? {} : { body: "{}" }),
    });
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/, url);
    return [answer.statusCode, Object.keys(answer.json<{ errors?: object }>().errors ?? {})];
  };

  it("is refused in the query of every operation, by the parameter's name", async () => {
    for (const { method, path, query } of allOperations) {
      const url = basePath + path.replaceAll(/\{\w+\}/g, "1");
      for (const name of [...Object.keys(query?.properties ?? {}), "unknown"]) {
        const text = malformed[(name.length + path.length) % malformed.length]!;
        assert.deepEqual(await faultsOf(method, `${url}?${name}=${text}`), [400, [name]], `${method} ${url} ${name}`);
      }
    }
    for (const text of malformed) {
      assert.deepEqual(await faultsOf("GET", `${basePath}/user/?limit=1&username=${text}&id=${text}`), [400, ["username", "id"]], text);
      assert.deepEqual(await faultsOf("GET", `${basePath}/user/?${text}=1`), [400, [text]], text);
    }
  });

  it("is refused in every parameter of every path, by its name", async () => {
    let count = 0;
    for (const { method, path } of allOperations) {
      for (const [whole, name] of path.matchAll(/\{(\w+)\}/g)) {
        const text = malformed[count++ % malformed.length]!;
        const url = basePath + path.replace(whole, text).replaceAll(/\{\w+\}/g, "1");
        assert.deepEqual(await faultsOf(method, url), [400, [name]], `${method} ${url}`);
      }
    }
    assert.ok(count > 20);
    for (const text of malformed)
      assert.deepEqual(await faultsOf("GET", `${basePath}/user/username/${text}/?limit=1`), [400, ["username"]]);
  });

  it("is refused outside of the API as well", async () => {
    for (const url of [
      "/healthz?x=%ff",
      "/readyz?x=%zz",
      "/metrics?x=%",
      "/swagger/?x=%ff",
      "/nothing?x=%ff",
      `${basePath}/nothing/?x=%zz`,
    ]) {
      assert.deepEqual(await faultsOf("GET", url), [400, ["x"]], url);
    }
    for (const url of ["/swagger/static/%ff", "/%zz", `${basePath}/nothing/%ff/`]) assert.equal((await faultsOf("GET", url))[0], 400, url);
  });

  it("and what is one is read", async () => {
    for (const query of ["username=jos%c3%a9", "username=%F0%9F%98%80", "username=100%25", "username=a+b", "username="]) {
      const answer = await world.app.http.inject({ url: `${basePath}/user/?${query}`, headers: { authorization: `Bearer ${fullToken}` } });
      assert.equal(answer.statusCode, 200, query);
    }
  });
});
