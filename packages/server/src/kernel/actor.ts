/** Who does something, as the audit trail and the ledger name it. */
export interface Actor {
  readonly kind: "api_token" | "command" | "system" | "aaa_client";
  readonly id: number | null;
  readonly name: string;
}

/** The ledger's and history's short form of an actor, such as `api_token:7`. */
export const actorLabel = (actor: Actor): string => (actor.id === null ? `${actor.kind}:${actor.name}` : `${actor.kind}:${actor.id}`);
