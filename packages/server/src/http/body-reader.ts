import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { type BodyMemory, createBodyMemory } from "./body-memory.ts";
import { JsonScan, largestBody } from "./json-scan.ts";
import type { LingeringClose } from "./lingering-close.ts";

/** How long and how much of bodies is read. */
export interface BodyLimits {
  /** Bytes that the bodies of all requests may hold together. */
  readonly memory: number;
  /** How long a body may stand still. */
  readonly stalledMs: number;
  /** After how long a body must have come at a thousand bytes a second on average. */
  readonly settledMs: number;
}

export const usualLimits: BodyLimits = { memory: 64 * 1024 * 1024, stalledMs: 10_000, settledMs: 30_000 };

interface Reading {
  readonly startedMs: number;
  bytes: number;
  movedMs: number;
  give(error: DomainError): void;
}

/** A body as it came, and what was seen of it on the way. */
export interface ReadBody {
  readonly raw: Buffer;
  readonly scan: JsonScan;
}

export interface BodyReader {
  read(request: FastifyRequest, payload: Readable): Promise<ReadBody>;
  /** A request that waits for `100 Continue` before it sends its body: it gets it when the body is read. */
  awaitsContinue(request: IncomingMessage, response: ServerResponse): void;
  readonly memory: BodyMemory;
  close(): void;
}

/** Reads bodies, judging each piece as it comes: nothing more is read of one that is refused. */
export const createBodyReader = (limits: BodyLimits, payerOf: (organizationId: number) => string): BodyReader => {
  const memory = createBodyMemory(limits.memory);
  const waiting = new WeakMap<IncomingMessage, ServerResponse>();
  const underway = new Set<Reading>();
  let timer: NodeJS.Timeout | undefined;

  /** One timer for all: most bodies are there with their headers, and need none. */
  const watch = (reading: Reading): void => {
    underway.add(reading);
    timer ??= setInterval(look, Math.min(1_000, limits.stalledMs / 4)).unref();
  };
  const look = (): void => {
    const nowMs = performance.now();
    for (const { startedMs, movedMs, bytes, give } of underway) {
      const elapsedMs = nowMs - startedMs;
      if (nowMs - movedMs <= limits.stalledMs && (elapsedMs <= limits.settledMs || bytes >= elapsedMs)) continue;
      give(new DomainError("request.timeout", "The body came too slowly."));
    }
    if (underway.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const collect = (request: FastifyRequest, payload: Readable, declared: number | undefined): Promise<ReadBody> =>
    new Promise((resolve, reject) => {
      const scan = new JsonScan(request.routeOptions.config.operation);
      const held = memory.hold(payerOf(request.caller?.scope.organizationId ?? 0));
      request.heldMemory = held;
      const chunks: Buffer[] = [];
      const nowMs = performance.now();
      const end = (): void => {
        underway.delete(reading);
        payload.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
      };
      const reading: Reading = {
        startedMs: nowMs,
        movedMs: nowMs,
        bytes: 0,
        give(error) {
          end();
          payload.on("error", () => {}).pause();
          chunks.length = 0;
          held.release();
          reject(error);
        },
      };
      const onData = (chunk: Buffer): void => {
        reading.bytes += chunk.length;
        reading.movedMs = performance.now();
        try {
          held.grow(reading.bytes);
          scan.feed(chunk);
        } catch (error) {
          reading.give(error as DomainError);
          return;
        }
        chunks.push(chunk);
      };
      const onEnd = (): void => {
        end();
        if (declared !== undefined && declared !== reading.bytes) onCut();
        else resolve({ raw: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), scan });
      };
      const onCut = (): void => reading.give(new DomainError("request.malformed", "The body's length is not what Content-Length says."));
      payload.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);
      watch(reading);
    });

  return {
    memory,
    async read(request, payload) {
      const length = request.headers["content-length"];
      const declared = length === undefined ? undefined : Number(length);
      const limit = request.routeOptions.bodyLimit ?? largestBody;
      if (declared !== undefined && declared > limit) {
        throw new DomainError("body.too_large", `A body of this operation may have at most ${limit} bytes.`);
      }
      waiting.get(request.raw)?.writeContinue();
      return collect(request, payload, declared);
    },
    awaitsContinue: (request, response) => void waiting.set(request, response),
    close: () => clearInterval(timer),
  };
};

/** Whether a request says that a body follows. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] !== undefined && headers["content-length"] !== "0");

/** Whether a request still sends a body that nobody reads: its connection ends with the answer. */
export const leavesBodyUnread = ({ raw }: FastifyRequest): boolean => raw.complete === false && hasBody(raw);

/** Ends the connection with this answer where the request's body was not read; what is on its way is taken in, so that the answer arrives. */
export const closeIfUnread = (request: FastifyRequest, reply: FastifyReply, lingering: LingeringClose): void => {
  if (!leavesBodyUnread(request)) return;
  reply.header("connection", "close");
  lingering.endAfterAnswer(request.raw.socket);
};
