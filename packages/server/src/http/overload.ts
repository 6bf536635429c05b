import underPressure from "@fastify/under-pressure";
import type { FastifyInstance } from "fastify";
import { DomainError } from "../kernel/errors.ts";

/** Starting up blocks the loop once, by loading modules, and that says nothing of load. */
const settlingMs = 5_000;

/**
 * Refuses requests with 503 and Retry-After while the process cannot keep up. Beyond this mean delay of the event loop they
 * are refused at once: queueing them would help nobody.
 */
export const registerOverload = async (api: FastifyInstance, maxDelayMs: number): Promise<void> => {
  const settledAtMs = performance.now() + settlingMs;
  await api.register(underPressure, {
    maxEventLoopDelay: maxDelayMs,
    pressureHandler: async () => {
      if (performance.now() < settledAtMs) return;
      throw new DomainError("server.unavailable", "The server is overloaded. Try again in a moment.");
    },
  });
};
