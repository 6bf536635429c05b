import type { AaaClient } from "./aaa-client.ts";

/** How many secrets are tried for a packet from a shared address. */
export const maxCandidates = 16;

/** How many of them one organization directly below the root has, with those below it: nobody keeps the others out. */
export const maxOfOneShare = 4;

/** At a shared address the secret chooses the client: it must not be found by guessing. */
export const minSharedSecret = 16;

/**
 * Of the clients at a shared address those whose secret is certainly their own. Tenants that do not see each other may have chosen the
 * same: the client that has not changed since the other was made had it first; where neither can show that, the secret chooses nobody.
 */
export const withOwnSecrets = (clients: readonly AaaClient[]): AaaClient[] =>
  clients.filter((client) =>
    clients.every((other) => other.id === client.id || other.secret !== client.secret || hadItFirst(client, other)),
  );

const hadItFirst = (one: AaaClient, other: AaaClient): boolean =>
  one.lastChangeMs < other.createdAtMs || (one.lastChangeMs === other.createdAtMs && one.id < other.id);
