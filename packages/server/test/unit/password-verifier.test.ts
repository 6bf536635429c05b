import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPasswordHasher, createPasswordVerifier } from "../../src/modules/accounts/passwords/index.ts";
import { createTurnstile } from "../../src/modules/accounts/passwords/turnstile.ts";

/** Hashes as other programs make them: PHP, Django, glibc's crypt(3), Apache, Windows, OpenLDAP, and our own library. */
const hashes: readonly (readonly [password: string, stored: string])[] = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["s3cret-ä", "pbkdf2_sha256$1000$seasalt$iu5It6yih6GFRy6VtoTT5ehQJfOZ7AAmzOjP/WhRyAU="],
  ["s3cret-ä", "{SSHA}f2iXz7gT4Tn355NweNU5TRiM7rdwZXBw"],
  ["Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
  ["Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"],
  ["s3cret-ä", "$5$rounds=1000$ab$koq4k1Q6lOfQuvQ55t3tcG/pUr16wYg17ON/BGBX/v8"],
  ["Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"],
  ["пароль", "$6$x$Jz/dKpXcojOJeaWukOwRf9YaKQxncbRwHJ0lYKYdQ9sNb3Qi9F8D596kBr/DdRE6yHWZCiSIHymXACZRh1aZV/"],
  [
    "p".repeat(100),
    "$6$rounds=1234$abcdefghijklmnop$m8aR54arXJtupUXj4rOo/F5nZ0LomWf5MYTFEYegfE6rnnA33G60bUUNOlTyR7tzx2Nph.xUyj1isVlVPDQGC1",
  ],
  ["Hello world!", "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1"],
  ["s3cret-ä", "$1$ab$bddlLCrn4gEIzaCsUM50Z/"],
  ["p".repeat(100), "$1$abcdefgh$hrDbr1kiyfxniRQePyjXx1"],
  ["secret", "$1$$ysVNzQc4CTMkp5daOdZ.3/"],
  ["Hello world!", "$apr1$saltstri$aGfuB7Lcvs2TUeFTqUVfN0"],
  ["s3cret-ä", "{NT}056585eb6c5a02fb4e000c92814a4a10"],
  ["password", "{NT}8846f7eaee8fb117ad06bdd830b7586c"],
  ["s3cret-ä", "{MD5}gkU0DqwTJuAxUU0Gtn9MrA=="],
  ["s3cret-ä", "{SMD5}DZxxnhhw/k0hC3DPF9Nsh3NhbHRzYWx0"],
  ["s3cret-ä", "{SHA}YGLbQADWTB9abJvfC2eBbHzytLM="],
  ["s3cret-ä", "{SHA256}dCS6FYsYLUHz/sD84a1IYtJTq45uFx69LlcJNWxxk6w="],
  ["s3cret-ä", "{SSHA256}9m/nPsR8nAi9CqQuvaqprlSMsKKVfz7hGDkIdm7qc5dzYWx0c2FsdA=="],
  ["s3cret-ä", "{SSHA512}Cmc5Onc2+QdQsVOfv6xuIkuE5TsnHxBPdfc6C6InhtD133teE9ivNc7mljkFQvRkKSNp1ZWWZrmPkoSxJEGZ5HNhbHRzYWx0"],
];

const started = (nowMs = 1_000) => {
  const clock = { now: nowMs, nowMs: () => clock.now };
  let passed = 0;
  const inner = createTurnstile(1);
  const turnstile = {
    through: <T>(work: () => Promise<T>) => {
      passed += 1;
      return inner.through(work);
    },
  };
  return { clock, verifier: createPasswordVerifier({ clock, turnstile }), verified: () => passed };
};

describe("passwords", () => {
  for (const [password, storedHash] of hashes) {
    it(`are verified against ${storedHash.slice(0, 12)}... by its own scheme`, async () => {
      const { verifier } = started();
      const claim = { userId: 1, storedHash };
      assert.deepEqual(await verifier.verify(claim, Buffer.from(password)), { isRight: true, isOutdated: true, isFresh: true });
      for (const other of [`${password}x`, password.slice(1), "", password.toUpperCase().toLowerCase().concat(" ")]) {
        assert.equal((await verifier.verify(claim, Buffer.from(other))).isRight, false, other);
      }
    });
  }

  it("of today's hash are not outdated", async () => {
    const { verifier } = started();
    const storedHash = await createPasswordHasher().hash(Buffer.from("correct horse"));
    assert.deepEqual(await verifier.verify({ userId: 1, storedHash }, Buffer.from("correct horse")), {
      isRight: true,
      isOutdated: false,
      isFresh: true,
    });
  });

  it("never fit where nothing is stored, where the hash is broken, or for a stranger", async () => {
    const { verifier, verified } = started();
    const none = { isRight: false, isOutdated: false, isFresh: true };
    for (const claim of [{ userId: 1, storedHash: null }, { userId: 1, storedHash: `$2b$05$${"x".repeat(53)}` }, { stranger: "nobody" }]) {
      assert.deepEqual(await verifier.verify(claim, Buffer.from("password")), none);
    }
    assert.equal(verified(), 3, "each of them cost a verification, as a wrong password does");
    const empty = {
      userId: 1,
      storedHash: "$6$abc$mJP3a6FyA8uCnzRtlnNypPwjnvpi5TP9qOrInzrfDmwxUQG38PkpCPdqfTb8JQfAngapMxeim4AZ..hSdRRzD.",
    };
    assert.deepEqual(await verifier.verify(empty, Buffer.alloc(0)), none, "the hash of an empty password opens nothing");
  });

  it("are remembered for ten minutes when right, for one when wrong, and under no other hash or account", async () => {
    const { clock, verifier, verified } = started();
    const [password, storedHash] = hashes[2]!;
    const claim = { userId: 1, storedHash };
    const tries = async (text: string, whose: Parameters<typeof verifier.verify>[0] = claim) => {
      const before = verified();
      const { isRight } = await verifier.verify(whose, Buffer.from(text));
      return { isRight, cost: verified() - before };
    };
    assert.deepEqual(await tries(password), { isRight: true, cost: 1 });
    assert.deepEqual(await tries(password), { isRight: true, cost: 0 });
    assert.deepEqual(await tries("wrong"), { isRight: false, cost: 1 });
    assert.deepEqual(await tries("wrong"), { isRight: false, cost: 0 });
    assert.deepEqual(await tries(password, { userId: 2, storedHash }), { isRight: true, cost: 1 });
    assert.deepEqual(await tries(password, { userId: 1, storedHash: hashes[4]![1] }), { isRight: false, cost: 1 });
    clock.now += 60_001;
    assert.deepEqual(await tries("wrong"), { isRight: false, cost: 1 });
    assert.deepEqual(await tries(password), { isRight: true, cost: 0 });
    clock.now += 540_000;
    assert.deepEqual(await tries(password), { isRight: true, cost: 1 });
  });

  it("that were just hashed anew are taken as verified", async () => {
    const { verifier, verified } = started();
    verifier.remember(1, hashes[0]![1], Buffer.from("U*U"));
    assert.equal((await verifier.verify({ userId: 1, storedHash: hashes[0]![1] }, Buffer.from("U*U"))).isRight, true);
    assert.equal(verified(), 0);
  });
});

describe("a turnstile", () => {
  it("lets so many through at once, the others in their order, and refuses a line that is too long", async () => {
    const turnstile = createTurnstile(2, 2);
    const doors = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
    const entered: number[] = [];
    const all = doors.map((door, index) =>
      turnstile.through(() => {
        entered.push(index);
        return door.promise;
      }),
    );
    await assert.rejects(
      turnstile.through(() => Promise.resolve()),
      { code: "server.unavailable" },
    );
    assert.deepEqual(entered, [0, 1]);
    doors[1]!.reject(new Error("fails"));
    await assert.rejects(all[1]!, /fails/);
    assert.deepEqual(entered, [0, 1, 2]);
    for (const [index, door] of doors.entries()) door.resolve(index);
    assert.deepEqual(await Promise.all([all[0], all[2], all[3]]), [0, 2, 3]);
    assert.equal(await turnstile.through(async () => "again"), "again");
  });
});
