/** A payer may have so many times the free places under way (as in the RADIUS queues): one alone has three quarters of all. */
const timesFree = 3;

/**
 * How many more orders each payer may have sent: they take the free places in turns, and nobody takes the last ones. Orders to
 * silent equipment hold their places for long; those of other tenants find some free at once.
 */
export const roomsOf = (payers: ReadonlySet<string>, underWay: ReadonlyMap<string, number>, free: number): ReadonlyMap<string, number> => {
  const rooms = new Map<string, number>();
  let left = free;
  let isOver = false;
  while (!isOver) {
    isOver = true;
    for (const payer of payers) {
      const room = rooms.get(payer) ?? 0;
      if (left === 0 || (underWay.get(payer) ?? 0) + room > Math.max(1, (left - 1) * timesFree)) continue;
      rooms.set(payer, room + 1);
      left -= 1;
      isOver = false;
    }
  }
  return rooms;
};
