import { sql } from "kysely";
import { isIn } from "../../../storage/in-list.ts";
import { shapedReturning } from "../../../storage/prepared.ts";
import { plannerActor } from "./planner.ts";
import type { NewRequest } from "./session-request.ts";

interface StandingRequests {
  readonly isLocked: boolean;
  readonly isOfPlanner: boolean;
  readonly nameSpaceIds: readonly number[];
  readonly sessionIds: readonly number[];
}

/** Which requests would stand for those that are asked. */
export const standingOf = (asked: readonly NewRequest[], isLocked: boolean): StandingRequests => ({
  isLocked,
  isOfPlanner: asked.every(({ actor }) => actor === plannerActor),
  nameSpaceIds: [...new Set(asked.map((one) => one.nameSpaceId))],
  sessionIds: asked.map((one) => one.sessionId),
});

/** What a request is about: no two of one name wait. */
export const nameOf = (row: { name_space_id: number; session_id: number; kind: string }) =>
  `${row.name_space_id}/${row.session_id}/${row.kind}`;

/**
 * Requests that wait and that nothing new would change, kept from ending. Most that are asked for wait already, and to find that out
 * by inserting them costs numbers and rows.
 */
export const lockStanding = shapedReturning<StandingRequests, { name_space_id: number; session_id: number; kind: string }>(
  (handle, _scope, { isLocked, isOfPlanner, nameSpaceIds, sessionIds }) => {
    let standing = handle
      .selectFrom("session_request")
      .select(["name_space_id", "session_id", "kind"])
      .where(isIn(sql.ref("name_space_id"), nameSpaceIds))
      .where(isIn(sql.ref("session_id"), sessionIds))
      .where("finished_at", "is", null)
      .orderBy("session_id");
    if (!isOfPlanner) standing = standing.where("actor", "!=", plannerActor);
    return isLocked ? standing.forNoKeyUpdate() : standing;
  },
);
