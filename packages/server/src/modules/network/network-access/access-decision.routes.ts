import { operations, parseInstant } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/list-page.ts";
import { bind, type Route } from "../../../http/route.ts";
import { DomainError } from "../../../kernel/errors.ts";
import { readInstant } from "../../../kernel/nullable-values.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { SecretCheck } from "../../accounts/aaa-profiles/index.ts";
import type { AccessDecisionStore } from "./access-decision.store.ts";
import { presentAccessDecision, presentSimulation } from "./access-decision.view.ts";
import type { AccessSimulationService } from "./simulation.service.ts";

export interface AccessDecisionRouteDependencies {
  readonly work: Work<{ accessDecisions: AccessDecisionStore }>;
  readonly simulation: AccessSimulationService;
  readonly isSecret: SecretCheck;
}

export const accessDecisionRoutes = ({ work, simulation, isSecret }: AccessDecisionRouteDependencies): Route[] => [
  bind(operations.accessDecisionList, async (call) => {
    const { query } = call;
    const page = readPaging(query);
    const filters = {
      ...(query.user === undefined ? {} : { userId: query.user }),
      ...(query.client === undefined ? {} : { clientId: query.client }),
      ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
      ...(query.start_date === undefined ? {} : { sinceMs: parseInstant(query.start_date)! }),
      ...(query.end_date === undefined ? {} : { untilMs: parseInstant(query.end_date)! }),
    };
    const found = await work.for(call.caller.scope).accessDecisions.list(filters, page);
    return { body: presentPage(call.url, page, found, (record) => presentAccessDecision(record, isSecret)) };
  }),
  bind(operations.accessDecisionRead, async (call) => {
    const decision = await work.for(call.caller.scope).accessDecisions.find(call.params.id);
    if (!decision) throw new DomainError("access_decision.not_found", "There is no such access decision, or it is not written yet.");
    // A decision never changes, but for its user being deleted.
    return { body: presentAccessDecision(decision, isSecret), etag: `"${decision.id}.access_decision.${decision.userId ?? 0}"` };
  }),
  bind(operations.accessDecisionSimulate, async (call) => {
    const { body } = call;
    const simulated = await simulation.simulate(call.caller, {
      userName: body.username,
      password: body.password,
      clientId: body.client,
      callingStationId: body.calling_station_id,
      attributes: body.attributes ?? {},
      atMs: readInstant(body.at) ?? undefined,
    });
    return { body: presentSimulation(simulated, isSecret) };
  }),
];
