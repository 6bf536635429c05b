import underPressure from "@fastify/under-pressure";
import type { FastifyInstance } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { sendProblem } from "./problem.ts";

/** Beyond this delay of the event loop new requests are refused at once: queueing them would help nobody. */
const longestDelayMs = 1_000;

/** Refuses requests with 503 and Retry-After while the process cannot keep up. */
export const registerOverload = async (api: FastifyInstance): Promise<void> => {
  await api.register(underPressure, {
    maxEventLoopDelay: longestDelayMs,
    pressureHandler: (request, reply) => {
      sendProblem(request, reply, new DomainError("server.unavailable", "The server is overloaded. Try again in a moment."));
    },
  });
};
