import type { AccessDecision } from "../../../aaa/authorization/decision.ts";
import { actorLabel, type Caller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { invalidField } from "../../../kernel/errors.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaClientStore } from "../aaa-clients/index.ts";
import type { AccessGathering } from "./access-gathering.ts";
import { type RequestSpelling, spelled } from "./attribute-spelling.ts";

export interface AccessSimulationDependencies {
  readonly work: Work<{ aaaClients: AaaClientStore }>;
  readonly clock: Clock;
  readonly gathering: AccessGathering;
  readonly spelling: RequestSpelling;
}

/** A request that nobody sent. */
export interface ImaginedRequest {
  readonly userName: string;
  readonly password: string | undefined;
  readonly clientId: number | undefined;
  readonly callingStationId: string | undefined;
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  readonly atMs: number | undefined;
}

export type AccessSimulationService = ReturnType<typeof createAccessSimulationService>;

/** Walks the same table for a request that nobody sent: nothing is stored, no reservation made, nothing counted as a login. */
export const createAccessSimulationService = ({ work, clock, gathering, spelling }: AccessSimulationDependencies) => ({
  async simulate(caller: Caller, imagined: ImaginedRequest): Promise<{ decision: AccessDecision; userId: number | null; atMs: number }> {
    const { clientId, password } = imagined;
    const client = clientId === undefined ? undefined : await work.for(caller.scope).aaaClients.find(clientId);
    if (clientId !== undefined && !client) throw invalidField("client", "No such AAA client.");
    const asking = await gathering.ask({
      organizationId: client?.organizationId ?? caller.scope.organizationId,
      clientId: client?.id ?? 0,
      userName: imagined.userName,
      credential: password === undefined ? "assumed" : { method: "pap", password: Buffer.from(password) },
      attributes: attributesOf(imagined, spelling),
      nameless: "#imagined",
      payer: actorLabel(caller.actor),
      source: caller.requestId,
      place: `${actorLabel(caller.actor)} ${caller.address ?? ""}`,
      device: imagined.callingStationId ?? "",
      isWanted: caller.isWaiting,
    });
    const atMs = imagined.atMs ?? clock.nowMs();
    const { asked, decision } = await gathering.decide(asking, atMs);
    return { decision, atMs, userId: typeof asked.account === "string" ? null : asked.account.id };
  },
});

/** As both doors of network equipment give them: the name that asks is an attribute like the others. */
const attributesOf = ({ userName, attributes, callingStationId }: ImaginedRequest, spelling: RequestSpelling): Record<string, string[]> => {
  const result = spelled(attributes, spelling);
  result["User-Name"] = [userName];
  if (callingStationId !== undefined) result["Calling-Station-Id"] = [callingStationId];
  return result;
};
