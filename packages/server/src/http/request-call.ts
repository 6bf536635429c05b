import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import type { Precondition } from "../kernel/version.ts";
import { type Address, addressOf } from "./address.ts";
import { readPrecondition } from "./conditions.ts";
import { publicBase } from "./public-address.ts";
import type { Call } from "./route.ts";

interface Parts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly publicUrl: string | undefined;
}

/** A call as it came by HTTP. What few handlers ask for is worked out when they ask. */
export class RequestCall implements Call {
  readonly operationId: string;
  readonly caller: Caller;
  readonly params: Call["params"];
  readonly query: Call["query"];
  readonly body: never;
  readonly precondition: Precondition;
  readonly #request: FastifyRequest;
  readonly #publicUrl: string | undefined;

  constructor(request: FastifyRequest, operation: Operation, parts: Parts) {
    this.operationId = operation.operationId;
    this.caller = request.caller!;
    this.params = parts.params as never;
    this.query = parts.query as never;
    this.body = parts.body as never;
    this.precondition = readPrecondition(operation, request.headers);
    this.#request = request;
    this.#publicUrl = parts.publicUrl;
  }

  get isMergePatch(): boolean {
    return /^\s*application\/merge-patch\+json/i.test(this.#request.headers["content-type"] ?? "");
  }

  /** The URL as the client wrote it, behind whatever proxy stands in front. A request line may carry the whole URL (RFC 9112 §3.2.2). */
  get url(): Address {
    const request = this.#request;
    return addressOf(publicBase(request, this.#publicUrl), request.url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, ""));
  }
}
