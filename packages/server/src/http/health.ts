import type { FastifyInstance } from "fastify";

/** How long a readiness check may take before the answer is no. */
const readinessPatienceMs = 2_000;

export interface HealthChecks {
  /** Throws where the database does not answer. */
  askDatabase(): Promise<void>;
  /** What else keeps this node from its work, for a person. */
  troubles(): readonly string[];
}

/** `/healthz`: this process answers. `/readyz`: this node can do its work, its database and its RADIUS sockets included. */
export const registerHealth = (server: FastifyInstance, checks: HealthChecks): void => {
  server.get("/healthz", { logLevel: "silent" }, async () => ({ status: "ok" }));
  server.get("/readyz", { logLevel: "silent" }, async (_request, reply) => {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("The database did not answer in time.")), readinessPatienceMs);
    });
    const unready = (troubles: readonly string[]) => reply.code(503).header("retry-after", "2").send({ status: "unavailable", troubles });
    try {
      await Promise.race([checks.askDatabase(), patience]);
    } catch {
      return unready(["The database does not answer.", ...checks.troubles()]);
    } finally {
      clearTimeout(timer);
    }
    const troubles = checks.troubles();
    return troubles.length > 0 ? unready(troubles) : { status: "ready" };
  });
};
