import type { DueOrganization, DueShare } from "./session-deadline.store.ts";

/**
 * How many of each organization's due users are looked at in one pass: payers take the places in turns, and a payer's own
 * organizations take the payer's. Child organizations multiply nothing, and what nobody else needs one payer may have.
 */
export const dueShares = (due: readonly DueOrganization[], payerOf: (organizationId: number) => string, places: number): DueShare[] => {
  const ofPayers = [...Map.groupBy(due, ({ organizationId }) => payerOf(organizationId)).values()];
  const most = new Map<number, number>();
  /** Gives one place to the next of a payer's organizations that still has users; false where none has. */
  const giveOne = (line: DueOrganization[]): boolean => {
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      const given = most.get(next.organizationId) ?? 0;
      if (given >= next.users) continue;
      most.set(next.organizationId, given + 1);
      line.push(next);
      return true;
    }
    return false;
  };
  let left = places;
  for (let isGiven = true; isGiven; ) {
    isGiven = false;
    for (const line of ofPayers) {
      if (left === 0 || !giveOne(line)) continue;
      left -= 1;
      isGiven = true;
    }
  }
  return [...most].map(([organizationId, given]) => ({ organizationId, most: given }));
};
