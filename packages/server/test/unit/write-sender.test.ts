import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { operations } from "@gatehouse-aaa/contract";
import { createReceiver, createSender } from "../../src/handover/frames.ts";
import type { FromWriter, HandedCall, ToWriter } from "../../src/handover/messages.ts";
import { createWriteSender, type WriteSender } from "../../src/handover/write-sender.ts";
import { bind, type Call } from "../../src/http/route.ts";
import type { Share } from "../../src/kernel/fair-line.ts";
import { eventually } from "../support/eventually.ts";

const unavailable = { code: "server.unavailable" };

describe("writes that wait for the process that writes", () => {
  let directory: string;
  let writes: WriteSender;
  let answer: (answer: FromWriter) => void;
  let end: () => Promise<void>;
  const calls: HandedCall[] = [];
  const gone: number[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-writes-"));
    const path = join(directory, "writer.sock");
    calls.length = 0;
    gone.length = 0;
    const sockets: Socket[] = [];
    // A writer that answers when the test says so.
    const writer = createServer((socket) => {
      sockets.push(socket);
      answer = createSender<FromWriter>(socket);
      socket.on(
        "data",
        createReceiver<ToWriter>((message) => {
          if (message.kind === "call") calls.push(message);
          else if (message.kind === "gone") gone.push(message.id);
        }),
      );
    }).listen(path);
    await once(writer, "listening");
    writes = createWriteSender(path);
    await writes.connected;
    end = async () => {
      await writes.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => writer.close(resolve));
    };
  });
  afterEach(async () => {
    await end();
    await rm(directory, { recursive: true });
  });

  /** Writes for who pays, and says what became of it. */
  const write = (share: Share, isWaiting?: () => boolean) => {
    const route = writes.handOver(
      bind(operations.userCreate, async () => ({})),
      async () => share,
    );
    const caller = { actor: { kind: "api_token", id: 1, name: "test" }, requestId: share.join(" "), address: null, isWaiting };
    return route.handle({ operationId: "userCreate", caller, params: {}, query: {}, isMergePatch: false } as unknown as Call);
  };
  const from = (organization: string) => calls.filter(({ requestId }) => requestId.startsWith(`${organization} `));

  it("are bounded by organization: one that sends thousands is refused, and another is written for at once", async () => {
    const refused: unknown[] = [];
    const flood = Array.from({ length: 6_000 }, (_, index) =>
      write(["flooding", `token ${index % 9}`, `request ${index}`]).catch((error: unknown) => void refused.push(error)),
    );
    await eventually("the flood's first are with the writer", () => from("flooding").length > 100);
    const others = Array.from({ length: 50 }, (_, index) => write(["quiet", "token", `request ${index}`]));
    await eventually("the other's are with the writer, of whom none has answered", () => from("quiet").length === 50);
    await eventually("what is beyond the bound is refused", () => refused.length > 1_000);
    for (const { id } of from("quiet")) answer({ id, answer: { body: "written" } });
    assert.ok((await Promise.all(others)).every(({ body }) => body === "written"));
    assert.ok(refused.every((error) => (error as { code: string }).code === unavailable.code));
    await end();
    await Promise.all(flood);
  });

  it("go to the writer no more when nobody waits for them, and it is told of those that it has", async () => {
    let isWaiting = true;
    const first = write(["a", "token", "first"], () => isWaiting);
    await eventually("the first is with the writer", () => calls.length === 1);
    isWaiting = false;
    await assert.rejects(
      write(["a", "token", "second"], () => isWaiting),
      unavailable,
    );
    await eventually("the writer is told", () => gone.length > 0);
    assert.deepEqual([calls.length, gone[0]], [1, calls[0]!.id]);
    answer({ id: calls[0]!.id, refusal: { code: "access.too_many_attempts", detail: "Later.", retryAfterSeconds: 77 } });
    await assert.rejects(first, { code: "access.too_many_attempts", retryAfterSeconds: 77 });
  });

  it("are lost with the writer when they are with it, and refused when they still wait", async () => {
    const all = Array.from({ length: 1_000 }, (_, index) =>
      write(["a", "token", `request ${index}`]).catch((error: Error) => error.message),
    );
    await eventually("many are with the writer", () => calls.length > 100);
    await end();
    const told = await Promise.all(all);
    assert.equal(told.filter((message) => /was lost/.test(String(message))).length, calls.length);
    assert.equal(told.filter((message) => /Nothing can be written/.test(String(message))).length, 1_000 - calls.length);
  });
});
