import type { AccessDecisionRow } from "./access-decision.store.ts";

/** Traces that wait to be written, with an end to how many. */
export interface TraceRoom {
  /** Takes a trace in. Returns how many were lost for it: 1 where there is no room, for the newest of the payer that has most. */
  add(row: AccessDecisionRow): 0 | 1;
  rows(): AccessDecisionRow[];
  readonly size: number;
}

/** A room in which a flood of one payer pushes out its own traces alone. */
export const createTraceRoom = (most: number, payerOf: (organizationId: number) => string): TraceRoom => {
  const ofPayers = new Map<string, AccessDecisionRow[]>();
  let size = 0;
  return {
    add(row) {
      const payer = payerOf(row.organization_id);
      const own = ofPayers.get(payer) ?? [];
      own.push(row);
      ofPayers.set(payer, own);
      if (size < most) {
        size += 1;
        return 0;
      }
      let longest = own;
      for (const rows of ofPayers.values()) if (rows.length > longest.length) longest = rows;
      longest.pop();
      return 1;
    },
    rows: () => [...ofPayers.values()].flat(),
    get size() {
      return size;
    },
  };
};
