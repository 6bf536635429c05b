import type { FastifyInstance } from "fastify";

/** How long a readiness check may take before the answer is no. */
const readinessPatienceMs = 2_000;

/** `/healthz`: this process answers. `/readyz`: it can serve requests, its database included. */
export const registerHealth = (server: FastifyInstance, checks: { isReady(): Promise<void> }): void => {
  server.get("/healthz", { logLevel: "silent" }, async () => ({ status: "ok" }));
  server.get("/readyz", { logLevel: "silent" }, async (_request, reply) => {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("The database did not answer in time.")), readinessPatienceMs);
    });
    try {
      await Promise.race([checks.isReady(), patience]);
      return { status: "ready" };
    } catch {
      return reply.code(503).header("retry-after", "2").send({ status: "unavailable" });
    } finally {
      clearTimeout(timer);
    }
  });
};
