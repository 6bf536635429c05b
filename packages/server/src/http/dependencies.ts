import type { FastifyBaseLogger } from "fastify";
import type { DomainError } from "../kernel/errors.ts";
import type { Authenticate } from "./authentication.ts";
import type { BodyLimits } from "./body-reader.ts";
import type { Route } from "./route.ts";

/** What the log tells of an answered request. */
export interface AnsweredRequest {
  readonly reqId: string;
  /** The operation's id, null where no operation fits. */
  readonly operation: string | null;
  readonly method: string;
  /** The path as it was asked for, without its query, which may name people. */
  readonly path: string;
  /** Whom it came from, behind the proxies that are trusted. */
  readonly address: string;
  /** A question of a load balancer or a monitoring system: there are many, and they tell nothing of use. */
  readonly isProbe: boolean;
  readonly status: number;
  /** To a tenth of a millisecond. */
  readonly durationMs: number;
  /** The id of the token, null before there was a caller. */
  readonly actor: number | null;
}

/** What the HTTP door is given: it knows no module. */
export interface HttpDependencies {
  routes: readonly Route[];
  authenticate: Authenticate;
  /** Who pays for what an organization asks, so that its child organizations multiply nothing. */
  payerOf(organizationId: number): string;
  /** What the layers below throw, in the words of the registry; undefined for the unexpected. */
  translateError(error: unknown): DomainError | undefined;
  logger: FastifyBaseLogger;
  /** Told of each answered request: its operation where it has one, its status, and how long it took. */
  onAnswered(operationId: string | undefined, status: number, elapsedMs: number): void;
  /** Writes the line of an answered request. */
  logRequest(request: AnsweredRequest): void;
  /** The URL that clients see in front of a proxy; undefined takes each request's own. */
  publicUrl: string | undefined;
  /** Ranges of the proxies whose word on the client's address, scheme and host counts. */
  trustedProxies: readonly string[];
  /** How bodies are read; without it as usual. */
  bodyLimits?: Partial<BodyLimits>;
  /** The mean delay of the event loop beyond which new requests are refused; 0 refuses none. */
  overloadDelayMs: number;
}
