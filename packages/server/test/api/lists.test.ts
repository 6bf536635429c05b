import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { boundedCount, countBound } from "../../src/kernel/pagination.ts";
import { usernameKey } from "../../src/modules/accounts/users/index.ts";
import { assertProblem } from "../support/operations.ts";
import { onEachDatabase, type World } from "../support/world.ts";

interface Row {
  id: number;
  username: string;
}

/** Parts and whole names that have confused search indexes: wildcards, quotes, operators, one letter, no Latin at all. */
const odd = ["50:off", "a_b", "a-b", "AND", "OR.NOT", "near/3", "x@y", "Füße", "ПРИВЕТ", "日本語", "ab", "o.o", "__", "|"];
const parts = [
  "a",
  "_",
  "__",
  "50",
  ":",
  "ab",
  "a_b",
  "and",
  "or.n",
  "ß",
  "SS",
  "üss",
  "привет",
  "本",
  "日本語",
  "@",
  "0_1",
  "guest_00",
  "|",
  "-",
];
const absent = ["%", "%%", "a%b", "'", '"', '"a"', "a*", "^a", "zzz", "\\", "user_account", "a b"];
const total = 3_000;
const organizations = ["globex", "techconf", "marketing"];

onEachDatabase("lists", (open) => {
  let world: World;
  let all: Row[];

  const countOf = async (query: string) => {
    const answer = await world.get(`/user_token/?limit=1&${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.count as number;
  };

  before(async () => {
    world = await open();
    for (let start = 0; start < total; start += 1_000) {
      const rows = Array.from({ length: 1_000 }, (_, index) => {
        const username = odd[start + index] ?? `guest_${String(start + index).padStart(4, "0")}`;
        return { username, organization: organizations[index % 3], is_active: index % 5 !== 0, klass: `k${index % 7}` };
      });
      const answer = await world.post("/user_token/", rows);
      assert.equal(answer.status, 201, JSON.stringify(answer.body).slice(0, 500));
    }
    const { reader } = world.app.database;
    all = await reader.selectFrom("user_account").select(["id", "username"]).orderBy("id").execute();
    assert.equal(all.length, total + 5);
  });
  after(() => world.close());

  const walk = async (first: string): Promise<{ ids: number[]; pages: number }> => {
    const ids: number[] = [];
    let pages = 0;
    for (let url: string | null = first; url !== null; pages += 1) {
      const answer: Awaited<ReturnType<World["get"]>> = await world.get(url);
      assert.equal(answer.status, 200);
      assert.equal(answer.body.count, all.length);
      ids.push(...answer.body.results.map((row: Row) => row.id));
      url = answer.body.next === null ? null : answer.body.next.replace(/^https?:\/\/[^/]+\/api\/v1/, "");
    }
    return { ids, pages };
  };

  for (const start of ["/user/?limit=100", "/user_token/?cursor=&limit=100&balance=true"]) {
    it(`${start} leads to every id once and in order`, async () => {
      const { ids, pages } = await walk(start);
      assert.deepEqual(
        ids,
        all.map((row) => row.id),
      );
      assert.equal(pages, Math.ceil(all.length / 100));
    });
  }

  it("previous leads back the way that next came", async () => {
    const second = (await world.get("/user/?limit=7&offset=7")).body;
    const path = (url: string) => url.replace(/^https?:\/\/[^/]+\/api\/v1/, "");
    const first = (await world.get(path(second.previous))).body;
    assert.deepEqual((await world.get(path(first.next))).body.results, second.results);
    assert.equal(first.previous, null);
  });

  it("a partial username finds exactly the names that contain the part", async () => {
    for (const part of [...parts, ...absent]) {
      const expected = all.filter((row) => usernameKey(row.username).includes(usernameKey(part)));
      const answer = await world.get(`/user/?limit=100&username=${encodeURIComponent(part)}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.body.count, expected.length, part);
      assert.deepEqual(
        answer.body.results.map((row: Row) => row.username),
        expected.slice(0, 100).map((row) => row.username),
        part,
      );
      if (absent.includes(part)) assert.equal(expected.length, 0, `${part} should be in no name`);
    }
  });

  it("search follows a rename and a deletion", async () => {
    const made = (await world.post("/user/", { username: "findme.before" })).body;
    assert.equal((await world.get("/user/?username=findme")).body.count, 1);
    await world.patch(`/user/${made.id}/`, { username: "lookforme.after" });
    assert.equal((await world.get("/user/?username=findme")).body.count, 0);
    assert.equal((await world.get("/user/?username=FORME.A")).body.count, 1);
    await world.delete(`/user/${made.id}/`);
    assert.equal((await world.get("/user/?username=forme")).body.count, 0);
  });

  it("the count stays exact through creations, moves, deactivations and deletions", async () => {
    const check = async () => {
      const { reader } = world.app.database;
      for (const organization of [undefined, 1, 2, 4, 456]) {
        for (const active of [undefined, true, false]) {
          let query = reader.selectFrom("user_account").select("id");
          if (organization !== undefined) query = query.where("organization_id", "=", organization);
          const rows = await query.select("is_active").execute();
          const expected = rows.filter((row) => active === undefined || Boolean(row.is_active) === active).length;
          const filters = [
            organization === undefined ? "" : `organization=${organization}`,
            active === undefined ? "" : `is_active=${active}`,
          ];
          const asked = filters.filter((one) => one !== "").join("&");
          assert.equal(await countOf(asked), expected, asked);
        }
      }
    };
    await check();
    const ids = all.filter((row) => row.username.startsWith("guest_1")).map((row) => row.id);
    const moved = ids.slice(0, 40).map((id) => ({ id, organization: 1 }));
    assert.equal((await world.patch("/user_token/", moved)).status, 200);
    const switched = ids.slice(20, 80).map((id, index) => ({ id, is_active: index % 2 === 0 }));
    assert.equal((await world.patch("/user_token/", switched)).status, 200);
    await Promise.all(ids.slice(60, 100).map((id) => world.delete(`/user_token/${id}/`)));
    assert.equal((await world.post("/user_token/", [{ username: "n1", organization: 2 }, { username: "guest_0099" }])).status, 400);
    await Promise.all(ids.slice(100, 120).map((id) => world.patch(`/user/${id}/`, { organization: "globex", is_active: false })));
    await check();
  });

  it("every other filter counts what it finds", async () => {
    assert.equal(
      await countOf("klass=k3&organization=globex&is_active=true"),
      (await rowsOf("klass=k3&organization=globex&is_active=true")).length,
    );
    assert.equal(await countOf("organization=nowhere"), 0);
    assert.equal(await countOf("last_change__gte=2999-01-01"), 0);
    assert.equal(await countOf("external_id=EXT-USER-001&count=exact"), 1);
  });

  it("a page that is not full counts its own rows, whatever is written meanwhile", async () => {
    const writes = Array.from({ length: 40 }, (_, index) => world.post("/user/", { username: `meanwhile_${index}`, klass: "meanwhile" }));
    const isWritten = Promise.all(writes).then(() => true);
    let pages = 0;
    for (let isOver = false; !isOver; pages += 1) {
      isOver = await Promise.race([isWritten, Promise.resolve(false)]);
      const { count, results } = (await world.get("/user_token/?limit=100&klass=meanwhile")).body;
      assert.equal(count, results.length);
    }
    assert.equal(await countOf("klass=meanwhile"), 40);
    assert.ok(pages > 1, "no page was read while accounts were written");
    const found = await rowsOf("klass=meanwhile");
    await Promise.all(found.map(({ id }) => world.delete(`/user/${id}/`)));
  });

  const rowsOf = async (query: string): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let offset = 0; ; offset += 100) {
      const { results } = (await world.get(`/user_token/?limit=100&offset=${offset}&${query}`)).body;
      rows.push(...results);
      if (results.length < 100) return rows;
    }
  };

  it("a page far beyond the end is empty and leads back", async () => {
    const answer = await world.get("/user/?limit=10&offset=1000000");
    assert.deepEqual([answer.status, answer.body.results, answer.body.next], [200, [], null]);
    assert.match(answer.body.previous, /offset=999990/);
    assertProblem(await world.get("/user/?cursor=bm9uc2Vuc2U"), 400);
  });
});

it("beyond 100,000 a filtered count is a bound and says so", () => {
  assert.equal(countBound, 100_000);
  assert.deepEqual(boundedCount(countBound), { count: 100_000, countIsBound: false });
  assert.deepEqual(boundedCount(countBound + 1), { count: 100_000, countIsBound: true });
});
