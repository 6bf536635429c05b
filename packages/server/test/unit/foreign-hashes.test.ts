import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classifyPassword } from "../../src/modules/accounts/passwords/index.ts";

const hexadecimal = (length: number) => "0123456789abcdef".repeat(8).slice(0, length);
const sha512 = `$6$saltsalt$${"x".repeat(86)}`;

/** By what wrote it. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  "crypt(3) of BSDi": ["_J9..CCCCXBrJUJV154M"],
  "braces of a scheme that is not understood": [
    "{FSHP1|16|4096}c2FsdHNhbHQ=",
    "{x-issha, 1024}BnjXMqcNTwa3BzdnUOf1iAu6dw02NzU4MzE2MTA=",
    "{x-isSHA512,15000}abc",
    "{pbkdf2@SpringSecurity_v5_8}0123456789abcdef",
    "{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$c2FsdA$aGFzaA",
    "{SHA 1}abc",
    `{${"x".repeat(80)}}abc`,
    "{}abc",
    "{ＳＨＡ}abc",
  ],
  "$id$, however long": [`$${"x".repeat(80)}$abc`, "$1x y$".replace(" ", "") + "abc"],
  "Django and Werkzeug of other times": [
    "sha256$salt$0123456789abcdef",
    "sha512$salt$0123456789abcdef",
    "PBKDF2_SHA256$1000$salt$hash",
    "plain$$secret",
    "md5$salt$0123456789abcdef",
  ],
  hashcat: [
    "sha1:64000:18:c2FsdA==:aGFzaA==",
    "sha256:1000:c2FsdA==:aGFzaA==",
    "md5:1000:c2FsdA==:aGFzaA==",
    "SCRYPT:1024:1:1:c2FsdA==:aGFzaA==",
    "grub.pbkdf2.sha512.10000.7d391ef4.0123",
  ],
  MySQL: ["*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "*2470c0c06dee42fd1618bb99005adca2ec9d1e19"],
  PostgreSQL: [`md5${hexadecimal(32)}`],
  "SQL Server and Oracle": [`0x0100${hexadecimal(48)}`, `0x0200${hexadecimal(136)}`, `S:${hexadecimal(60).toUpperCase()};T:AB`],
  "ASP.NET Core": [`AQAAAAEAACcQAAAAE${"Ab1+".repeat(16)}A==`],
  "forums and shops": [`${hexadecimal(32)}:Xy`, `${hexadecimal(64)}:salt:1`],
  "Django, for an account without a password": [`!${"aB3x".repeat(10)}`],
  "passwd(1), for a locked account": ["!", "!!", "*", "*LK*", "*NP*", `!${sha512}`, `*LK*${sha512}`, "!rEK1ecacw.7.c", "!{SSHA}x"],
  "a password file": [
    `jane:${sha512}:19000:0:99999:7:::`,
    "jane:!:19000:0:99999:7:::",
    "jane:rEK1ecacw.7.c:19000::::::",
    "jane:x:1000:1000:Jane,,,:/var/jane:/bin/sh",
    `jane:${sha512}:1000:1000::0:0:Jane:/var/jane:/bin/sh`,
    `jane:1000:${"X".repeat(32)}:${hexadecimal(32).toUpperCase()}:[U          ]:LCT-00000000:`,
    `jane:1000:${hexadecimal(32)}:${hexadecimal(32)}:::`,
    `jane:${sha512}`,
    `jane:$apr1$abcdefgh$${"x".repeat(22)}`,
    "jane:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "jane:rEK1ecacw.7.c",
    "jane:!$y$j9T$abc$def",
    `jane:staff:${hexadecimal(32)}`,
    `jane:${sha512}:19000:0:99999:7:::\njohn:*:19000:0:99999:7:::`,
  ],
};

describe("what another program made of a password", () => {
  for (const [program, texts] of Object.entries(foreign)) {
    it(`is no password: ${program}`, () => {
      for (const text of texts) {
        const read = classifyPassword(text);
        assert.equal(read.kind, "broken", text);
        assert.ok(read.kind === "broken" && read.sentence.includes('password_scheme "clear"') && !read.sentence.includes(text));
        assert.equal(classifyPassword(text, "clear").kind, "clear", `${text}, where somebody says so`);
      }
    });
  }

  it("is none behind blanks either", () => {
    for (const before of [" ", "\t", "\r\n", "\uFEFF"]) {
      for (const hash of [sha512, "{SSHA}abcd", "$y$j9T$abc$def"]) assert.equal(classifyPassword(before + hash).kind, "broken", hash);
    }
  });

  it("and what people choose is one", () => {
    const chosen = [
      "  two blanks first",
      // Random letters and digits, of which a quarter has the form of crypt(3) with DES.
      "rEK1ecacw.7.c",
      "papAq5PwY/QQM",
      "k7Xp2Qm9Rt4Wc",
      "administrator",
      "correcthorse2",
      "Gatehouse2026",
      "Welcome2026.Q",
      "MyPassword126",
      "Summer2026Sun",
      "1234567890126",
      "AAAAAAAAAAAAA",
      "purpleMonkeys",
      "_thisismypassword126",
      "*secret*",
      "!important",
      "!!hurry!!",
      "a:b",
      "jane:secret",
      "12:30:45",
      "00:11:22:33:44:55",
      "00-11-22-33-44-55",
      "001122334455",
      "2001:db8:0:0:0:0:0:1",
      "http://example.com/",
      "0x0100",
      "S:small",
      "md5sum",
      "AQAAAAAA",
      "{}",
      "p4$$word",
      hexadecimal(32),
      "pässwörd: ja",
    ];
    for (const text of chosen) assert.equal(classifyPassword(text).kind, "clear", text);
  });
});
