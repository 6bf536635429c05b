import type { Scope } from "@gatehouse/contract";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Caller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../organizations/index.ts";
import type { ApiTokenStore } from "./api-token.store.ts";
import { hashToken } from "./token-format.ts";

/** How long a token is taken for good without asking the database again: a revoked one works no longer than this. */
const trustedForMs = 1_000;
const rememberedTokens = 10_000;

interface Remembered {
  readonly id: number;
  readonly name: string;
  readonly organizationId: number;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAtMs: number | null;
  readonly checkedAtMs: number;
}

export interface Authenticator {
  /** The caller that a bearer token stands for; undefined when it is unknown, expired or revoked. */
  authenticate(token: string, request: { id: string; address: string }): Promise<Caller | undefined>;
  /** Forgets all tokens: what this process changes takes effect at once. */
  forget(): void;
  /** Hands over when tokens were used since the last call, by token id. */
  takeUses(): ReadonlyMap<number, number>;
  /** How many lookups of tokens memory answered, and how many the database. */
  figures(): { readonly hits: number; readonly misses: number };
}

export const createAuthenticator = (deps: {
  work: Work<{ apiTokens: ApiTokenStore }>;
  directory: OrganizationDirectory;
  clock: Clock;
}): Authenticator => {
  const remembered = new BoundedCache<string, Remembered>(rememberedTokens);
  let uses = new Map<number, number>();
  // Counts the calls of forget: what was read before one must not be remembered after it.
  let generation = 0;
  const figures = { hits: 0, misses: 0 };

  const lookUp = async (hash: string, nowMs: number): Promise<Remembered | undefined> => {
    const known = remembered.get(hash);
    if (known && nowMs - known.checkedAtMs < trustedForMs) {
      figures.hits += 1;
      return known;
    }
    figures.misses += 1;
    const asked = generation;
    const token = await deps.work.acrossTenants("a bearer token names its tenant itself").apiTokens.findByHash(hash);
    if (!token) {
      remembered.delete(hash);
      return undefined;
    }
    const entry = { ...token, scopes: new Set(token.scopes), checkedAtMs: nowMs };
    if (asked === generation) remembered.set(hash, entry);
    return entry;
  };

  return {
    async authenticate(token, request) {
      const nowMs = deps.clock.nowMs();
      const known = await lookUp(hashToken(token), nowMs);
      if (!known || (known.expiresAtMs !== null && known.expiresAtMs <= nowMs)) return undefined;
      const tree = await deps.directory.covering([known.organizationId]);
      if (!tree.find(known.organizationId)) return undefined;
      uses.set(known.id, nowMs);
      return {
        actor: { kind: "api_token", id: known.id, name: known.name },
        scopes: known.scopes,
        scope: tree.scopeOf(known.organizationId),
        expiresAtMs: known.expiresAtMs,
        requestId: request.id,
        address: request.address,
      };
    },
    forget() {
      generation += 1;
      remembered.clear();
    },
    figures: () => figures,
    takeUses() {
      const taken = uses;
      uses = new Map();
      return taken;
    },
  };
};
