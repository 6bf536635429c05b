import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import type { BodyReader } from "./body-reader.ts";
import { judgeParsed, parseBody, readJsonBody } from "./json-body.ts";
import { createLargeBodies } from "./large-bodies.ts";

const isUtf8 = (contentType: string): boolean => {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
  return charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset);
};

/** JSON for bodies, merge patches for PATCH; DELETE ignores type and body; anything else is refused before it is read. */
export const registerBodyParsers = (api: FastifyInstance, reader: BodyReader): void => {
  const largeBodies = createLargeBodies();
  api.removeAllContentTypeParsers();
  for (const type of ["application/json", "application/merge-patch+json"]) {
    api.addContentTypeParser(type, async (request: FastifyRequest, payload: IncomingMessage) => {
      if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
        throw new DomainError("body.unsupported_type", "Send the body without Content-Encoding.");
      }
      const mergePatch = type === "application/merge-patch+json";
      if ((mergePatch && request.method !== "PATCH") || !isUtf8(request.headers["content-type"] ?? "")) throw unsupported(request);
      const { raw, scan } = await reader.read(request, payload);
      const { operation } = request.routeOptions.config;
      const turn = largeBodies.turnOf(raw.length, request.caller?.scope.payer);
      if (!turn) return readJsonBody(raw, operation, scan);
      await turn;
      const parsed = parseBody(raw, operation);
      await nextTurn();
      return judgeParsed(parsed, operation, scan);
    });
  }
  // What DELETE sends is not read either: where it is still on its way, the connection ends with the answer.
  api.addContentTypeParser("*", (request, _payload, done) => done(request.method === "DELETE" ? null : unsupported(request), undefined));
};

/** What DELETE sends is ignored, its type included: a type that is none would be refused before any parser. */
export const ignoreTypeOfDelete = (request: FastifyRequest): void => {
  if (request.method === "DELETE" && request.raw.headers["content-type"] !== undefined) {
    request.raw.headers["content-type"] = "application/octet-stream";
  }
};

const unsupported = (request: FastifyRequest): DomainError =>
  new DomainError(
    "body.unsupported_type",
    request.method === "PATCH"
      ? "Send the body as application/json or application/merge-patch+json, in UTF-8."
      : "Send the body as application/json, in UTF-8.",
  );
