import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Share } from "../../src/kernel/fair-line.ts";
import { cryptString } from "../../src/modules/accounts/passwords/crypt-string.ts";
import { createHashingQueue, type HashingQueue } from "../../src/modules/accounts/passwords/hashing-queue.ts";
import { createPasswordHasher } from "../../src/modules/accounts/passwords/password-hasher.ts";
import { isMadeOf } from "../../src/modules/accounts/passwords/password-matching.ts";
import { createPasswordVerifier, type PasswordClaim } from "../../src/modules/accounts/passwords/password-verifier.ts";

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

const asking = { share: ["organization", "client", "station"] } as const;

/** A verifier that counts what it holds passwords against. */
const started = (nowMs = 1_000) => {
  const clock = { now: nowMs, nowMs: () => clock.now };
  const tried: string[] = [];
  const counted: typeof isMadeOf = (stored, password, by) => {
    tried.push(stored);
    return isMadeOf(stored, password, by);
  };
  const crypt = async (password: Buffer, stored: string) => cryptString(password, stored);
  const verifier = createPasswordVerifier({ clock, queue: createHashingQueue({ atOnce: 1 }), crypt, isMadeOf: counted });
  return {
    clock,
    tried,
    verifier,
    verify: async (claim: PasswordClaim, password: string | Buffer) => verifier.verify(claim, Buffer.from(password), asking),
  };
};

const claimOf = (storedHash: string | null, userId = 1, name = "john"): PasswordClaim => ({ name, account: { userId, storedHash } });
const stranger = (name: string): PasswordClaim => ({ name, account: undefined });

describe("passwords", () => {
  for (const [password, storedHash] of hashes) {
    it(`are verified against ${storedHash.slice(0, 12)}... by its own scheme`, async () => {
      const { verify } = started();
      const claim = claimOf(storedHash);
      assert.deepEqual(await verify(claim, password), { isRight: true, isOutdated: true, isFresh: true });
      for (const other of [`${password}x`, password.slice(1), "", password.toUpperCase().toLowerCase().concat(" ")]) {
        assert.equal((await verify(claim, other)).isRight, false, other);
      }
    });
  }

  it("of today's hash are not outdated", async () => {
    const { verify } = started();
    const storedHash = await createPasswordHasher().hash(Buffer.from("correct horse"), asking);
    assert.deepEqual(await verify(claimOf(storedHash), "correct horse"), { isRight: true, isOutdated: false, isFresh: true });
  });

  it("never fit where nothing is stored, where the hash is broken, or for a stranger", async () => {
    const { verify } = started();
    const none = { isRight: false, isOutdated: false, isFresh: true };
    for (const claim of [claimOf(null), claimOf(`$2b$05$${"x".repeat(53)}`), stranger("nobody")]) {
      assert.deepEqual(await verify(claim, "password"), none);
    }
    const empty = "$6$abc$mJP3a6FyA8uCnzRtlnNypPwjnvpi5TP9qOrInzrfDmwxUQG38PkpCPdqfTb8JQfAngapMxeim4AZ..hSdRRzD.";
    assert.deepEqual(await verify(claimOf(empty), ""), none, "the hash of an empty password opens nothing");
  });

  it("that are wrong cost one hash of today's kind, for an account, without a password, with a cheap hash, and for nobody", async () => {
    const { verify, tried } = started();
    const ofToday = await createPasswordHasher().hash(Buffer.from("right"), asking);
    const counted = async (claim: PasswordClaim, password: string) => {
      const before = tried.length;
      await verify(claim, password);
      return tried.slice(before).filter((stored) => stored.startsWith("$argon2id$v=19$m=19456,t=2,p=1$")).length;
    };
    const claims = {
      known: claimOf(ofToday, 1, "known"),
      without: claimOf(null, 2, "without"),
      ssha: claimOf("{SSHA}f2iXz7gT4Tn355NweNU5TRiM7rdwZXBw", 3, "ssha"),
      pbkdf2: claimOf(hashes[2]![1], 4, "pbkdf2"),
      bcrypt: claimOf(hashes[0]![1], 5, "bcrypt"),
      shaCrypt: claimOf(hashes[6]![1], 6, "shaCrypt"),
      nobody: stranger("nobody"),
    };
    for (const [name, claim] of Object.entries(claims)) assert.equal(await counted(claim, "wrong"), 1, name);
    for (const [name, claim] of Object.entries(claims)) assert.equal(await counted(claim, "wrong"), 0, `${name} again`);
    for (const [name, { account }] of Object.entries(claims)) {
      assert.equal(await counted({ name: `${name}@realm`, account }, "wrong"), 1, `${name} by another name`);
    }
  });

  it("are remembered for ten minutes when right, for one when wrong, and under no other hash or account", async () => {
    const { clock, verify, tried } = started();
    const [password, storedHash] = hashes[2]!;
    const tries = async (text: string, whose = claimOf(storedHash)) => {
      const before = tried.length;
      const { isRight } = await verify(whose, text);
      return { isRight, isTried: tried.length > before };
    };
    assert.deepEqual(await tries(password), { isRight: true, isTried: true });
    assert.deepEqual(await tries(password), { isRight: true, isTried: false });
    assert.deepEqual(await tries("wrong"), { isRight: false, isTried: true });
    assert.deepEqual(await tries("wrong"), { isRight: false, isTried: false });
    assert.deepEqual(await tries(password, claimOf(storedHash, 2)), { isRight: true, isTried: true });
    assert.deepEqual(await tries(password, claimOf(hashes[4]![1])), { isRight: false, isTried: true });
    clock.now += 60_001;
    assert.deepEqual(await tries("wrong"), { isRight: false, isTried: true });
    assert.deepEqual(await tries(password), { isRight: true, isTried: false });
    clock.now += 540_000;
    assert.deepEqual(await tries(password), { isRight: true, isTried: true });
  });

  it("that were just hashed anew are taken as verified", async () => {
    const { verifier, verify, tried } = started();
    verifier.remember(1, hashes[0]![1], Buffer.from("U*U"));
    assert.equal((await verify(claimOf(hashes[0]![1]), "U*U")).isRight, true);
    assert.deepEqual(tried, []);
  });
});

/** Work that ends when it is told to, and says in which order it began. */
const watched = (queue: HashingQueue) => {
  const begun: string[] = [];
  const running: (() => void)[] = [];
  return {
    begun,
    begin(name: string, share: Share, price = 1, isWanted?: () => boolean) {
      return queue.run({ share, isWanted }, price, () => {
        begun.push(name);
        return new Promise<void>((resolve) => running.push(resolve));
      });
    },
    /** Ends what runs, until nothing does. */
    async endAll() {
      await nextTurn();
      while (running.length > 0) {
        running.shift()!();
        await nextTurn();
      }
    },
  };
};

describe("a queue", () => {
  const a = ["a", "client", "phone"] as const;
  const b = ["b", "client", "phone"] as const;
  const unavailable = { code: "server.unavailable" };

  it("lets so many through at once, and the others as they end, also where one fails", async () => {
    const queue = createHashingQueue({ atOnce: 1 });
    const failing = queue.run({ share: a }, 1, () => Promise.reject(new Error("fails")));
    const next = queue.run({ share: a }, 1, async () => "next");
    await assert.rejects(failing, /fails/);
    assert.equal(await next, "next");
    assert.deepEqual(queue.figures(), { waiting: 0, passed: 2, refused: 0 });
  });

  it("serves another organization after one hash of a flood, and refuses the flood alone", async () => {
    const queue = createHashingQueue({ atOnce: 1, maxWaiting: 100 });
    const { begun, begin, endAll } = watched(queue);
    const flood = Array.from({ length: 500 }, (_, index) => begin("a", ["a", `token:${index % 7}`, `request ${index}`]));
    const settled = Promise.allSettled(flood);
    const others = Array.from({ length: 20 }, (_, index) => begin("b", ["b", "aa_client:1", `phone ${index}`]));
    await endAll();
    await Promise.all(others);
    assert.ok(begun.slice(0, 45).filter((name) => name === "b").length === 20, begun.slice(0, 45).join(""));
    const refused = (await settled).filter(({ status }) => status === "rejected").length;
    assert.equal(refused, 500 - (begun.length - 20));
    assert.ok(refused > 0);
  });

  it("has dear hashes wait for dear ones alone, of which no organization has every place", async () => {
    const { begun, begin, endAll } = watched(createHashingQueue({ atOnce: 1 }));
    const all = [...Array(5).keys()].map((index) => begin(`dear ${index}`, a, 100));
    all.push(begin("quick", b), begin("dear of b", b, 20));
    await nextTurn();
    assert.deepEqual(begun, ["dear 0", "quick", "dear of b"]);
    await endAll();
    await Promise.all(all);
  });

  it("does not do what nobody waits for any more", async () => {
    const { begun, begin, endAll } = watched(createHashingQueue({ atOnce: 1 }));
    let isWanted = true;
    const first = begin("first", a);
    const gone = assert.rejects(
      begin("gone", a, 1, () => isWanted),
      unavailable,
    );
    const last = begin("last", a);
    isWanted = false;
    await endAll();
    await Promise.all([first, gone, last]);
    assert.deepEqual(begun, ["first", "last"]);
  });
});
