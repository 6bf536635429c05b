import type { Job } from "../../../jobs/scheduler.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { Disconnects } from "./disconnect.service.ts";
import type { DynamicAuthorization } from "./dynamic-authorization.service.ts";
import type { SessionRequestStore } from "./session-request.store.ts";

/** Half a second to find what is due, and half to send it: a session ends within two seconds of its time. */
const everyMs = 500;
const keptMs = 24 * 60 * 60_000;
const perStep = 200;

export interface DisconnectJobDependencies {
  readonly disconnects: Disconnects;
  readonly dynamicAuthorization: DynamicAuthorization;
  readonly work: Work<{ sessionRequests: SessionRequestStore }>;
  readonly clock: Clock;
}

/**
 * What ends sessions runs in each process that writes. Rows are claimed, so that none is worked on twice, and no
 * session goes on because the one process that runs jobs for all has died.
 */
export const disconnectJobs = ({ disconnects, dynamicAuthorization, work, clock }: DisconnectJobDependencies): Job[] => [
  { name: "end sessions that are due", runs: "in_each_writer", everyMs, run: async () => void (await disconnects.endDue()) },
  { name: "send requests to clients", runs: "in_each_writer", everyMs, run: async () => void (await dynamicAuthorization.sendDue()) },
  {
    name: "remove finished requests",
    runs: "in_one_process",
    everyMs: 60 * 60_000,
    async run(mayGoOn) {
      for (let removed = perStep; removed === perStep && mayGoOn(); ) {
        removed = await work.run(systemCaller("disconnects"), (tx) => tx.sessionRequests.removeFinished(clock.nowMs() - keptMs, perStep));
      }
    },
  },
];
