import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore } from "./access-facts.store.ts";
import { lookUpAccount } from "./find-account.stage.ts";

export interface AccountNamesDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly directory: OrganizationDirectory;
}

/** Finds the account that a username means to a token: the one that may log in with it there. */
export const createAccountNames =
  ({ work, directory }: AccountNamesDependencies) =>
  async (scope: TenantScope, username: string): Promise<{ readonly id: number; readonly username: string } | "ambiguous" | undefined> => {
    const tree = await directory.covering([scope.organizationId]);
    const found = await lookUpAccount({ work, tree, scope: tree.scopeOf(scope.organizationId) }, username, { keepsRealm: true });
    if (typeof found !== "string") return { id: found.id, username: found.username };
    return found === "ambiguous" ? found : undefined;
  };
