import { connect, type Socket } from "node:net";
import type { Call, Route } from "../http/route.ts";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import { createFairLine, leavesRoom, type Share } from "../kernel/fair-line.ts";
import { type Collector, counter, gauge } from "../metrics/family.ts";
import { createReceiver, createSender } from "./frames.ts";
import type { FromWriter, HandedCall, Refusal, ToWriter } from "./messages.ts";

/** How long to wait before trying to reach the writer again. */
const pauseMs = 25;
/** Writes that are with the writer at once. It commits dozens in one flush, and no organization has all of them. */
const maxHanded = 512;
/** Writes that may wait for it. More would wait longer than any client does. */
const maxWaiting = 4_500;
/** How often the sender checks whether clients still wait for their writes. */
const checkMs = 250;

interface Waiting {
  readonly share: Share;
  readonly call: HandedCall;
  isWanted(): boolean;
  resolve(answer: NonNullable<FromWriter["answer"]>): void;
  reject(error: unknown): void;
}

/** Sends the writes of a reading process to the process that writes. */
export interface WriteSender {
  /** The same operation, run by the writer when its payer's turn comes. Reads, and calls that are refused anyway, run here. */
  handOver(route: Route, shareOf: (caller: Caller) => Promise<Share>): Route;
  noteUses(uses: ReadonlyMap<number, number>): void;
  /** Resolves when the writer is reached for the first time. */
  readonly connected: Promise<void>;
  readonly collect: Collector;
  /** Call it when no write waits any more. */
  close(): Promise<void>;
}

export const createWriteSender = (path: string): WriteSender => {
  const line = createFairLine<Waiting>({ running: maxHanded, waiting: maxWaiting, mayStart: leavesRoom });
  const handed = new Map<number, Waiting>();
  const connected = Promise.withResolvers<void>();
  let socket: Socket | undefined;
  let send: ((message: ToWriter) => void) | undefined;
  let checking: NodeJS.Timeout | undefined;
  let isClosed = false;
  let ids = 0;
  let passed = 0;
  let lost = 0;

  /** Sends the writes whose turn it is, or refuses them where there is no writer. */
  const pump = () => {
    for (let next = line.next(); next !== undefined; next = line.next()) {
      if (send && next.isWanted()) {
        passed += 1;
        handed.set(next.call.id, next);
        send(next.call);
      } else {
        line.end(next.share);
        next.reject(notReached());
      }
    }
    if (handed.size > 0) checking ??= setInterval(check, checkMs).unref();
  };
  /** Reports to the writer the calls that nobody waits for any more. It still answers them. */
  const check = () => {
    for (const [id, { isWanted }] of handed) if (!isWanted()) send?.({ kind: "gone", id });
    if (handed.size > 0) return;
    clearInterval(checking);
    checking = undefined;
  };
  const receive = ({ id, answer, refusal }: FromWriter) => {
    const write = handed.get(id);
    if (!write) return;
    handed.delete(id);
    line.end(write.share);
    if (answer) write.resolve(answer);
    else if (refusal) write.reject(errorOf(refusal));
    else write.reject(new Error("The writer failed. Its log says why, under the id of this request."));
    pump();
  };
  const lose = () => {
    socket = undefined;
    send = undefined;
    lost += handed.size;
    for (const { share, reject } of handed.values()) {
      line.end(share);
      reject(unknownOutcome());
    }
    handed.clear();
    pump();
    if (!isClosed) setTimeout(reach, pauseMs);
  };
  const reach = () => {
    if (isClosed) return;
    const attempt = connect(path);
    attempt.once("connect", () => {
      socket = attempt;
      send = createSender<ToWriter>(attempt);
      connected.resolve();
    });
    attempt.on("data", createReceiver<FromWriter>(receive));
    // Whatever the error is, the writer cannot be reached, and the next attempt follows.
    attempt.on("error", () => {});
    attempt.once("close", lose);
  };
  reach();

  const enqueue = (call: Call, share: Share) =>
    new Promise<NonNullable<FromWriter["answer"]>>((resolve, reject) => {
      ids += 1;
      const isWanted = call.caller.isWaiting ?? (() => true);
      line.add(share, { share, call: messageOf(ids, call), isWanted, resolve, reject })?.reject(tooMany());
      pump();
    });

  return {
    handOver(route, shareOf) {
      if (route.operation.method === "GET") return route;
      return { ...route, handle: async (call) => (call.faults ? route.handle(call) : enqueue(call, await shareOf(call.caller))) };
    },
    noteUses(uses) {
      send?.({ kind: "uses", uses: [...uses] });
    },
    connected: connected.promise,
    collect: () => [
      gauge("gatehouse_handed_writes_waiting", "Writes that wait for the process that writes.", handed.size + line.waiting),
      counter("gatehouse_handed_writes_total", "Writes that were handed to the process that writes.", passed),
      counter("gatehouse_handed_writes_lost_total", "Writes whose outcome is unknown, because the process that writes died.", lost),
    ],
    close() {
      isClosed = true;
      clearInterval(checking);
      const open = socket;
      if (!open) return Promise.resolve();
      return new Promise((resolve) => {
        open.once("close", () => resolve());
        // After the messages of this tick.
        setImmediate(() => open.end());
      });
    },
  };
};

const messageOf = (id: number, call: Call): HandedCall => {
  const { actor, requestId, address } = call.caller;
  if (actor.kind !== "api_token" || actor.id === null) throw new Error(`A write of the actor ${actor.kind} cannot be handed over.`);
  return {
    kind: "call",
    id,
    operationId: call.operationId,
    tokenId: actor.id,
    requestId,
    address,
    params: call.params,
    query: call.query,
    body: call.body,
    isMergePatch: call.isMergePatch,
    precondition: call.precondition,
  };
};

const errorOf = ({ code, detail, fields, retryAfterSeconds }: Refusal) =>
  new DomainError(code, detail, { ...(fields && { fields }), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });

const tooMany = () => new DomainError("server.unavailable", "Too many of your writes wait already. Try again in a moment.");

const notReached = () =>
  new DomainError("server.unavailable", "Nothing can be written at the moment; reading goes on. Try again in a moment.");

const unknownOutcome = () =>
  new DomainError("server.unavailable", "The answer was lost: whether the change was made can be seen by reading the record.");
