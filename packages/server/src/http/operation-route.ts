import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Caller } from "../kernel/caller.ts";
import { DomainError, type FieldFaults, invalidFields, noFaults } from "../kernel/errors.ts";
import { sendAnswer } from "./answering.ts";
import { requireCaller } from "./authentication.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { bodyLimit } from "./json-scan.ts";
import type { LingeringClose } from "./lingering-close.ts";
import { requirePermission } from "./permission.ts";
import { RequestCall } from "./request-call.ts";
import type { Call, Route } from "./route.ts";
import type { AtEndOfTurn } from "./turn.ts";
import { bodyCheck, type Found, paramsReader, queryReader, withoutFaulty } from "./validation.ts";

/** What all operations of a door share. */
export interface Door {
  readonly atEndOfTurn: AtEndOfTurn;
  isClosing(): boolean;
  /** How a connection ends whose body nobody reads. */
  readonly lingering: LingeringClose;
}

/** Registers one operation: authentication and permission before the body is read, then validation, then the handler. */
export const registerOperation = (api: FastifyInstance, route: Route, deps: HttpDependencies, door: Door): void => {
  const { operation } = route;
  const toCall = callReader(route, deps.publicUrl);
  const requirePermitted = (caller: Caller): void => requirePermission(caller, operation);
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const { call, found } = toCall(request);
      if (found) throw invalidFields(call ? await allFaults(found, call, route) : found.faults);
      sendAnswer(operation, request, reply, await route.handle(call), {
        isClosing: door.isClosing(),
        lingering: door.lingering,
        publicUrl: deps.publicUrl,
      });
    } catch (error) {
      reply.send(error);
    }
  };
  api.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    config: { operation },
    bodyLimit: bodyLimit(operation),
    onRequest: (request, _reply, done) => {
      const caller = requireCaller(request, deps.authenticate);
      if (caller instanceof Promise) return void caller.then(requirePermitted).then(() => done(), done);
      requirePermitted(caller);
      done();
    },
    // Fastify gets no promise to wait for: the answer, or the refusal, is sent from here.
    handler: (request, reply) => {
      door.atEndOfTurn(() => void answer(request, reply), request.caller?.scope.payer);
    },
  });
};

type ReadCall =
  | { readonly call: Call; readonly found: undefined }
  /** With faults, a call whose body lacks the faulty fields: only to be judged, where that may find others. */
  | { readonly call: Call | undefined; readonly found: Found };

/** A body whose every fault is known is looked through further without them, so that one answer names all. */
const allFaults = async ({ faults }: Found, call: Call, { judge }: Route): Promise<FieldFaults> =>
  Object.assign(noFaults(), await judge?.(call), faults);

const callReader = ({ operation, judge }: Route, publicUrl: string | undefined): ((request: FastifyRequest) => ReadCall) => {
  const readQuery = queryReader(operation.query ?? Type.Object({}, { additionalProperties: false }));
  const readParams = operation.params && paramsReader(operation.params);
  const checkBody = operation.body && bodyCheck(operation);
  return (request) => {
    const query = readQuery(request.query as Record<string, unknown>);
    const found = checkBody?.(request.body);
    const params = readParams ? readParams(request.params as Record<string, string>) : {};
    if (!params) throw new DomainError("path.not_found", "There is no such record: nothing can have the id or name that the path gives.");
    const toCall = (body: unknown) => new RequestCall(request, operation, { params, query, body, publicUrl });
    if (!found) return { call: toCall(request.body ?? (operation.bodyOptional ? {} : undefined)), found };
    return { call: found.areAll && judge ? toCall(withoutFaulty(request.body, found.faults)) : undefined, found };
  };
};
