import { decide } from "../../../aaa/authorization/decide.ts";
import type { AccessDecision } from "../../../aaa/words/access-decision.ts";
import { firstOf, stationOf } from "../../../aaa/words/attributes.ts";
import { actorLabel } from "../../../kernel/actor.ts";
import type { Caller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { invalidField } from "../../../kernel/errors.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaClientStore } from "../aaa-clients/index.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { AccessStages } from "./access-stages.ts";
import { type RequestSpelling, spelled } from "./attribute-spelling.rules.ts";

export interface AccessSimulationDependencies {
  readonly work: Work<{ aaaClients: AaaClientStore }>;
  readonly clock: Clock;
  readonly stages: AccessStages;
  readonly spelling: RequestSpelling;
}

/** A simulated request. */
export interface SimulatedRequest {
  readonly userName: string;
  readonly password: string | undefined;
  readonly clientId: number | undefined;
  readonly callingStationId: string | undefined;
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  readonly atMs: number | undefined;
}

/** A simulated decision, and for which moment. */
export interface Simulation {
  readonly decision: AccessDecision<AccountFacts>;
  readonly atMs: number;
}

export type AccessSimulationService = ReturnType<typeof createAccessSimulationService>;

/** Evaluates the same table for a simulated request: nothing is stored, no reservation is made, no login counted. */
export const createAccessSimulationService = ({ work, clock, stages, spelling }: AccessSimulationDependencies) => ({
  async simulate(caller: Caller, request: SimulatedRequest): Promise<Simulation> {
    const { clientId, password, callingStationId } = request;
    const attributes = attributesOf(request, spelling);
    const client = clientId === undefined ? undefined : await work.for(caller.scope).aaaClients.find(clientId);
    if (clientId !== undefined && !client) throw invalidField("client", "No such AAA client.");
    const actor = actorLabel(caller.actor);
    const found = await stages.findAccount({
      organizationId: client?.organizationId ?? caller.scope.organizationId,
      clientId: client?.id ?? 0,
      userName: request.userName,
      credential: password === undefined ? "assumed" : { method: "pap", password: Buffer.from(password) },
      attributes,
      station: stationOf(firstOf(attributes, "Calling-Station-Id")) || "#simulated",
      payer: [actor, caller.requestId],
      place: `${actor} ${caller.address ?? ""}`,
      device: callingStationId ?? "",
      isWanted: caller.isWaiting,
    });
    const verified = await stages.verifyCredential(found);
    const atMs = request.atMs ?? clock.nowMs();
    const { facts } = await stages.loadFacts(verified, atMs);
    return { decision: decide(facts), atMs };
  },
});

/** As equipment sends them: the name that asks is an attribute like the others. */
const attributesOf = (
  { userName, attributes, callingStationId }: SimulatedRequest,
  spelling: RequestSpelling,
): Record<string, string[]> => {
  const result = spelled(attributes, spelling);
  result["User-Name"] = [userName];
  if (callingStationId !== undefined) result["Calling-Station-Id"] = [callingStationId];
  return result;
};
