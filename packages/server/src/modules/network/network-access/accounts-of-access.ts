import type { AccountHooks } from "../../accounts/users/index.ts";
import type { AccessDecisionStore } from "./access-decision.store.ts";

/** Decisions about a deleted account are kept without it; those about a moved one move with it. Reservations go with the account's row. */
export const decisionsOfAccounts: AccountHooks<{ readonly accessDecisions: AccessDecisionStore }> = {
  onDelete: (tx, { user }) => tx.accessDecisions.forgetUser(user),
  onMove: (tx, _operation, moves) => tx.accessDecisions.followUsers(moves.map(({ after }) => after)),
};
