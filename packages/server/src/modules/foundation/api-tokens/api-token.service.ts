import type { Scope } from "@gatehouse-aaa/contract";
import type { Caller } from "../../../kernel/caller.ts";
import { recordChange } from "../../../kernel/change.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type OrganizationDirectory, readOrganizationReference } from "../organizations/index.ts";
import { requireLifetimeOf, requireScopesOf } from "./api-token.rules.ts";
import { type ApiToken, type ApiTokenStore, imageOfToken } from "./api-token.store.ts";
import { generateToken, hashToken } from "./token-format.ts";

/** What a request wants of a token. What is undefined stays as it is. */
export interface ApiTokenFields {
  readonly name?: string | undefined;
  /** An organization's id, as integer or digits, or its slug. */
  readonly organization?: number | string | undefined;
  readonly scopes?: readonly Scope[] | undefined;
  readonly expiresAtMs?: number | null | undefined;
}

export interface NewApiTokenFields extends ApiTokenFields {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface ApiTokenServiceDependencies<Stores extends { readonly apiTokens: ApiTokenStore }> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"api_token">;
  readonly directory: OrganizationDirectory;
}

export type ApiTokenService = ReturnType<typeof createApiTokenService>;

/** The rules of API tokens: none exceeds its maker's scopes, tree and lifetime, and none is touched by a lesser one. */
export const createApiTokenService = <Stores extends { readonly apiTokens: ApiTokenStore }>({
  work,
  ids,
  directory,
}: ApiTokenServiceDependencies<Stores>) => ({
  async get(scope: TenantScope, id: number): Promise<ApiToken> {
    return (await work.for(scope).apiTokens.find(id)) ?? notFound();
  },

  /** Makes a token. Its secret is returned this once and can never be read again. */
  async create(caller: Caller, operation: string, fields: NewApiTokenFields): Promise<{ token: ApiToken; secret: string }> {
    const id = await ids.take("api_token");
    const tree = await directory.current();
    const secret = generateToken();
    const token = await work.run(caller, async (tx) => {
      const faults = new Faults();
      const reference = fields.organization ?? caller.scope.organizationId;
      const organization = readOrganizationReference(tree, caller.scope, reference, faults);
      const { name, scopes, expiresAtMs = null } = fields;
      requireFuture(expiresAtMs, tx.nowMs, faults);
      faults.throwIfAny();
      requireScopesOf(caller, scopes);
      requireLifetimeOf(caller, undefined, { scopes, expiresAtMs });
      const made: ApiToken = {
        id,
        namespaceId: organization!.namespaceId,
        organizationId: organization!.id,
        name,
        scopes,
        expiresAtMs,
        revokedAtMs: null,
        lastUsedAtMs: null,
        createdAtMs: tx.nowMs,
        lastChangeMs: tx.nowMs,
        version: 1,
      };
      await tx.apiTokens.insert({ ...made, tokenHash: hashToken(secret), nowMs: tx.nowMs });
      recordChange(tx, { operation, resource: "api_token", record: made, before: null, after: imageOfToken(made) });
      return made;
    });
    return { token, secret };
  },

  async change(caller: Caller, operation: string, id: number, fields: ApiTokenFields, precondition: Precondition): Promise<ApiToken> {
    const tree = await directory.current();
    return work.run(caller, async (tx) => {
      const before = (await tx.apiTokens.lock(id)) ?? notFound();
      const patch = {
        name: fields.name ?? before.name,
        scopes: fields.scopes ?? before.scopes,
        expiresAtMs: fields.expiresAtMs === undefined ? before.expiresAtMs : fields.expiresAtMs,
      };
      const faults = new Faults();
      if (fields.organization !== undefined) {
        const organization = readOrganizationReference(tree, caller.scope, fields.organization, faults);
        if (organization && organization.id !== before.organizationId) {
          faults.add("organization", "The organization of a token is fixed when it is made.");
        }
      }
      if (patch.expiresAtMs !== before.expiresAtMs) requireFuture(patch.expiresAtMs, tx.nowMs, faults);
      faults.throwIfAny();
      requireScopesOf(caller, [...before.scopes, ...patch.scopes]);
      requireLifetimeOf(caller, before, patch);
      requireVersion(precondition, String(id), before.version);
      if (JSON.stringify(imageOfToken(before)) === JSON.stringify(imageOfToken({ ...before, ...patch }))) return before;
      const after = await tx.apiTokens.update(before, patch, tx.nowMs);
      recordChange(tx, { operation, resource: "api_token", record: after, before: imageOfToken(before), after: imageOfToken(after) });
      return after;
    });
  },

  /** Revokes a token: from the next request on it is nobody in this process, and within a second in every other. */
  async revoke(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<ApiToken> {
    return work.run(caller, async (tx) => {
      const token = (await tx.apiTokens.lock(id)) ?? notFound();
      requireScopesOf(caller, token.scopes);
      requireVersion(precondition, String(id), token.version);
      await tx.apiTokens.update(token, { revokedAtMs: tx.nowMs }, tx.nowMs);
      recordChange(tx, { operation, resource: "api_token", record: token, before: imageOfToken(token), after: null });
      return token;
    });
  },
});

const requireFuture = (expiresAtMs: number | null, nowMs: number, faults: Faults): void => {
  if (expiresAtMs !== null && expiresAtMs <= nowMs) faults.add("expires_at", "Must be a time to come.");
};

const notFound = (): never => {
  throw new DomainError("api_token.not_found", "There is no such API token.");
};
