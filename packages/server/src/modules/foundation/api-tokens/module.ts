import { systemCaller } from "../../../kernel/caller.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import { counter } from "../../../metrics/family.ts";
import type { House } from "../../manifest.ts";
import type { Organization, OrganizationDirectory, OrganizationHooks } from "../organizations/index.ts";
import { apiTokenRoutes } from "./api-token.routes.ts";
import { createApiTokenService } from "./api-token.service.ts";
import { type ApiTokenStore, apiTokenStore } from "./api-token.store.ts";
import { type Authenticator, createAuthenticator } from "./authenticator.ts";
import { createHandedTokens } from "./handed-token.ts";

export interface Stores {
  readonly apiTokens: ApiTokenStore;
}

/** Stores when tokens were last used, by their ids. */
type NoteUses = (uses: ReadonlyMap<number, number>) => Promise<void>;

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
  /** The way to the process that writes, where this one does not. */
  readonly writer: { noteUses(uses: ReadonlyMap<number, number>): void } | undefined;
}

/** Revoked tokens are kept for the audit trail as long as their organization stands. */
const onOrganization: OrganizationHooks<Stores> = { onDelete: (tx, organization) => tx.apiTokens.deleteRevoked(organization) };

export const apiTokenModule = {
  name: "foundation/api-tokens",
  needs: ["organizations", "writer"],
  nouns: ["api_token"],
  stores: { apiTokens: apiTokenStore },
  signals: ["api_token"],
  deletionBlockers: [
    {
      nouns: ["API token", "API tokens"],
      count: async (stores: Stores, organization: Organization) => (await stores.apiTokens.list({ organization }, countAlone)).count,
    },
  ],
  build({ work, ids, clock, logger }: House<Stores, "api_token">, { organizations: { directory }, writer }: Needs) {
    const service = createApiTokenService({ work, ids, directory });
    const authenticator = createAuthenticator({ work, directory, clock });
    const recall = createHandedTokens({ work, directory, clock });
    let noted: Promise<unknown> = Promise.resolve();
    const noteUses: NoteUses = (uses) => {
      const noting = work.run(systemCaller("token-uses"), (tx) => tx.apiTokens.noteUse(uses));
      noted = Promise.allSettled([noted, noting]);
      return noting;
    };
    const noteOwnUses = async (): Promise<void> => {
      const uses = authenticator.takeUses();
      if (uses.size > 0) await (writer ?? { noteUses }).noteUses(uses);
    };
    return {
      service: { tokens: service, authenticate: authenticator.authenticate, callerOf: recall.callerOf, noteUses },
      routes: apiTokenRoutes({ service, directory, work }),
      jobs: [{ name: "note token uses", runs: "in_each_process", everyMs: 30_000, run: noteOwnUses }],
      onOrganization,
      forgets: {
        api_token() {
          authenticator.forget();
          recall.forget();
        },
      },
      figures: { collect: () => lookupFigures(authenticator) },
      async flush() {
        await noteOwnUses().catch((error: unknown) => logger.warn({ err: error }, "when tokens were last used could not be noted"));
        await noted;
      },
    } as const;
  },
} as const;

const lookupFigures = (authenticator: Authenticator) => {
  const { hits, misses } = authenticator.figures();
  return [
    counter("gatehouse_token_lookups_total", "Lookups of bearer tokens, by what answered them.", [
      { labels: { from: "memory" }, value: hits },
      { labels: { from: "database" }, value: misses },
    ]),
  ];
};
