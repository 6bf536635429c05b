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
/** So many writes are with the writer at once, which commits dozens in one flush; of them no organization has all. */
const mostHanded = 512;
/** More than this do not wait for it: queueing them would help nobody. */
const mostWaiting = 4_500;
/** How often it is looked whether those who handed writes over still wait for them. */
const lookMs = 250;

interface Waiting {
  readonly share: Share;
  readonly call: HandedCall;
  isWanted(): boolean;
  resolve(answer: NonNullable<FromWriter["answer"]>): void;
  reject(error: unknown): void;
}

/** The way of a reading process to the one that writes. */
export interface WriteSender {
  /** The same operation, carried out by the writer when the turn of who pays for it comes; reads stay as they are. */
  handOver(route: Route, shareOf: (caller: Caller) => Promise<Share>): Route;
  noteUses(uses: ReadonlyMap<number, number>): void;
  /** Settles when the writer is reached for the first time. */
  readonly connected: Promise<void>;
  readonly collect: Collector;
  /** Call when no write is waiting any more. */
  close(): Promise<void>;
}

const isWrite = ({ operation }: Route) => operation.method !== "GET";

export const createWriteSender = (path: string): WriteSender => {
  const line = createFairLine<Waiting>({ running: mostHanded, waiting: mostWaiting, mayStart: leavesRoom });
  const handed = new Map<number, Waiting>();
  const connected = Promise.withResolvers<void>();
  let socket: Socket | undefined;
  let send: ((message: ToWriter) => void) | undefined;
  let looking: NodeJS.Timeout | undefined;
  let isClosed = false;
  let ids = 0;
  let passed = 0;
  let lost = 0;

  /** Hands over what has its turn, where there is a writer, and refuses it where there is none. */
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
    if (handed.size > 0) looking ??= setInterval(look, lookMs).unref();
  };
  /** Tells the writer of whom nobody waits for any more: their answers come all the same, and say so. */
  const look = () => {
    for (const [id, { isWanted }] of handed) if (!isWanted()) send?.({ kind: "gone", id });
    if (handed.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };
  const receive = ({ id, answer, refusal }: FromWriter) => {
    const one = handed.get(id);
    if (!one) return;
    handed.delete(id);
    line.end(one.share);
    if (answer) one.resolve(answer);
    else if (refusal) one.reject(errorOf(refusal));
    else one.reject(new Error("The writer failed; its log tells why, by the id of this request."));
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
    // What the error was matters to nobody: the writer is not there, and the next attempt follows.
    attempt.on("error", () => {});
    attempt.once("close", lose);
  };
  reach();

  const carryOut = (call: Call, share: Share) =>
    new Promise<NonNullable<FromWriter["answer"]>>((resolve, reject) => {
      ids += 1;
      const isWanted = call.caller.isWaiting ?? (() => true);
      line.add(share, { share, call: messageOf(ids, call), isWanted, resolve, reject })?.reject(tooMany());
      pump();
    });

  return {
    handOver: (route, shareOf) =>
      isWrite(route) ? { ...route, handle: async (call) => carryOut(call, await shareOf(call.caller)) } : route,
    noteUses(uses) {
      send?.({ kind: "uses", uses: [...uses] });
    },
    connected: connected.promise,
    collect: () => [
      gauge("gatehouse_handed_writes_waiting", "Writes that wait for the process that writes.", handed.size + line.waiting),
      counter("gatehouse_handed_writes_total", "Writes that were handed to the process that writes.", passed),
      counter("gatehouse_handed_writes_lost_total", "Writes whose outcome is unknown, for the process that writes died.", lost),
    ],
    close() {
      isClosed = true;
      clearInterval(looking);
      const open = socket;
      if (!open) return Promise.resolve();
      return new Promise((resolve) => {
        open.once("close", () => resolve());
        // After what this turn has still to send.
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
