import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { describe, it } from "node:test";
import { cryptString } from "../../src/modules/accounts/passwords/crypt-string.ts";
import { createCryptThreads } from "../../src/modules/accounts/passwords/crypt-threads.ts";
import { createHashingQueue } from "../../src/modules/accounts/passwords/hashing-queue.ts";
import { createPasswordVerifier } from "../../src/modules/accounts/passwords/password-verifier.ts";

const password = Buffer.from("Hello world!");
const md5 = "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1";
const sha256 = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
/** As versions before the bound on rounds stored it. */
const dear = `$6$rounds=2000000$saltstring$${"x".repeat(86)}`;
const unavailable = { code: "server.unavailable" };

/** A thread that does this with whatever it is asked. */
const threadThat = (does: string) =>
  new URL(`data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { ${does} })`);

describe("crypt(3) strings", () => {
  it("are made beside the event loop, and quick ones beside dear ones", async () => {
    const { crypt, close } = createCryptThreads();
    try {
      const state = { isOver: false };
      const [all, main] = [process.cpuUsage(), process.threadCpuUsage()];
      const dearOnes = Promise.all([crypt(password, dear), crypt(password, dear)]).finally(() => {
        state.isOver = true;
      });
      assert.deepEqual(await Promise.all([md5, sha256].map((stored) => crypt(password, stored))), [md5, sha256]);
      assert.equal(await crypt(password, md5), md5);
      assert.equal(state.isOver, false);
      await dearOnes;
      const [spent, here] = [process.cpuUsage(all), process.threadCpuUsage(main)];
      assert.ok(here.user * 3 < spent.user, `${here.user} of ${spent.user} microseconds on the event loop's thread`);
    } finally {
      await close();
    }
  });

  it("that are dear are made by threads that leave the processors to others", {
    skip: process.platform !== "linux" && "Linux alone keeps priorities of threads",
  }, async () => {
    const nice = async () =>
      Promise.all(
        (await readdir("/proc/self/task")).map(async (thread) => {
          const stat = await readFile(`/proc/self/task/${thread}/stat`, "utf8").catch(() => "");
          // After the name, which may hold spaces, the 17th field (proc(5): the 19th of all).
          return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
        }),
      );
    const { crypt, close } = createCryptThreads();
    try {
      const lowered = async () => (await nice()).filter((one) => one === 10).length;
      const own = getPriority();
      const was = await lowered();
      await crypt(password, sha256);
      assert.equal(await lowered(), was, "a quick one has the priority of all");
      await crypt(password, dear);
      assert.equal(await lowered(), was + 1);
      assert.equal(getPriority(), own, "and the event loop keeps its own");
    } finally {
      await close();
    }
  });

  it("are the same on a thread as here", async () => {
    const { crypt, close } = createCryptThreads();
    for (const stored of [md5, sha256, "$6$rounds=1234$ab$x", "$apr1$$x"]) {
      assert.equal(await crypt(Buffer.from("pässwörd"), stored), cryptString(Buffer.from("pässwörd"), stored));
    }
    await close();
  });

  for (const [how, does] of [
    ["ends", "process.exit(1)"],
    ["fails", "throw new Error('out of memory')"],
  ] as const) {
    it(`that a thread was to make which ${how} are unavailable, which is no verdict, and others are made by new threads`, async () => {
      const { crypt, close } = createCryptThreads(threadThat(does));
      const verifier = createPasswordVerifier({ clock: { nowMs: () => 0 }, queue: createHashingQueue({ atOnce: 1 }), crypt });
      const share = ["organization", "client", "phone"] as const;
      const claim = { name: "john", account: { userId: 1, storedHash: md5 } };
      // Twice: what could not be checked is not remembered as wrong.
      for (let time = 0; time < 2; time += 1) await assert.rejects(async () => verifier.verify(claim, password, { share }), unavailable);
      await assert.rejects(Promise.all(Array.from({ length: 9 }, () => crypt(password, md5))), unavailable);
      await close();
    });
  }

  it("that wait when the threads are closed are unavailable, and so are later ones", async () => {
    const { crypt, close } = createCryptThreads();
    const asked = Array.from({ length: 9 }, () => assert.rejects(crypt(password, dear), unavailable));
    await close();
    await Promise.all(asked);
    await assert.rejects(crypt(password, md5), unavailable);
  });
});
