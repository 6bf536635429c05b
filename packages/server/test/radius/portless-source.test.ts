import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { describe, it, type TestContext } from "node:test";
import type { AccessRequest } from "../../src/aaa/words/access-request.ts";
import { createAuthentication } from "../../src/radius/server/authentication.ts";
import { createDuplicateCache } from "../../src/radius/server/duplicate-cache.ts";
import { createExchange, type Exchange } from "../../src/radius/server/exchange.ts";
import { listenAt } from "../../src/radius/server/listening-sockets.ts";
import type { ClientTrust } from "../../src/radius/server/ports.ts";
import { newTally } from "../../src/radius/server/tally.ts";
import { createThrottledLog } from "../../src/radius/server/throttled-log.ts";
import { createWorkQueue } from "../../src/radius/server/work-queue.ts";
import { openRadiusClient, requestBytes } from "../support/radius-client.ts";
import { acceptWith, radiusSecret } from "../support/radius-server-world.ts";

const login = { code: 1, secret: radiusSecret, attributes: [[1, "john.smith"]], password: "demo-john-smith" } as const;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const listening = async (test: TestContext, exchange: Exchange): Promise<Socket> => {
  const socket = await listenAt({ host: "127.0.0.1", port: 0, exchange }, false, quiet, () => undefined);
  test.after(() => void socket.close());
  return socket;
};

/** No socket of Node sends from port 0, but raw sockets do, and this is what Node makes of such a datagram. */
const arriveFromPortZero = (socket: Socket, datagram: Buffer): void =>
  void socket.emit("message", datagram, { address: "127.0.0.1", family: "IPv4", port: 0, size: datagram.length });

const clientOf = async (test: TestContext, socket: Socket) => {
  const client = await openRadiusClient(socket.address().port);
  test.after(() => client.close());
  return client;
};

describe("a datagram from UDP port 0", () => {
  it("is dropped where it arrives, and counted", async (test) => {
    const clock = { nowMs: () => 1_800_000_000_000 };
    const log = createThrottledLog(quiet, clock);
    const trust: ClientTrust = { id: 1, name: "cafe-1", secret: Buffer.from(radiusSecret), requiresMessageAuthenticator: true };
    const tally = newTally();
    const asked: string[] = [];
    const authorize = async (request: AccessRequest<ClientTrust>) => {
      asked.push(request.userName);
      return acceptWith(request);
    };
    const shareOf = ({ name }: ClientTrust, station: string) => [name, name, station] as const;
    const exchange = createExchange<ClientTrust>({
      dialogue: createAuthentication({ authorize, shareOf }, { clock, failures: log }),
      ports: { sourceOf: () => ({ clients: [trust], isShared: false }), shareOf, trustOf: (client) => client },
      duplicates: createDuplicateCache(16, clock),
      queue: createWorkQueue({ running: 1, waiting: 1, maxWaitMs: 1_000 }, clock),
      figures: { tally, onAnswered: () => {} },
      watch: { clock, strangers: log, failures: log },
    });
    const socket = await listening(test, exchange);
    arriveFromPortZero(socket, requestBytes(login));
    arriveFromPortZero(socket, requestBytes({ ...login, code: 12 }));
    assert.equal((await (await clientOf(test, socket)).ask(login)).code, 2);
    assert.deepEqual([tally.received, tally.unanswerable, tally.accepted, asked.length], [3, 2, 1, 1]);
  });

  it("ends neither the process nor the answers of others, should anybody answer it", async (test) => {
    const socket = await listening(test, { receive: (datagram, sender) => sender.reply(datagram) });
    const client = await clientOf(test, socket);
    socket.once("message", () => arriveFromPortZero(socket, Buffer.from("first")));
    socket.prependOnceListener("message", () => arriveFromPortZero(socket, Buffer.from("last")));
    client.send(Buffer.from("echo"));
    assert.equal(String(await client.next()), "echo");
  });
});
