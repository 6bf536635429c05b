import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Caller } from "../../../kernel/caller.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../organizations/index.ts";
import type { ApiToken, ApiTokenStore } from "./api-token.store.ts";

/** As long as the authenticator trusts what it has read. */
const trustedForMs = 1_000;
const rememberedTokens = 10_000;

/** Who a token is whose bearer another process of this node has authenticated. */
export interface HandedTokens {
  /** The caller that the token stands for now; undefined when it is revoked or expired. */
  callerOf(tokenId: number, request: { id: string; address: string | null }): Promise<Caller | undefined>;
  forget(): void;
}

export const createHandedTokens = (deps: {
  work: Work<{ apiTokens: ApiTokenStore }>;
  directory: OrganizationDirectory;
  clock: Clock;
}): HandedTokens => {
  const remembered = new BoundedCache<
    number,
    { token: Pick<Caller, "actor" | "scopes" | "expiresAtMs">; organizationId: number; readAtMs: number }
  >(rememberedTokens);
  // Counts the calls of forget: what was read before one must not be remembered after it.
  let generation = 0;

  const lookUp = async (tokenId: number, nowMs: number) => {
    const known = remembered.get(tokenId);
    if (known && isWithin(trustedForMs, known.readAtMs, nowMs)) return known;
    const asked = generation;
    const token = await deps.work.acrossTenants("the bearer was authenticated by another process of this node").apiTokens.find(tokenId);
    if (!token) {
      remembered.delete(tokenId);
      return undefined;
    }
    const entry = { token: bearerOf(token), organizationId: token.organizationId, readAtMs: nowMs };
    if (asked === generation) remembered.set(tokenId, entry);
    return entry;
  };

  return {
    async callerOf(tokenId, request) {
      const nowMs = deps.clock.nowMs();
      const known = await lookUp(tokenId, nowMs);
      if (!known || (known.token.expiresAtMs !== null && known.token.expiresAtMs <= nowMs)) return undefined;
      const tree = await deps.directory.covering([known.organizationId]);
      if (!tree.find(known.organizationId)) return undefined;
      return {
        ...known.token,
        scope: tree.scopeOf(known.organizationId),
        isSuspended: tree.isSuspended(known.organizationId),
        requestId: request.id,
        address: request.address,
      };
    },
    forget() {
      generation += 1;
      remembered.clear();
    },
  };
};

const bearerOf = (token: ApiToken): Pick<Caller, "actor" | "scopes" | "expiresAtMs"> => ({
  actor: { kind: "api_token", id: token.id, name: token.name },
  scopes: new Set(token.scopes),
  expiresAtMs: token.expiresAtMs,
});
