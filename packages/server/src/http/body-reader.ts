import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { type BodyMemory, createBodyMemory, type HeldMemory, uncountedBytes } from "./body-memory.ts";

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
      const maxBytes = request.routeOptions.bodyLimit ?? maxBodyBytes;
      if (declaredBytes !== undefined && declaredBytes > maxBytes) {
        throw new DomainError("body.too_large", `A body of this operation may have at most ${maxBytes} bytes.`);
      }
      awaitingContinue.get(request.raw)?.writeContinue();
      const scan = new JsonScan(request.routeOptions.config.operation, maxBytes);
      const hold = () => {
        request.heldMemory ??= memory.hold(request.caller?.scope.payer ?? "");
        return request.heldMemory;
      };
      return { raw: await collect({ payload, declaredBytes, scan, hold, deadlines }), scan };
    },
    awaitsContinue: (request, response) => void awaitingContinue.set(request, response),
    close: deadlines.close,
  };
};

interface Collecting {
  readonly payload: Readable;
  readonly declaredBytes: number | undefined;
  readonly scan: JsonScan;
  /** The request's part of the memory for bodies; call it for a body of more than `uncountedBytes`. */
  hold(): HeldMemory;
  readonly deadlines: Deadlines;
}

/** Collects a body's pieces. Rejects with a DomainError when one of them is refused, when it stops too early, or when it comes too slowly. */
const collect = ({ payload, declaredBytes, scan, hold, deadlines }: Collecting): Promise<Buffer> =>
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
      if (progress.bytes > uncountedBytes) hold().release();
      reject(error);
    };
    const progress: Progress = { startedMs: nowMs, movedMs: nowMs, bytes: 0, refuse };
    const onData = (chunk: Buffer): void => {
      progress.bytes += chunk.length;
      progress.movedMs = performance.now();
      try {
        if (progress.bytes > uncountedBytes) hold().grow(progress.bytes);
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

/** Bytes of a body that is one object, and of one that is an array of rows. */
export const maxBodyBytes = 1024 * 1024;
export const maxRowsBytes = 8 * 1024 * 1024;
/** Objects and lists inside one another. What merges or writes JSON goes down by recursion, and the stack has an end. */
export const maxDepth = 100;
/** Rows of one array body. More of them answer 413 like too many bytes. */
export const maxRows = 1_000;
/** Fields and entries of a body together: a parser makes an object of each, and the widest record has some fifty. */
export const maxValues = 250_000;

/** The size limit of an operation's raw body in bytes. */
export const bodyLimit = (op: Operation): number => (op.rows === undefined ? maxBodyBytes : maxRowsBytes);

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Looks a JSON text through as it arrives, before any of it is parsed, and throws as soon as it has too many bytes, levels,
 * rows or values. One pass that keeps nothing; whether the text is JSON at all is the parser's question.
 */
export class JsonScan {
  readonly #operation: Operation | undefined;
  readonly #limit: number;
  #bytes = 0;
  #depth = 0;
  #values = 0;
  #rows = 1;
  #opener: number | undefined;
  #isInString = false;
  #isEscaped = false;
  /** The fields of all objects together, each counted as often as it stands there. */
  fields = 0;

  /** `maxBytes` is the limit of the operation's body. */
  constructor(operation: Operation | undefined, maxBytes: number) {
    this.#operation = operation;
    this.#limit = maxBytes;
  }

  feed(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === quote) this.#isInString = false;
      } else if (byte > 0x20) this.#token(byte);
    }
    if (this.#bytes > this.#limit) throw tooLarge(`A body of this operation may have at most ${this.#limit} bytes.`);
    if (this.#bytes > maxBodyBytes && this.#opener !== openList) {
      throw tooLarge(`A body may have at most ${maxBodyBytes} bytes; only arrays of rows may have more.`);
    }
  }

  #token(byte: number): void {
    this.#opener ??= byte;
    if (byte === quote) this.#isInString = true;
    else if (byte === colon) this.fields += 1;
    else if (byte === comma) this.#countComma();
    else if (byte === openList || byte === openObject) {
      this.#depth += 1;
      this.#countValue();
      if (this.#depth > maxDepth) {
        throw new DomainError("request.malformed", `The body has more than ${maxDepth} levels of objects and lists.`);
      }
    } else if (byte === closeList || byte === closeObject) this.#depth -= 1;
  }

  #countComma(): void {
    this.#countValue();
    if (this.#depth !== 1 || this.#opener !== openList || this.#operation?.rows === undefined) return;
    this.#rows += 1;
    if (this.#rows > maxRows) throw tooLarge(`An array may have at most ${maxRows} rows; this one has more.`);
  }

  #countValue(): void {
    this.#values += 1;
    if (this.#values > maxValues) throw tooLarge(`A body may have at most ${maxValues} fields and entries.`);
  }
}

/** The scan of a text that is there as a whole. */
export const scanned = (raw: Uint8Array, operation: Operation | undefined): JsonScan => {
  const scan = new JsonScan(operation, operation === undefined ? maxRowsBytes : bodyLimit(operation));
  scan.feed(raw);
  return scan;
};

const tooLarge = (sentence: string): DomainError => new DomainError("body.too_large", sentence);
