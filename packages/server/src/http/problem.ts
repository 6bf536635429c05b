import { errorRegistry } from "@gatehouse-aaa/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DomainError } from "../kernel/errors.ts";

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

/** Answers a refusal as a problem document (RFC 9457): the only shape in which this door says no. */
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
