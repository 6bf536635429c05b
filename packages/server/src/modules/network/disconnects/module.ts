import { hostname } from "node:os";
import type { DynamicAuthorizationClient } from "../../../aaa/words/dynamic-authorization.ts";
import { createWakeup } from "../../../jobs/wakeup.ts";
import { counter, gauge } from "../../../metrics/family.ts";
import { createLabelledCounts } from "../../../metrics/labelled-counts.ts";
import type { OrganizationDirectory, PayersOf } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import type { ServedClients } from "../aaa-clients/index.ts";
import type { ProfileBook } from "../network-access/index.ts";
import type { ClosingStores } from "../sessions/index.ts";
import { clockAheadJob } from "./clock-ahead.job.ts";
import { type ClockAheadStore, clockAheadStore } from "./clock-ahead.store.ts";
import { disconnectJobs } from "./disconnect.jobs.ts";
import { disconnectRoutes } from "./disconnect.routes.ts";
import { createDisconnects } from "./disconnect.service.ts";
import { createFactsReader } from "./dynamic-authorization.facts.ts";
import { createDynamicAuthorization } from "./dynamic-authorization.service.ts";
import { createRequestDispatcher } from "./request-dispatcher.ts";
import { sessionDeadlineHandler } from "./session-deadline.handler.ts";
import type { DisconnectStores } from "./session-deadline.service.ts";
import { sessionDeadlineStore } from "./session-deadline.store.ts";
import { sessionRequestStore } from "./session-request.store.ts";

export type Stores = DisconnectStores & ClosingStores & { readonly clockAhead: ClockAheadStore };

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory; readonly payersOf: PayersOf };
  readonly aaaClients: { readonly table: ServedClients };
  readonly networkAccess: { readonly profiles: ProfileBook };
  readonly coaClient: DynamicAuthorizationClient;
}

export const disconnectModule = {
  name: "network/disconnects",
  needs: ["organizations", "aaaClients", "networkAccess", "coaClient"],
  stores: { sessionDeadlines: sessionDeadlineStore, clockAhead: clockAheadStore, sessionRequests: sessionRequestStore },
  build(house: House<Stores>, needs: Needs) {
    const { work, clock, logger } = house;
    const { directory, payersOf } = needs.organizations;
    const { table } = needs.aaaClients;
    const due = createWakeup((error) => logger.error({ err: error }, "sessions that are due could not be ended"));
    const node = house.settings.radiusSourceAddresses.length > 0 ? null : hostname();
    const dispatcher = createRequestDispatcher({ node, directory, wake: due.wake });
    const requests = createLabelledCounts();
    let waiting = 0;
    const disconnects = createDisconnects({ work, clock, table, payersOf, dispatcher });
    const dynamicAuthorization = createDynamicAuthorization({
      work,
      clock,
      facts: createFactsReader({ work, table, profiles: needs.networkAccess.profiles }),
      client: needs.coaClient,
      dispatcher,
      observer: {
        count: (kind, outcome) => requests.add({ kind, outcome }),
        onFailure: (error, { kind, sessionId }) => logger.error({ err: error, kind, session: sessionId }, "a request to a client failed"),
      },
    });
    return {
      service: { disconnects, dynamicAuthorization },
      routes: disconnectRoutes({ service: disconnects }),
      jobs: [
        clockAheadJob({ work, clock, steadyMs: () => performance.now() }),
        ...disconnectJobs({ disconnects, dynamicAuthorization, work, clock }),
      ],
      changeHandler: sessionDeadlineHandler({ isConcurrent: house.isConcurrent, takesRequests: table.takesRequests, dispatcher }),
      onAccount: disconnects.ofAccounts,
      figures: {
        async refresh() {
          waiting = await work.acrossTenants("the metrics are of the installation").sessionRequests.countWaiting();
        },
        collect: () => [
          counter(
            "gatehouse_session_requests_total",
            "Requests to AAA clients to end (disconnect) or change (coa) a session, each attempt by its outcome: Disconnect-ACK, Disconnect-NAK, CoA-ACK, CoA-NAK, timeout, unreachable, unsendable, or why it was not sent.",
            requests.samples(),
          ),
          gauge("gatehouse_session_requests_waiting", "Requests to AAA clients that wait to be sent or answered.", waiting, "max"),
        ],
      },
      startWriting() {
        due.start(async () => {
          await disconnects.endDue();
          await dynamicAuthorization.sendDue();
        });
        dynamicAuthorization.open();
      },
      async close() {
        await due.close();
        await dynamicAuthorization.settle();
      },
    };
  },
} as const;
