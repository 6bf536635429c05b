/** How many secrets are tried for a packet from a shared address. */
export const mostCandidates = 16;

/** How many of them one organization directly below the root has, with those below it: nobody keeps the others out. */
export const mostOfOneShare = 4;

/** At a shared address the secret chooses the client: it must not be found by guessing. */
export const leastSharedSecret = 16;
