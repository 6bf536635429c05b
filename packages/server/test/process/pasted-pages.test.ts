import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { blocksOf, isInstalled, type PastedBlock, pasteInto, requireShown } from "../support/pasted-blocks.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";

/** What no reader who has pasted a page wants to see. */
const trouble =
  /already|taken\.|invalid|command not found|No such (?:file|process)|syntax error|unbound|Nothing of|SyntaxError|TypeError|^gatehouse: |"status": ?[45]\d\d/im;

const isFree = async (port: number): Promise<boolean> => {
  const tcp = createServer().listen(port, "127.0.0.1");
  const udp = createSocket("udp4").bind({ port, address: "127.0.0.1", exclusive: true });
  try {
    await Promise.all([once(tcp, "listening"), once(udp, "listening")]);
    return true;
  } catch {
    return false;
  } finally {
    tcp.close();
    udp.close();
  }
};

/** Ports that nobody has: of HTTP, RADIUS authentication and accounting, and the equipment's. */
const choosePorts = async (): Promise<readonly [number, number, number, number]> => {
  const first = randomInt(10_000, 30_000);
  const ports = [first, first + 1, first + 2, first + 3] as const;
  for (const port of ports) if (!(await isFree(port))) return choosePorts();
  return ports;
};

/** Pastes twice on one database, the beginning once more before it where somebody began anew, and looks at all that was said. */
const pasteTwice = async (blocks: readonly PastedBlock[], database: (typeof databaseNames)[number], begun = 0) => {
  const { environment, drop } = await freshDatabase(database, false);
  const { GATEHOUSE_BOOTSTRAP_TOKEN: _, ...settings } = environment;
  try {
    const [http, auth, acct, orders] = await choosePorts();
    const ports = {
      GATEHOUSE_PORT: String(http),
      GATEHOUSE_RADIUS_AUTH_PORT: String(auth),
      GATEHOUSE_RADIUS_ACCT_PORT: String(acct),
    };
    const pasted = await pasteInto([...blocks.slice(0, begun), ...blocks, ...blocks], {
      environment: { ...settings, ...ports },
      instead: { "127.0.0.1:8080": `127.0.0.1:${http}`, "3799": String(orders) },
    });
    for (const [index, said] of pasted.said.entries()) {
      const shown = said.block.shows.join("\n");
      const unexpected = said.output.split("\n").filter((line) => trouble.test(line) && !trouble.test(shown));
      assert.deepEqual(unexpected, [], `block ${index}, of line ${said.block.line}:\n${said.output}`);
      requireShown(said);
    }
    assert.doesNotMatch(pasted.files["gatehouse.log"]!, /"level":[56]0/, "the server had no trouble");
    assert.match(pasted.files["gatehouse.log"]!, /"msg":"Gatehouse ended"/, "the page ends what it starts");
    assert.equal(pasted.code, 0);
    assert.deepEqual([await isFree(http), await isFree(orders)], [true, true], "nothing is left running");
    return pasted;
  } finally {
    await drop();
  }
};

/** A newcomer's machine may lack what the pages ask of a reader. A lane of CI of its own has it. */
const skip = ["bash", "curl"].filter((program) => !isInstalled(program)).map((program) => `${program} is not on the PATH`)[0] ?? false;

for (const database of databaseNames) {
  describe(`docs/guides/hotspot.md, pasted twice into one terminal (${database})`, { skip }, () => {
    it("shows what it says, both times, also where somebody stops in the middle and begins anew", async () => {
      const blocks = await blocksOf("docs/guides/hotspot.md");
      assert.ok(blocks.length > 10 && blocks.filter(({ shows }) => shows.length > 0).length > 10);
      await pasteTwice(blocks, database, blocks.findIndex(({ text }) => text.includes("tell Start laptop")) + 1);
    });
  });
}

describe("the first hour of README.md, pasted twice into one terminal", { skip }, () => {
  it("works both times, from the start in the background to its end", async () => {
    const blocks = await blocksOf("README.md");
    const first = blocks.findIndex(({ text }) => text.includes("SERVER=$!"));
    const last = blocks.findIndex(({ text }) => text.includes("kill $SERVER"));
    assert.ok(first > 0 && last > first, "the page starts a server and ends it");
    const { said } = await pasteTwice(blocks.slice(first, last + 1), "sqlite");
    assert.ok(said.every(({ output }) => !/"errors"/.test(output)));
  });
});
