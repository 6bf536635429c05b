import type { AccountHooks } from "../../accounts/users/index.ts";
import type { ClosingStores } from "./session-change.ts";

/** The sessions of a deleted account stay for the books, under its pseudonym; those of an account that moves go with it. */
export const sessionsOfAccounts: AccountHooks<ClosingStores> = {
  async onDelete(tx, { user, pseudonym }) {
    const live = await tx.sessions.lockLiveOf([user]);
    await tx.debits.seal(
      user.namespaceId,
      live.map((session) => session.id),
      tx.nowMs,
    );
    await tx.sessions.pseudonymize(user, pseudonym);
  },
  onMove: (tx, _operation, moves) => tx.sessions.follow(moves.map(({ after }) => after)),
};
