import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { counter, gauge, type Sample } from "../../../metrics/family.ts";
import { createLabelledCounts } from "../../../metrics/labelled-counts.ts";
import type { ModuleFigures } from "../../manifest.ts";
import type { ServedClients } from "../aaa-clients/index.ts";
import type { AccessJournal } from "./access-journal.service.ts";
import type { ClientContactStore } from "./client-contact.store.ts";

/** Clients that have lines of their own; what is of others counts as `other`. */
const maxClients = 1_000;
/** A client that sent nothing for so long counts as silent: equipment with users reports at least every ten minutes. */
const silentAfterMs = 15 * 60_000;

export interface AccessFiguresDependencies {
  readonly work: Work<{ readonly clientContacts: ClientContactStore }>;
  readonly table: ServedClients;
  readonly clock: Clock;
}

/** What operators watch of access: decisions, and the clients that ask for them. */
export interface AccessFigures extends ModuleFigures {
  countDecision(record: Parameters<AccessJournal["addDecision"]>[0]): void;
}

export const createAccessFigures = ({ work, table, clock }: AccessFiguresDependencies): AccessFigures => {
  const decisions = createLabelledCounts();
  const labelOf = boundedLabels();
  let lastHeard: ReadonlyMap<number, number> = new Map();
  return {
    countDecision({ clientId, source, outcome, reason }) {
      decisions.add({ client: labelOf(clientId), source, outcome, reason: reason ?? "" });
    },
    async refresh() {
      lastHeard = await work.acrossTenants("the metrics are of the installation").clientContacts.listLast();
    },
    collect: () => [
      counter(
        "gatehouse_access_decisions_total",
        "Access decisions by AAA client (its id; none: an app's login; other: beyond the first 1,000), source, outcome and reason of a reject. What FreeRADIUS checks itself is an accept, and a reject more when it tells of one.",
        decisions.samples(),
      ),
      ...clientFamilies(table, lastHeard, clock.nowMs()),
    ],
  };
};

/** A client's id, for names are not unique; only so many, for each is a line that Prometheus keeps. */
const boundedLabels = () => {
  const known = new Set<string>();
  return (clientId: number | null): string => {
    if (clientId === null) return "none";
    const label = String(clientId);
    if (!known.has(label) && known.size >= maxClients) return "other";
    known.add(label);
    return label;
  };
};

const clientFamilies = (table: ServedClients, lastHeard: ReadonlyMap<number, number>, nowMs: number) => {
  const last: Sample[] = [];
  let silent = 0;
  for (const { id, shortName } of table.all()) {
    const heardAtMs = lastHeard.get(id) ?? 0;
    if (nowMs - heardAtMs > silentAfterMs) silent += 1;
    if (last.length < maxClients) last.push({ labels: { client: String(id), name: shortName }, value: heardAtMs / 1000 });
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
