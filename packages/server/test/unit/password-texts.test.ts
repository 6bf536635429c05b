import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { hashSync } from "@node-rs/bcrypt";
import { cryptString } from "../../src/modules/accounts/passwords/crypt-string.ts";
import { costOf } from "../../src/modules/accounts/passwords/hash-costs.ts";
import { classifyPassword, isReadWhole, type PasswordScheme } from "../../src/modules/accounts/passwords/index.ts";
import { createPasswordHasher } from "../../src/modules/accounts/passwords/password-hasher.ts";
import { isMadeOf as isMadeOfBy } from "../../src/modules/accounts/passwords/password-matching.ts";

const isMadeOf = (stored: string, password: Buffer) => isMadeOfBy(stored, password, async (text, under) => cryptString(text, under));

const password = "s3cret-ä";
const sha1 = "6062db4000d64c1f5a6c9bdf0b67816c7cf2b4b3";
const md5 = createHash("md5").update(password).digest();
const nt = "056585eb6c5a02fb4e000c92814a4a10";
const ssha = "f2iXz7gT4Tn355NweNU5TRiM7rdwZXBw";
const crypt = "$1$ab$bddlLCrn4gEIzaCsUM50Z/";

const isOfPassword = async (text: string, scheme: PasswordScheme) => {
  const read = classifyPassword(text, scheme);
  assert.equal(read.kind, "hash", `${scheme} ${text}`);
  return read.kind === "hash" && (await isMadeOf(read.stored, Buffer.from(password))) && !(await isMadeOf(read.stored, Buffer.from(text)));
};

describe("the text of a password", () => {
  it("is a hash under auto in every form that is understood, whatever the case of its scheme", async () => {
    const bcrypted = hashSync(createHash("sha256").update(password).digest("hex"), 4);
    const argon = await createPasswordHasher().hash(Buffer.from(password), { share: ["organization", "client", ""] });
    const texts = [
      crypt,
      `{CRYPT}${crypt}`,
      `{crypt}${hashSync(password, 4)}`,
      `{SSHA}${ssha}`,
      `{ssha}${ssha}`,
      `{Md5}${md5.toString("base64")}`,
      `{MD5}${md5.toString("hex")}`,
      `{sha}${Buffer.from(sha1, "hex").toString("base64")}`,
      `{SHA}${sha1}`,
      `{nt}${nt.toUpperCase()}`,
      argon,
      `argon2${argon}`,
      `bcrypt_sha256$${bcrypted}`,
      `bcrypt$${hashSync(password, 4)}`,
    ];
    for (const text of texts) assert.ok(await isOfPassword(text, "auto"), text);
  });

  it("is a bare hash where its scheme is said", async () => {
    const bare: readonly (readonly [PasswordScheme, string])[] = [
      ["nt", nt],
      ["nt", nt.toUpperCase()],
      ["nt", `{NT}${nt}`],
      ["md5", md5.toString("hex")],
      ["md5", md5.toString("base64")],
      ["md5", md5.toString("base64").replace(/=+$/, "")],
      ["sha1", sha1.toUpperCase()],
      ["sha1", Buffer.from(sha1, "hex").toString("base64")],
      ["ssha", ssha],
      ["ssha", `{ssha}${ssha}`],
      ["ssha", Buffer.from(ssha, "base64").toString("hex")],
      ["ssha", `{SSHA}${Buffer.from(ssha, "base64").toString("hex").toUpperCase()}`],
      ["crypt", crypt],
      ["crypt", `{CRYPT}${crypt}`],
    ];
    for (const [scheme, text] of bare) assert.ok(await isOfPassword(text, scheme), `${scheme} ${text}`);
    for (const text of [nt, sha1, md5.toString("base64")]) assert.equal(classifyPassword(text).kind, "clear", text);
  });

  it("is refused where it looks like a hash and is not understood or not whole", () => {
    const x = (length: number) => "x".repeat(length);
    const refused: readonly (readonly [PasswordScheme, string])[] = [
      ["auto", "$P$Bsomethingsomethingsomething1"],
      ["auto", "$y$j9T$abcdefghijklmnop$3dL1LkYnZM.OVXuVdnnaKVDlLYT92dRwOzDZ5XiVCe."],
      ["auto", "$7$CU..../....salt$hash"],
      ["auto", "$argon2i$v=19$m=16,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"],
      ["auto", `$2x$10$${x(53)}`],
      ["auto", `$2b$15$${x(53)}`],
      ["auto", `$6$rounds=200001$salt$${x(86)}`],
      ["auto", `$1$saltsaltsalt$${x(22)}`],
      ["auto", `$1$salt$${x(21)}`],
      ["auto", "{PBKDF2}whatever"],
      ["auto", "{SHA}abc"],
      ["auto", "{MD5}"],
      ["auto", "{NT}xyz"],
      ["auto", "{CRYPT}abNANd1rDfiNc"],
      ["auto", `{SSHA}${ssha}\n`],
      ["auto", "pbkdf2_sha1$1000$salt$hash"],
      ["auto", "scrypt$salt$16384$8$1$hash"],
      ["auto", "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99"],
      ["auto", "argon2$argon2i$v=19$m=16,t=1,p=1$c2FsdA$aGFzaA"],
      ["auto", `bcrypt_sha256$$2b$15$${x(53)}`],
      // A locked account's line of a password file, and what Flask and PostgreSQL keep.
      ["auto", `!${crypt}`],
      ["auto", `!!$6$salt$${x(86)}`],
      ["auto", `*${crypt}`],
      ["auto", `pbkdf2:sha256:600000$saltsaltsalt$${nt}${nt}`],
      ["auto", `scrypt:32768:8:1$saltsaltsalt$${nt}${nt}`],
      ["auto", "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0$c3RvcmVk:c2VydmVy"],
      ["ssha", sha1],
      ["nt", x(32)],
      ["md5", `${nt}0`],
      ["sha1", nt],
      ["ssha", Buffer.from(sha1, "hex").toString("base64")],
      ["ssha", `{SHA}${Buffer.from(sha1, "hex").toString("base64")}`],
      ["crypt", "$argon2id$v=19$m=19456,t=2,p=1$uRLCphMWw/qXGrbpTqAOkw$SAmRt4cZVuH5GtJ+vNeIpVVKwpeHdnNNnUWaEBqmX88"],
      ["crypt", "password"],
      ["md5", "correct horse"],
    ];
    for (const [scheme, text] of refused) {
      const read = classifyPassword(text, scheme);
      assert.equal(read.kind, "broken", `${scheme} ${text}`);
      assert.ok(read.kind === "broken" && !read.sentence.includes(text));
    }
  });

  it("is the password itself otherwise, and always where that is said", () => {
    for (const text of [
      "$",
      "$$",
      "$ 5 $ 6",
      "pa$$word",
      "{}",
      "{a b}",
      "a{SSHA}b",
      "md5",
      "md5$",
      "US$100$",
      "!important$",
      "!$ave money$",
      "scrypt:is$good$really",
      "SCRAM-SHA-256",
      "5f4dcc3b5aa765d61d8327deb882cf99",
    ]) {
      assert.equal(classifyPassword(text).kind, "clear", text);
    }
    for (const text of ["$P$B1234", "{SSHA}x", crypt, "$y$"]) assert.equal(classifyPassword(text, "clear").kind, "clear", text);
  });

  it("costs as bcrypt does in Django's form around it", () => {
    const bcrypt = `$2b$14$${"x".repeat(53)}`;
    assert.equal(costOf(`bcrypt_sha256$${bcrypt}`), costOf(bcrypt));
    assert.ok(costOf(bcrypt) > 8);
  });

  it("is read to its end by every scheme but bcrypt", () => {
    const long = Buffer.from("p".repeat(73));
    const bcrypt = hashSync("p".repeat(72), 4);
    assert.deepEqual(
      [isReadWhole(bcrypt, long), isReadWhole(bcrypt, long.subarray(1)), isReadWhole(bcrypt, long.subarray(2))],
      [false, false, true],
    );
    for (const stored of [crypt, `{NT}${nt}`, `bcrypt_sha256$${bcrypt}`]) assert.ok(isReadWhole(stored, long), stored);
  });
});
