import type { TObject, TSchema } from "typebox";
import type { ErrorCode } from "./errors.ts";
import type { Scope } from "./scopes.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `safe`: changes nothing. `idempotent`: sending it again has the effect of sending it once. `unsafe`: it does not. */
export type RetryClass = "safe" | "idempotent" | "unsafe";

/** One operation of the API: what validation, types, routes, documentation and the client are made from. */
export interface Operation {
  readonly operationId: string;
  readonly tag: string;
  readonly method: Method;
  /** Below the base path, ending in a slash; parameters in braces. */
  readonly path: `/${string}/`;
  readonly scope: Scope;
  readonly summary: string;
  readonly description: string;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** A request without a body counts as an empty object. */
  readonly bodyOptional?: true;
  /** Whether the body may or must be an array of such bodies, answered all or none. */
  readonly rows?: "allowed" | "required";
  /** Only this operation's documents have raw line breaks inside JSON strings. */
  readonly lenientJson?: true;
  /** Served to a token of a suspended organization, too: what equipment reports is stored whatever became of its owner, and so is what it needs to know for that. */
  readonly whileSuspended?: true;
  /** Texts of the body come from equipment: they may hold what no column takes, and are made storable where they are stored. */
  readonly anyText?: true;
  readonly success: {
    readonly status: 200 | 201 | 202 | 204;
    readonly description: string;
    readonly schema?: TSchema;
    readonly rows?: boolean;
  };
  /** The codes beyond those that every operation shares. */
  readonly errors: readonly ErrorCode[];
  readonly retry: RetryClass;
}

/** Declares an operation and keeps the exact types of its schemas for the handler's signature. */
export const operation = <const O extends Operation>(definition: O): O => definition;

/** Where every path of the documented API begins. */
export const basePath = "/api/v1";

const everywhere: readonly ErrorCode[] = [
  "request.malformed",
  "request.invalid",
  "request.unauthenticated",
  "request.forbidden",
  "record.damaged",
  "server.internal",
  "server.unavailable",
];
const withBody: readonly ErrorCode[] = ["body.unsupported_type", "body.too_large", "request.timeout"];

/** Every code that an operation may answer: its own and those that follow from its shape. */
export const declaredErrors = (op: Operation): readonly ErrorCode[] => [
  ...everywhere,
  ...(op.whileSuspended ? [] : (["organization.suspended"] as const)),
  ...(op.body ? withBody : []),
  ...(op.path.includes("{") ? (["path.not_found"] as const) : []),
  ...(conditional(op) || op.method === "GET" ? (["record.version_mismatch"] as const) : []),
  ...op.errors,
];

/** Whether `If-Match` and `If-None-Match` are honoured: on changes of one record. Other writes refuse them. */
export const conditional = (op: Operation): boolean =>
  op.path.includes("{") && (op.method === "PUT" || op.method === "PATCH" || op.method === "DELETE");
