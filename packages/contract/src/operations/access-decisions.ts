import { operation } from "../operation.ts";
import {
  AccessDecisionListQuery,
  AccessDecisionPage,
  AccessDecision as AccessDecisionSchema,
  AccessSimulation,
  AccessSimulationInput,
} from "../schemas/access-decision.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "access_decision";

export const accessDecisionList = operation({
  operationId: "access_decision_list",
  tag,
  method: "GET",
  path: "/access_decision/",
  scope: "access_decision:read",
  summary: "List access decisions",
  description:
    "Who was let in or refused and why, by id, narrowed by the filters given. A decision is listed at most a second after it was made.",
  query: AccessDecisionListQuery,
  success: { status: 200, description: "A page of access decisions.", schema: AccessDecisionPage },
  errors: [],
  retry: "safe",
});

export const accessDecisionRead = operation({
  operationId: "access_decision_read",
  tag,
  method: "GET",
  path: "/access_decision/{id}/",
  scope: "access_decision:read",
  summary: "Read an access decision",
  description: "One decision by its id, with the trace of every step.",
  params: idInPath("The decision's id.", 1001),
  query: plainQuery(),
  success: { status: 200, description: "The decision.", schema: AccessDecisionSchema },
  errors: ["access_decision.not_found"],
  retry: "safe",
});

export const accessDecisionSimulate = operation({
  operationId: "access_decision_simulate",
  tag,
  method: "POST",
  path: "/access_decision/simulate/",
  scope: "access_decision:write",
  summary: "Simulate an access decision",
  description: "Decides about a simulated request, by the same table. Nothing is stored and no reservation is made.",
  query: plainQuery(),
  body: AccessSimulationInput,
  success: { status: 200, description: "What would be decided.", schema: AccessSimulation },
  errors: [],
  retry: "unsafe",
});

export const accessDecisionOperations = [accessDecisionList, accessDecisionRead, accessDecisionSimulate];
