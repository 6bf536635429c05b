import type { Scope } from "@gatehouse-aaa/contract";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Caller } from "../../../kernel/caller.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory, OrganizationTree } from "../organizations/index.ts";
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

/** What a request says of itself, for the audit trail. */
export interface RequestOrigin {
  readonly id: string;
  readonly address: string;
}

export interface Authenticator {
  /**
   * The caller that a bearer token stands for; undefined when it is unknown, expired or revoked. What was asked within
   * the last second is answered at once.
   */
  authenticate(token: string, request: RequestOrigin): Caller | undefined | Promise<Caller | undefined>;
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

  const callerOf = (token: Remembered, place: Place, nowMs: number, request: RequestOrigin): Caller | undefined => {
    if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return undefined;
    uses.set(token.id, nowMs);
    return {
      actor: { kind: "api_token", id: token.id, name: token.name },
      scopes: token.scopes,
      ...place,
      expiresAtMs: token.expiresAtMs,
      requestId: request.id,
      address: request.address,
    };
  };

  const authenticateAnew = async (hash: string, nowMs: number, request: RequestOrigin): Promise<Caller | undefined> => {
    const known = remembered.get(hash);
    const isTrusted = known !== undefined && isWithin(trustedForMs, known.checkedAtMs, nowMs);
    if (isTrusted) figures.hits += 1;
    const token = isTrusted ? known : await lookUp(hash, nowMs);
    if (!token) return undefined;
    const tree = await deps.directory.covering([token.organizationId]);
    return tree.find(token.organizationId) && callerOf(token, placeIn(tree, token), nowMs, request);
  };

  return {
    authenticate(token, request) {
      const nowMs = deps.clock.nowMs();
      const hash = hashToken(token);
      const known = remembered.get(hash);
      const tree = deps.directory.inMemory();
      if (known && isWithin(trustedForMs, known.checkedAtMs, nowMs) && tree?.find(known.organizationId)) {
        figures.hits += 1;
        const place = { scope: tree.scopeOf(known.organizationId), isSuspended: tree.isSuspended(known.organizationId) };
        return callerOf(known, place, nowMs, request);
      }
      return authenticateAnew(hash, nowMs, request);
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

/** What the tree says about a token's organization. */
type Place = Pick<Caller, "scope" | "isSuspended">;

const placeIn = (tree: OrganizationTree, { organizationId }: Remembered): Place => ({
  scope: tree.scopeOf(organizationId),
  isSuspended: tree.isSuspended(organizationId),
});
