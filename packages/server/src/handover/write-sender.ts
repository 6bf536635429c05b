import { connect, type Socket } from "node:net";
import type { Call, Route } from "../http/route.ts";
import { DomainError } from "../kernel/errors.ts";
import { type Collector, counter, gauge } from "../metrics/family.ts";
import { createReceiver, createSender } from "./frames.ts";
import type { FromWriter, ToWriter } from "./messages.ts";

/** How long to wait before trying to reach the writer again. */
const pauseMs = 25;
/** More writes than this do not wait for the writer: queueing them would help nobody. */
const mostWaiting = 5_000;

interface Waiting {
  resolve(answer: NonNullable<FromWriter["answer"]>): void;
  reject(error: unknown): void;
}

/** The way of a reading process to the one that writes. */
export interface WriteSender {
  /** The same operation, carried out by the writer; reads stay as they are. */
  handOver(route: Route): Route;
  noteUses(uses: ReadonlyMap<number, number>): void;
  /** Settles when the writer is reached for the first time. */
  readonly connected: Promise<void>;
  readonly collect: Collector;
  /** Call when no write is waiting any more. */
  close(): Promise<void>;
}

const isWrite = ({ operation }: Route) => operation.method !== "GET";

export const createWriteSender = (path: string): WriteSender => {
  const waiting = new Map<number, Waiting>();
  const connected = Promise.withResolvers<void>();
  let socket: Socket | undefined;
  let send: ((message: ToWriter) => void) | undefined;
  let isClosed = false;
  let ids = 0;
  let lost = 0;

  const receive = ({ id, answer, refusal }: FromWriter) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (answer) one?.resolve(answer);
    else if (refusal) one?.reject(new DomainError(refusal.code, refusal.detail, refusal.fields ? { fields: refusal.fields } : {}));
    else one?.reject(new Error("The writer failed; its log tells why, by the id of this request."));
  };
  const lose = () => {
    socket = undefined;
    send = undefined;
    lost += waiting.size;
    for (const { reject } of waiting.values()) reject(unknownOutcome());
    waiting.clear();
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

  const carryOut = (call: Call) =>
    new Promise<NonNullable<FromWriter["answer"]>>((resolve, reject) => {
      if (!send || waiting.size >= mostWaiting) return reject(notReached());
      ids += 1;
      waiting.set(ids, { resolve, reject });
      send(messageOf(ids, call));
    });

  return {
    handOver: (route) => (isWrite(route) ? { ...route, handle: carryOut } : route),
    noteUses(uses) {
      send?.({ kind: "uses", uses: [...uses] });
    },
    connected: connected.promise,
    collect: () => [
      gauge("gatehouse_handed_writes_waiting", "Writes that wait for the process that writes.", waiting.size),
      counter("gatehouse_handed_writes_total", "Writes that were handed to the process that writes.", ids),
      counter("gatehouse_handed_writes_lost_total", "Writes whose outcome is unknown, for the process that writes died.", lost),
    ],
    close() {
      isClosed = true;
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

const messageOf = (id: number, call: Call): ToWriter => {
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

const notReached = () =>
  new DomainError("server.unavailable", "Nothing can be written at the moment; reading goes on. Try again in a moment.");

const unknownOutcome = () =>
  new DomainError("server.unavailable", "The answer was lost: whether the change was made can be seen by reading the record.");
