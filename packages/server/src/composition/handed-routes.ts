import type { WriteSender } from "../handover/write-sender.ts";
import type { Route } from "../http/route.ts";
import type { Caller } from "../kernel/caller.ts";
import type { Share } from "../kernel/fair-line.ts";
import { type OrganizationDirectory, shareOfCaller } from "../modules/foundation/organizations/index.ts";
import type { Signals } from "../storage/signals.ts";

/**
 * The routes of a process that hands its writes over. With the answer of a write, it forgets what it remembers of the written records;
 * the signal of the write arrives later.
 */
export const handedRoutes = (
  routes: readonly Route[],
  writes: WriteSender,
  signals: Signals,
  directory: Pick<OrganizationDirectory, "covering">,
): Route[] => {
  const shareOf = async (caller: Caller): Promise<Share> => shareOfCaller(await directory.covering([caller.scope.organizationId]), caller);
  return routes.map((route) => {
    const handed = writes.handOver(route, shareOf);
    const topic = signals.topics.find((one) => one === route.operation.tag);
    if (topic === undefined || route.operation.method === "GET") return handed;
    return {
      ...handed,
      async handle(call) {
        const answer = await handed.handle(call);
        signals.drop(topic);
        return answer;
      },
    };
  });
};
