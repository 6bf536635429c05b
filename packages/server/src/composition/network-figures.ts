import { type Clock, systemDelay } from "../kernel/clock.ts";
import { countAlone } from "../kernel/pagination.ts";
import type { Work } from "../kernel/unit-of-work.ts";
import { type Collector, counter, gauge, type Sample } from "../metrics/family.ts";
import type { ClientTable } from "../modules/network/aaa-clients/index.ts";
import type { AccessJournal } from "../modules/network/network-access/index.ts";
import type { Stores } from "./modules.ts";

/** What operators watch of the network. */
export interface NetworkFigures {
  countDecision(record: Parameters<AccessJournal["addDecision"]>[0]): void;
  countRequest(kind: string, outcome: string): void;
  /** Reads what the database alone knows; what it cannot tell in time stays as it was. Never rejects. */
  refresh(): Promise<void>;
  readonly collect: Collector;
}

/** Clients that have lines of their own; what is of others counts as `other`. */
const mostClients = 1_000;
/** A client that was not heard for so long counts as silent: equipment with users reports at least every ten minutes. */
const silentAfterMs = 15 * 60_000;
/** A scrape waits no longer for the database. */
const patienceMs = 1_000;

interface FigureDependencies {
  readonly work: Work<Stores>;
  readonly table: ClientTable;
  readonly clock: Clock;
}

export const createNetworkFigures = ({ work, table, clock }: FigureDependencies): NetworkFigures => {
  const decisions = createCounts();
  const requests = createCounts();
  const known = new Set<string>();
  let live = 0;
  let waiting = 0;
  let heard: ReadonlyMap<number, number> = new Map();

  /** Its id, for names are not unique; only so many, for each is a line that Prometheus keeps. */
  const labelOf = (clientId: number | null): string => {
    if (clientId === null) return "none";
    const label = String(clientId);
    if (!known.has(label) && known.size >= mostClients) return "other";
    known.add(label);
    return label;
  };

  const read = async (): Promise<void> => {
    const stores = work.acrossTenants("the metrics are of the installation");
    const [sessions, pending, contacts] = await Promise.all([
      stores.sessions.list({ isLive: true }, countAlone),
      stores.sessionRequests.countWaiting(),
      stores.clientContacts.listLast(),
    ]);
    [live, waiting, heard] = [sessions.count, pending, contacts];
  };

  const clientFamilies = () => {
    const nowMs = clock.nowMs();
    const last: Sample[] = [];
    let silent = 0;
    for (const { id, shortName } of table.all()) {
      const heardAtMs = heard.get(id) ?? 0;
      if (nowMs - heardAtMs > silentAfterMs) silent += 1;
      if (last.length < mostClients) last.push({ labels: { client: String(id), name: shortName }, value: heardAtMs / 1000 });
    }
    const states = [
      { labels: { state: "heard" }, value: table.size - silent },
      { labels: { state: "silent" }, value: silent },
    ];
    return [
      gauge("gatehouse_aaa_clients", "AAA clients that were heard in the last 15 minutes, and that were not.", states, "max"),
      gauge(
        "gatehouse_aaa_client_last_heard_seconds",
        "When an AAA client was heard last, in seconds since 1970; 0: never. Of the first 1,000 clients.",
        last,
        "max",
      ),
    ];
  };

  return {
    countDecision({ clientId, source, outcome, reason }) {
      decisions.add({ client: labelOf(clientId), source, outcome, reason: reason ?? "" });
    },
    countRequest: (kind, outcome) => requests.add({ kind, outcome }),
    async refresh() {
      // A database that does not answer is no reason to show nothing: that is when somebody looks.
      const inTime = new Promise<void>((resolve) => void systemDelay(resolve, patienceMs));
      await Promise.race([read().catch(() => {}), inTime]);
    },
    collect: () => [
      counter(
        "gatehouse_access_decisions_total",
        "Access decisions by AAA client (its id; none: an app's login; other: beyond the first 1,000), source, outcome and reason of a reject. What FreeRADIUS checks itself is an accept, and a reject more when it tells of one.",
        decisions.samples(),
      ),
      counter(
        "gatehouse_session_requests_total",
        "Requests to AAA clients to end (disconnect) or change (coa) a session, each attempt by its outcome: Disconnect-ACK, Disconnect-NAK, CoA-ACK, CoA-NAK, timeout, unreachable, unsendable, or why it was not sent.",
        requests.samples(),
      ),
      gauge("gatehouse_session_requests_waiting", "Requests to AAA clients that wait to be sent or answered.", waiting, "max"),
      gauge("gatehouse_sessions_live", "Sessions that go on.", live, "max"),
      ...clientFamilies(),
    ],
  };
};

const createCounts = () => {
  const counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  return {
    add(labels: Readonly<Record<string, string>>): void {
      const key = Object.values(labels).join(" ");
      const found = counts.get(key);
      if (found) found.value += 1;
      else counts.set(key, { labels, value: 1 });
    },
    samples: (): Sample[] => [...counts.values()].map(({ labels, value }) => ({ labels, value })),
  };
};
