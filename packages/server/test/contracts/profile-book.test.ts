import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { ProfileBook } from "../../src/modules/network/network-access/index.ts";
import { createProfileBook } from "../../src/modules/network/network-access/profile-book.ts";
import { interrupted } from "../support/interrupted-work.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const spelling = { name: (name: string) => name, value: (_name: string, value: string) => value, isSecret: () => false };

onEachDatabase("the profile book", (open) => {
  let world: World;
  let ids: number[];
  const names = ["refusing", "fast"];
  before(async () => {
    world = await open();
    ids = [];
    for (const short_name of names) {
      const check = [{ attribute: "Auth-Type", op: ":=", value: "Reject" }];
      ids.push((await world.post("/aaa_profile/", { short_name, check })).body.id);
    }
  });
  after(() => world.close());

  /** A book in which something happens after each reading, before it is used. */
  const bookWith = (meanwhile: (book: ProfileBook) => void | Promise<void>) => {
    let readings = 0;
    const clock = { now: 1_000_000, nowMs: () => clock.now };
    const work = interrupted(world.app.work, ["aaaProfiles.findMany"], async () => {
      readings += 1;
      await meanwhile(book);
    });
    const book = createProfileBook({ work, clock, spelling });
    const read = async (asked: readonly number[] = ids) => {
      const found = await book.read(asked);
      return found === "gone" ? found : found.map(({ shortName }) => shortName);
    };
    return { book, read, clock, readings: () => readings };
  };

  it("decides with what was read for who waits, whatever is forgotten meanwhile", async () => {
    const { read, readings } = bookWith((book) => book.forget());
    for (let turn = 1; turn <= 3; turn += 1) {
      assert.deepEqual(await read(), names);
      assert.equal(readings(), turn, "what was being read when it was forgotten serves nobody after");
    }
  });

  it("serves many at once while it is forgotten again and again", async () => {
    const { read } = bookWith((book) => book.forget());
    for (const found of await Promise.all(Array.from({ length: 50 }, () => read()))) assert.deepEqual(found, names);
  });

  it("gives from memory nothing that was read after an edition: an account may have been read between", async () => {
    const { book, read } = bookWith(() => {});
    const before = book.edition();
    await read();
    assert.equal(book.inMemory(ids, before), undefined);
    assert.deepEqual(
      book.inMemory(ids, book.edition())?.map(({ shortName }) => shortName),
      names,
    );
    assert.deepEqual(book.inMemory([], before), []);
    book.forget();
    assert.equal(book.inMemory(ids, book.edition()), undefined);
  });

  it("remembers what was read after it was forgotten, and for a second", async () => {
    const { book, read, clock, readings } = bookWith(() => {});
    await read();
    await read();
    assert.equal(readings(), 1);
    book.forget();
    await read();
    await read();
    assert.equal(readings(), 2);
    clock.now += 1_000;
    await read();
    assert.equal(readings(), 3);
  });

  it("never goes back to what an earlier reading brings later", async () => {
    const doors = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let turn = 0;
    const { book, read } = bookWith(async () => {
      turn += 1;
      await doors[turn - 1]?.promise;
    });
    const shortNameOf = async (id: number) => (await world.get(`/aaa_profile/${id}/`)).body.short_name;
    const early = read();
    await new Promise((resolve) => setImmediate(resolve));
    while (turn < 1) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal((await world.patch(`/aaa_profile/${ids[1]}/`, { short_name: "faster" })).status, 200);
    book.forget();
    const late = read();
    doors[1]!.resolve();
    assert.deepEqual(await late, ["refusing", "faster"]);
    doors[0]!.resolve();
    assert.deepEqual(await early, names, "who asked before the change may be told what stood then");
    assert.deepEqual(await read(), ["refusing", "faster"]);
    await world.patch(`/aaa_profile/${ids[1]}/`, { short_name: "fast" });
    assert.equal(await shortNameOf(ids[1]!), "fast");
  });

  it("tells a profile that is deleted from none, and a reading that fails from both", async () => {
    const { read } = bookWith(() => {});
    assert.equal(await read([...ids, 999_999]), "gone");
    assert.deepEqual(await read([]), []);
    const failing = bookWith(() => Promise.reject(new Error("the database is away")));
    await assert.rejects(failing.read(), /the database is away/);
  });
});
