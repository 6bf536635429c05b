import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runProgram } from "../support/program.ts";
import { certificate, startTlsServer } from "../support/tls-server.ts";
import { freshDatabase } from "../support/world.ts";

/** Standard error of a command that refused in one sentence. */
const refusal = async (url: string): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(["token", "list"], { DATABASE_URL: url });
  assert.deepEqual([code, stdout], [1, ""], `${url}: ${stderr}`);
  assert.match(
    stderr,
    /^gatehouse: The PostgreSQL database[^\n]* cannot be used: [^\n]+ \(DATABASE_URL\)\.\n$/,
    "no stack, and no warning",
  );
  assert.doesNotMatch(stderr, /hidden-word/);
  return stderr;
};

describe("PostgreSQL over TLS", () => {
  let server: Awaited<ReturnType<typeof startTlsServer>>;
  let plain: Awaited<ReturnType<typeof freshDatabase>>;
  let directory: string;
  let authority: string;
  before(async () => {
    server = await startTlsServer();
    plain = await freshDatabase("postgres");
    directory = await mkdtemp(join(tmpdir(), "gatehouse-tls-"));
    authority = join(directory, "authority.crt");
    await writeFile(authority, certificate);
    await writeFile(join(directory, "none.crt"), "no certificate");
  });
  after(async () => {
    await server.close();
    await plain.drop();
    await rm(directory, { recursive: true, force: true });
  });
  const secured = (query: string, host = "localhost") => `postgres://u:hidden-word@${host}:${server.port}/x?${query}`;

  for (const mode of ["prefer", "require", "verify-ca", "verify-full"]) {
    it(`with a certificate that nobody has signed is refused by sslmode=${mode}, and told what to do`, async () => {
      const said = await refusal(secured(`sslmode=${mode}`));
      assert.ok(said.includes(`x at localhost:${server.port} `), said);
      assert.match(said, /sslrootcert=<file>.*sslmode=no-verify/);
    });

    it(`on a server that has none is told so: sslmode=${mode}`, async () => {
      const url = plain.environment["DATABASE_URL"]!;
      assert.match(await refusal(`${url}${url.includes("?") ? "&" : "?"}sslmode=${mode}`), /it has no TLS.*sslmode=disable/);
    });
  }

  it("is taken with the certificate of its authority, or without the check", async () => {
    for (const query of [`sslmode=verify-full&sslrootcert=${authority}`, `sslmode=require&sslrootcert=${authority}`, "sslmode=no-verify"]) {
      assert.match(await refusal(secured(query)), /it refuses this user or password/, `${query} comes as far as the login`);
    }
    assert.match(await refusal(secured("uselibpqcompat=true&sslmode=require")), /it refuses this user or password/, "libpq checks nothing");
  });

  it("is for the host that its certificate names", async () => {
    assert.match(
      await refusal(secured(`sslmode=verify-full&sslrootcert=${authority}`, "127.0.0.1")),
      /its certificate is for another host/,
    );
  });

  it("knows its modes and its files", async () => {
    const bogus = await refusal(secured("sslmode=bogus"));
    assert.match(bogus, /sslmode=bogus, and the modes are disable, prefer, require, verify-ca, verify-full, no-verify/);
    assert.match(await refusal(secured("sslmode=verify-ca&uselibpqcompat=true")), /no sslrootcert=<file>/);
    assert.match(await refusal(secured(`sslmode=verify-full&sslrootcert=${join(directory, "none.crt")}`)), /PEM files|sslrootcert=<file>/);
    const lost = await refusal(secured(`sslmode=verify-full&sslrootcert=${join(directory, "lost.crt")}`));
    assert.ok(lost.includes(`${join(directory, "lost.crt")} cannot be read`), lost);
  });
});

describe("a PostgreSQL database that does not take the connection", () => {
  it("is told with what it says: an option that is none", async () => {
    const fresh = await freshDatabase("postgres");
    try {
      const url = fresh.environment["DATABASE_URL"]!;
      const said = await refusal(`${url}${url.includes("?") ? "&" : "?"}options=-c%20foo`);
      assert.match(said, /it refuses the connection, and says: .*foo/);
    } finally {
      await fresh.drop();
    }
  });
});
