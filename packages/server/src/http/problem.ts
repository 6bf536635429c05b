import { errorRegistry } from "@gatehouse-aaa/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { maxBodyBytes, maxRowsBytes } from "./body-reader.ts";

/** Seconds after which a client may try again when the server cannot serve. */
const retryAfterSeconds = "2";

/** A refusal as a problem document. */
export const problemOf = (error: DomainError, requestId: string) => {
  const { status, title } = errorRegistry[error.code];
  return {
    type: `urn:gatehouse:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.fields ? { errors: error.fields } : {}),
  };
};

/** Answers a refusal as a problem document (RFC 9457). No other refusal leaves the server. */
export const sendProblem = (request: FastifyRequest, reply: FastifyReply, error: DomainError): FastifyReply => {
  const { status } = errorRegistry[error.code];
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  else if (status === 503) reply.header("retry-after", retryAfterSeconds);
  return (
    reply
      .code(status)
      // What the framework refuses itself passes no hook that would have set it.
      .header("x-content-type-options", "nosniff")
      .header("cache-control", "no-store")
      .type("application/problem+json")
      .serializer((payload) => payload as string)
      .send(JSON.stringify(problemOf(error, request.id)))
  );
};

/** Translates what storage throws; undefined for what nobody expects. */
export type TranslateError = (error: unknown) => DomainError | undefined;

/** The refusal behind an error: a DomainError, what storage threw, or an error of the framework. Undefined for what nobody expects. */
export const toDomainError = (error: unknown, translate: TranslateError): DomainError | undefined => {
  if (error instanceof DomainError) return error;
  return translate(error) ?? fromFramework(error);
};

const fromFramework = (error: unknown): DomainError | undefined => {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new DomainError(
        "body.too_large",
        `The body is larger than this operation takes (${maxBodyBytes} bytes, arrays of rows ${maxRowsBytes}).`,
      );
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new DomainError("body.unsupported_type", "Send the body as application/json.");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new DomainError("request.malformed", "The body's length is not what Content-Length says.");
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new DomainError("request.malformed", "A JSON body is required.");
    case "FST_ERR_BAD_URL":
      return new DomainError("request.malformed", "The path is not valid percent-encoding.");
    case "FST_ERR_ASYNC_CONSTRAINT":
    case "FST_ERR_MAX_PARAM_LENGTH":
    case "FST_STATIC_FORBIDDEN_PATH":
      return new DomainError("path.not_found", "There is nothing at this path.");
    default:
      if (isFailedPrecondition(error)) return new DomainError("record.version_mismatch", "The file is not the one that the request names.");
      return isRefusal(error) ? new DomainError("request.malformed", "The request cannot be read.") : undefined;
  }
};

/** Whether the framework, or one of its plugins, says that the client is at fault. */
const isRefusal = (error: unknown): boolean => {
  if (!(error instanceof Error) || !("statusCode" in error) || !("code" in error)) return false;
  return String(error.code).startsWith("FST_") && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500;
};

/** Thrown by the plugin that serves files. */
const isFailedPrecondition = (error: unknown): boolean =>
  error instanceof Error && "statusCode" in error && error.statusCode === 412 && error.name === "PreconditionFailedError";
