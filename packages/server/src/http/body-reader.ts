import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { JsonScan, maxBodyBytes } from "./json-scan.ts";

/** How long and how much of bodies is read. */
export interface BodyLimits {
  /** Bytes that the bodies of all requests may hold together. */
  readonly memory: number;
  /** How long a body may stand still. */
  readonly stalledMs: number;
  /** The age from which on a body must have come at a thousand bytes a second on average. */
  readonly settledMs: number;
}

export const usualLimits: BodyLimits = { memory: 64 * 1024 * 1024, stalledMs: 10_000, settledMs: 30_000 };

/** A body as it came, and the scan of it. */
export interface ReadBody {
  readonly raw: Buffer;
  readonly scan: JsonScan;
}

export interface BodyReader {
  read(request: FastifyRequest, payload: Readable): Promise<ReadBody>;
  /** A request that waits for `100 Continue` before it sends its body gets it when the body is read. */
  awaitsContinue(request: IncomingMessage, response: ServerResponse): void;
  readonly memory: BodyMemory;
  close(): void;
}

/** Whether a request says that a body follows. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] !== undefined && headers["content-length"] !== "0");

/** Reads bodies and scans each piece as it comes. Nothing more is read of a body that is refused. */
export const createBodyReader = (limits: BodyLimits): BodyReader => {
  const memory = createBodyMemory(limits.memory);
  const deadlines = watchDeadlines(limits);
  const awaitingContinue = new WeakMap<IncomingMessage, ServerResponse>();
  return {
    memory,
    async read(request, payload) {
      const length = request.headers["content-length"];
      const declaredBytes = length === undefined ? undefined : Number(length);
      const limit = request.routeOptions.bodyLimit ?? maxBodyBytes;
      if (declaredBytes !== undefined && declaredBytes > limit) {
        throw new DomainError("body.too_large", `A body of this operation may have at most ${limit} bytes.`);
      }
      awaitingContinue.get(request.raw)?.writeContinue();
      const scan = new JsonScan(request.routeOptions.config.operation);
      const held = memory.hold(request.caller?.scope.payer ?? "");
      request.heldMemory = held;
      return { raw: await collect({ payload, declaredBytes, scan, held, deadlines }), scan };
    },
    awaitsContinue: (request, response) => void awaitingContinue.set(request, response),
    close: deadlines.close,
  };
};

interface Collecting {
  readonly payload: Readable;
  readonly declaredBytes: number | undefined;
  readonly scan: JsonScan;
  readonly held: HeldMemory;
  readonly deadlines: Deadlines;
}

/** Collects a body's pieces. Rejects with a DomainError when one of them is refused, when it stops too early, or when it comes too slowly. */
const collect = ({ payload, declaredBytes, scan, held, deadlines }: Collecting): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const nowMs = performance.now();
    const stop = (): void => {
      deadlines.forget(progress);
      payload.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
    };
    const refuse = (error: DomainError): void => {
      stop();
      payload.on("error", () => {}).pause();
      chunks.length = 0;
      held.release();
      reject(error);
    };
    const progress: Progress = { startedMs: nowMs, movedMs: nowMs, bytes: 0, refuse };
    const onData = (chunk: Buffer): void => {
      progress.bytes += chunk.length;
      progress.movedMs = performance.now();
      try {
        held.grow(progress.bytes);
        scan.feed(chunk);
      } catch (error) {
        refuse(error as DomainError);
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      if (declaredBytes !== undefined && declaredBytes !== progress.bytes) onCut();
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const onCut = (): void => refuse(new DomainError("request.malformed", "The body's length is not what Content-Length says."));
    payload.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);
    deadlines.watch(progress);
  });

/** How far the reading of one body has come. */
interface Progress {
  readonly startedMs: number;
  bytes: number;
  movedMs: number;
  refuse(error: DomainError): void;
}

interface Deadlines {
  watch(progress: Progress): void;
  forget(progress: Progress): void;
  close(): void;
}

/** One timer for all bodies: most arrive with their headers and need none. */
const watchDeadlines = ({ stalledMs, settledMs }: BodyLimits): Deadlines => {
  const underway = new Set<Progress>();
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const nowMs = performance.now();
    for (const { startedMs, movedMs, bytes, refuse } of underway) {
      const elapsedMs = nowMs - startedMs;
      if (nowMs - movedMs <= stalledMs && (elapsedMs <= settledMs || bytes >= elapsedMs)) continue;
      refuse(new DomainError("request.timeout", "The body came too slowly."));
    }
    if (underway.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    watch(progress) {
      underway.add(progress);
      timer ??= setInterval(check, Math.min(1_000, stalledMs / 4)).unref();
    },
    forget: (progress) => void underway.delete(progress),
    close: () => clearInterval(timer),
  };
};

/** What each body may hold without being counted: Node reads about as much of a connection unasked. */
const uncountedBytes = 16 * 1024;
/** No payer holds more than this part of the whole, whatever else is free. */
const maxShare = 1 / 4;

/** What a request holds of the memory for bodies. */
export interface HeldMemory {
  /** Takes as much as the body has by now. Throws 503 when its payer, or all together, would hold too much. */
  grow(bytes: number): void;
  release(): void;
}

/** Memory that the bodies of all requests share, from their reading to their answer. */
export interface BodyMemory {
  hold(payer: string): HeldMemory;
  /** Bytes that are held now. */
  readonly held: number;
}

/** Bounds what all bodies hold together and what those of one payer hold: one tenant's large or slow uploads leave room for others'. */
export const createBodyMemory = (maxBytes: number): BodyMemory => {
  const shares = new Map<string, number>();
  let held = 0;
  return {
    get held() {
      return held;
    },
    hold(payer) {
      let own = 0;
      const change = (by: number): void => {
        own += by;
        held += by;
        const share = (shares.get(payer) ?? 0) + by;
        if (share > 0) shares.set(payer, share);
        else shares.delete(payer);
      };
      return {
        grow(bytes) {
          if (bytes <= uncountedBytes) return;
          const more = bytes - own;
          if ((shares.get(payer) ?? 0) + more > maxBytes * maxShare) {
            throw new DomainError("server.unavailable", "Too many large bodies of this organization are under way. Send fewer at a time.");
          }
          if (held + more > maxBytes) {
            throw new DomainError("server.unavailable", "Too many large bodies are under way. Try again in a moment.");
          }
          change(more);
        },
        release: () => {
          if (own > 0) change(-own);
        },
      };
    },
  };
};
