import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import { requirePermission } from "../http/authentication.ts";
import type { Call, Route } from "../http/route.ts";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import { createReceiver, createSender } from "./frames.ts";
import type { FromWriter, HandedCall, ToWriter } from "./messages.ts";

/** How long reading processes may take to finish when all end. */
const closingPatienceMs = 8_000;

export interface WriteReceiverDependencies {
  readonly routes: readonly Route[];
  /** The caller of a token now; undefined when the token is not valid any more. */
  callerOf(tokenId: number, request: { id: string; address: string | null }): Promise<Caller | undefined>;
  /** What the layers below throw, as refusals; undefined for what nobody expects. */
  translateError(error: unknown): DomainError | undefined;
  noteUses(uses: ReadonlyMap<number, number>): Promise<unknown>;
  readonly logger: Logger;
}

/** Runs the writes of reading processes with the same handlers as this process's own. */
export interface WriteReceiver {
  /** Listens on a socket that only this user's processes can open. */
  listen(path: string): Promise<void>;
  /** Waits until the reading processes have disconnected. */
  close(): Promise<void>;
}

export const createWriteReceiver = (deps: WriteReceiverDependencies): WriteReceiver => {
  const routes = new Map(deps.routes.map((route) => [route.operation.operationId, route]));

  const run = async (handed: HandedCall, isWaiting: () => boolean): Promise<FromWriter> => {
    const { id } = handed;
    try {
      const route = routes.get(handed.operationId);
      if (!route) throw new Error(`There is no operation ${handed.operationId}.`);
      const caller = await deps.callerOf(handed.tokenId, { id: handed.requestId, address: handed.address });
      if (!caller) throw new DomainError("request.unauthenticated", "The token was revoked, or it expired, a moment ago.");
      requirePermission(caller, route.operation);
      return { id, answer: await route.handle(callOf(handed, { ...caller, isWaiting })) };
    } catch (error) {
      const known = error instanceof DomainError ? error : deps.translateError(error);
      if (known) {
        const { code, message: detail, fields, retryAfterSeconds } = known;
        return { id, refusal: { code, detail, fields, retryAfterSeconds } };
      }
      deps.logger.error({ err: error, reqId: handed.requestId }, "unexpected error in a write of another process");
      return { id };
    }
  };

  const noteUses = (uses: ReadonlyMap<number, number>): Promise<unknown> =>
    deps.noteUses(uses).catch((error: unknown) => deps.logger.error({ err: error }, "noting token use failed"));

  const sockets = new Set<Socket>();
  /** What nobody waits for: the uses of tokens, and calls of reading processes that died. */
  const running = new Set<Promise<unknown>>();
  const follow = (work: Promise<unknown>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    const send = createSender<FromWriter>(socket);
    /** The calls of this socket whose answers somebody waits for. The calls of a reading process that died still run. */
    const awaited = new Set<number>();
    const begin = async (call: HandedCall): Promise<void> => {
      awaited.add(call.id);
      const answer = await run(call, () => awaited.has(call.id));
      awaited.delete(call.id);
      send(answer);
    };
    const receive = createReceiver<ToWriter>((message) => {
      if (message.kind === "call") follow(begin(message));
      else if (message.kind === "gone") awaited.delete(message.id);
      else follow(noteUses(new Map(message.uses)));
    });
    socket.on("data", receive);
    // The close event follows.
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });

  return {
    listen: (path) => listenPrivately(server, path),
    async close() {
      const gone = Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
      const patience = AbortSignal.timeout(closingPatienceMs);
      const late = new Promise((resolve) => patience.addEventListener("abort", resolve));
      await Promise.race([gone, late]);
      for (const socket of sockets) socket.destroy();
      await Promise.race([Promise.all(running), late]);
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Creates the socket with its mode: between creating it and changing its mode, others could open it. */
const listenPrivately = async (server: Server, path: string): Promise<void> => {
  rmSync(path, { force: true });
  const mask = process.umask(0o177);
  try {
    // Otherwise a cluster worker would have the primary listen.
    server.listen({ path, exclusive: true });
  } finally {
    process.umask(mask);
  }
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  process.once("exit", () => rmSync(path, { force: true }));
};

const callOf = (handed: HandedCall, caller: Caller): Call => ({
  operationId: handed.operationId,
  caller,
  params: handed.params as never,
  query: handed.query as never,
  body: handed.body as never,
  faults: undefined,
  isMergePatch: handed.isMergePatch,
  precondition: handed.precondition,
  get url(): URL {
    throw new Error(`${handed.operationId} is a write, and the answer of a write has no links.`);
  },
});
