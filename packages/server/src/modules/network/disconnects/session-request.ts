import { actorLabel } from "../../../kernel/actor.ts";
import { systemCaller } from "../../../kernel/caller.ts";

/** A row that asks for one CoA-Request or Disconnect-Request about a session. */
export interface SessionRequest {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly sessionId: number;
  readonly clientId: number;
  readonly kind: "disconnect" | "coa";
  readonly reason: string;
  readonly actor: string;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
  readonly attempts: number;
  readonly finishedAtMs: number | null;
  readonly outcome: string | null;
}

/** A request that is not stored yet. */
export interface NewRequest extends Omit<SessionRequest, "id" | "attempts" | "finishedAtMs" | "outcome"> {
  /** Whether the process that stores it sends it: then it is claimed from the beginning, where no other node is nearer. */
  readonly isClaimed?: boolean;
}

/** A request that was stored, and whether this process has claimed it. */
export interface StoredRequest extends SessionRequest {
  readonly isClaimed: boolean;
}

/** Which process claims requests, and for how long. */
export interface Claimant {
  /** The node's name; null where it sends from an address that all clients know, and may take any request. */
  readonly node: string | null;
  /** Clients that were in contact with another node since then are that node's. */
  readonly contactSinceMs: number;
  readonly leaseMs: number;
}

/** Who ends sessions by their deadline: what it asks for holds only as long as the deadline has passed. */
export const planner = systemCaller("planner");

export const plannerActor = actorLabel(planner.actor);
