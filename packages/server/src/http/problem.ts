import { errorRegistry } from "@gatehouse-aaa/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DomainError } from "../kernel/errors.ts";

/** Seconds after which a client may try again when the server cannot serve. */
const retryAfterSeconds = "2";

/** Answers a refusal as a problem document (RFC 9457): the only shape in which this door says no. */
export const sendProblem = (request: FastifyRequest, reply: FastifyReply, error: DomainError): FastifyReply => {
  const { status, title } = errorRegistry[error.code];
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  else if (status === 503) reply.header("retry-after", retryAfterSeconds);
  const body = {
    type: `urn:gatehouse:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    request_id: request.id,
    ...(error.fields ? { errors: error.fields } : {}),
  };
  return reply
    .code(status)
    .header("cache-control", "no-store")
    .type("application/problem+json")
    .serializer((payload) => payload as string)
    .send(JSON.stringify(body));
};
