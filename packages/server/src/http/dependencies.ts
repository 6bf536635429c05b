import type { FastifyBaseLogger } from "fastify";
import type { DomainError } from "../kernel/errors.ts";
import type { Authenticate } from "./authentication.ts";
import type { Route } from "./route.ts";

/** What the HTTP door is given: it knows no module. */
export interface HttpDependencies {
  routes: readonly Route[];
  authenticate: Authenticate;
  /** What the layers below throw, in the words of the registry; undefined for the unexpected. */
  translateError(error: unknown): DomainError | undefined;
  logger: FastifyBaseLogger;
  /** Told of each answered request: its operation where it has one, its status, and how long it took. */
  onAnswered(operationId: string | undefined, status: number, elapsedMs: number): void;
  /** The URL that clients see in front of a proxy; undefined takes each request's own. */
  publicUrl: string | undefined;
}
