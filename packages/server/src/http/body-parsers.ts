import type { IncomingMessage } from "node:http";
import { setImmediate as nextTick } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";
import type { BodyReader } from "./body-reader.ts";
import { checkParsed, parseBody, readJsonBody } from "./json-body.ts";

/** JSON for bodies, merge patches for PATCH; DELETE ignores type and body; anything else is refused before it is read. */
export const registerBodyParsers = (api: FastifyInstance, reader: BodyReader): void => {
  const ticks = createLargeBodyTicks();
  api.removeAllContentTypeParsers();
  for (const type of ["application/json", "application/merge-patch+json"]) {
    api.addContentTypeParser(type, async (request: FastifyRequest, payload: IncomingMessage) => {
      if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
        throw new DomainError("body.unsupported_type", "Send the body without Content-Encoding.");
      }
      const isMergePatch = type === "application/merge-patch+json";
      if ((isMergePatch && request.method !== "PATCH") || !isUtf8(request.headers["content-type"] ?? "")) throw unsupported(request);
      const { raw, scan } = await reader.read(request, payload);
      const { operation } = request.routeOptions.config;
      if (raw.length < largeBytes) return readJsonBody(raw, operation, scan);
      await ticks.next(raw.length, request.caller?.scope.payer);
      const parsed = parseBody(raw, operation);
      await nextTick();
      return checkParsed(parsed, operation, scan);
    });
  }
  // The body of DELETE is not read: where it is still on its way, the connection ends with the answer.
  api.addContentTypeParser("*", (request, _payload, done) => done(request.method === "DELETE" ? null : unsupported(request), undefined));
};

/** DELETE ignores its body and the type of it: Fastify would refuse an invalid type before any parser runs. */
export const ignoreTypeOfDelete = (request: FastifyRequest): void => {
  if (request.raw.headers["content-type"] !== undefined) request.raw.headers["content-type"] = "application/octet-stream";
};

const isUtf8 = (contentType: string): boolean => {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
  return charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset);
};

const unsupported = (request: FastifyRequest): DomainError =>
  new DomainError(
    "body.unsupported_type",
    request.method === "PATCH"
      ? "Send the body as application/json or application/merge-patch+json, in UTF-8."
      : "Send the body as application/json, in UTF-8.",
  );

/** A body of this size or more is parsed alone: a megabyte holds the event loop for some 5 to 10 ms. */
export const largeBytes = 128 * 1024;

export interface LargeBodyTicks {
  /** Resolves in the tick in which a body of so many bytes may be parsed. */
  next(bytes: number, payer?: string): Promise<void>;
}

/** Each large body is followed by a rest of so many times what it took: large bodies have a quarter of the event loop. */
const restTimes = 3;

/**
 * Lets large bodies be parsed one at a time. Payers take turns, each charged by what it has sent: eight bodies of 8 MB that came together
 * would otherwise delay everybody as one, and eight without rests would take the loop for as long as somebody sends them.
 */
export const createLargeBodyTicks = (): LargeBodyTicks => {
  const line = new TurnsOfPayers<() => void>();
  let isPlanned = false;
  let restUntilMs = 0;

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    const restMs = restUntilMs - performance.now();
    if (restMs > 0) setTimeout(run, restMs);
    else setImmediate(run);
  };

  const run = (): void => {
    const sinceMs = performance.now();
    line.take()?.item();
    // What a body leads to, up to its answer, runs in the two ticks after it.
    setImmediate(() => setImmediate(() => setImmediate(rest, sinceMs)));
  };

  const rest = (sinceMs: number): void => {
    const nowMs = performance.now();
    restUntilMs = nowMs + restTimes * (nowMs - sinceMs);
    isPlanned = false;
    if (line.length > 0) plan();
  };

  return {
    next: (bytes, payer = "") =>
      new Promise((resolve) => {
        line.push(payer, () => {
          line.charge(payer, bytes);
          resolve();
        });
        plan();
      }),
  };
};
