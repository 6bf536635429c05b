import type { FastifyBaseLogger } from "fastify";
import type { Authenticate } from "./authentication.ts";
import type { BodyLimits } from "./body-reader.ts";
import type { TranslateError } from "./problem.ts";
import type { Route } from "./route.ts";

/** What the log says of an answered request. */
export interface AnsweredRequest {
  readonly reqId: string;
  /** The operation's id, null where no operation fits. */
  readonly operation: string | null;
  readonly method: string;
  /** The path of the request without its query, which may name people. */
  readonly path: string;
  /** The client's address, behind the trusted proxies. */
  readonly address: string;
  /** Asked by a load balancer or a monitoring system: such requests are many and of no interest. */
  readonly isProbe: boolean;
  readonly status: number;
  /** To a tenth of a millisecond. */
  readonly durationMs: number;
  /** The id of the token, null before there was a caller. */
  readonly actor: number | null;
}

/** Where the server reports what it did. */
export interface HttpObserver {
  readonly logger: FastifyBaseLogger;
  /** Counts an answered request: its operation where it has one, its status, and how long it took. */
  onAnswered(operationId: string | undefined, status: number, elapsedMs: number): void;
  /** Writes the line of an answered request; without it, the logger does. */
  logRequest?(request: AnsweredRequest): void;
}

export interface HttpSettings {
  /** The URL that clients see in front of a proxy; undefined takes each request's own. */
  readonly publicUrl: string | undefined;
  /** Address ranges of the proxies whose headers about the client's address, scheme and host count. */
  readonly trustedProxies: readonly string[];
  /** How bodies are read; the usual limits where one is left out. */
  readonly bodyLimits?: Partial<BodyLimits>;
  /** The mean delay of the event loop beyond which new requests are refused; 0 refuses none. */
  readonly overloadDelayMs: number;
}

/** What the HTTP server needs: it knows no module. */
export interface HttpDependencies {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  /** What the layers below throw, as refusals; undefined for what nobody expects. */
  readonly translateError: TranslateError;
  readonly observer: HttpObserver;
  readonly settings: HttpSettings;
}
