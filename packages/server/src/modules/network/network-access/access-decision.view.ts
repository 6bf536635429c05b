import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import type { AttributeItem } from "../../../aaa/words/attributes.ts";
import { type SecretCheck, withMasks } from "../../accounts/aaa-profiles/index.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";
import type { Simulation } from "./simulation.service.ts";

type Shown = Static<typeof schemas.AccessDecision>;

/** The operators of a reply are the contract's. */
const presentReply = (reply: readonly AttributeItem[]): Shown["reply"] => [...reply] as Shown["reply"];

/** Shows a decision. One that was kept before secrets were masked is masked here. */
export const presentAccessDecision = (record: AccessDecisionRecord, isSecret: SecretCheck): Shown => ({
  id: record.id,
  created_at: formatInstant(record.createdAtMs),
  organization: record.organizationId,
  client: record.clientId,
  user: record.userId,
  username: record.username,
  calling_station_id: record.callingStation,
  source: record.source,
  outcome: record.outcome,
  reason: record.reason,
  session_timeout: record.sessionTimeoutSeconds,
  reply: presentReply(withMasks(record.reply, isSecret)),
  trace: [...record.trace],
});

export const presentSimulation = ({ decision, atMs }: Simulation, isSecret: SecretCheck): Static<typeof schemas.AccessSimulation> => ({
  at: formatInstant(atMs),
  user: decision.account?.id ?? null,
  outcome: decision.outcome,
  reason: decision.outcome === "reject" ? decision.reason : null,
  session_timeout: decision.outcome === "accept" ? (decision.sessionTimeoutSeconds ?? null) : null,
  reply: decision.outcome === "accept" ? presentReply(withMasks(decision.reply, isSecret)) : [],
  trace: [...decision.trace],
});
