import type {
  DynamicAuthorizationClient,
  DynamicAuthorizationOutcome,
  DynamicAuthorizationRequest,
} from "../../src/aaa/words/dynamic-authorization.ts";
import type { Stores } from "../../src/composition/app.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Work } from "../../src/kernel/unit-of-work.ts";
import { createFactsReader } from "../../src/modules/network/disconnects/dynamic-authorization.facts.ts";
import {
  createDynamicAuthorization,
  type DynamicAuthorization,
} from "../../src/modules/network/disconnects/dynamic-authorization.service.ts";
import { createRequestDispatcher } from "../../src/modules/network/disconnects/request-dispatcher.ts";
import { createProfileBook } from "../../src/modules/network/network-access/profile-book.ts";
import type { World } from "./world.ts";

/** An outcome without the name of its request. */
type PlayedOutcome = { readonly kind: "ack" } | { readonly kind: "nak"; readonly errorCause: number } | DynamicAuthorizationOutcome;

/** A world's requests, sent to network equipment that the test plays. */
export interface Equipment {
  readonly requests: DynamicAuthorizationRequest[];
  /** What the equipment answers next; an ACK where nothing is said. */
  readonly answers: PlayedOutcome[];
  /** What happens while the next requests are under way. */
  readonly meanwhile: ((request: DynamicAuthorizationRequest) => Promise<void>)[];
  /** What went wrong with requests, in order. */
  readonly failures: unknown[];
  /** When it was said that more waits to be sent. */
  readonly wakes: readonly number[];
  /** Ends what is due and sends what waits, as the jobs do, until nothing is left. */
  work(): Promise<void>;
  readonly dynamicAuthorization: DynamicAuthorization;
}

/** Puts equipment at the end of a world's requests; `node` is the machine that sends, `work` its way to the database. */
export const playEquipment = (world: World, clock: Clock, node: string | null = null, work: Work<Stores> = world.app.work): Equipment => {
  const { aaaClients, disconnects, organizations } = world.app.services;
  const { directory } = organizations;
  const requests: DynamicAuthorizationRequest[] = [];
  const answers: PlayedOutcome[] = [];
  const failures: unknown[] = [];
  const wakes: number[] = [];
  const meanwhile: Equipment["meanwhile"] = [];
  const spelling = { name: (name: string) => name, value: (_name: string, value: string) => value, isSecret: () => false };
  const client: DynamicAuthorizationClient = {
    async send(request) {
      requests.push(request);
      await meanwhile.shift()?.(request);
      return outcomeFor(request, answers.shift() ?? { kind: "ack" });
    },
  };
  const dynamicAuthorization = createDynamicAuthorization({
    work,
    clock,
    facts: createFactsReader({ work, table: aaaClients.table, profiles: createProfileBook({ work, clock, spelling }) }),
    client,
    dispatcher: createRequestDispatcher({ node, directory, wake: () => void wakes.push(clock.nowMs()) }),
    observer: { count: () => {}, onFailure: (error) => failures.push(error) },
  });
  return {
    requests,
    answers,
    meanwhile,
    failures,
    wakes,
    dynamicAuthorization,
    async work() {
      for (let done = 1; done > 0; ) {
        done = (await disconnects.disconnects.endDue()) + (await dynamicAuthorization.sendDue());
        await dynamicAuthorization.settle();
      }
    },
  };
};

const outcomeFor = ({ kind }: DynamicAuthorizationRequest, outcome: PlayedOutcome): DynamicAuthorizationOutcome => {
  const name = kind === "coa" ? "CoA" : "Disconnect";
  if (outcome.kind === "ack") return { kind: `${name}-ACK` };
  return outcome.kind === "nak" ? { kind: `${name}-NAK`, errorCause: outcome.errorCause } : outcome;
};

/** A request in short: what, about which session, and the new Session-Timeout. */
export const shortly = ({ kind, session, changes = [] }: DynamicAuthorizationRequest): string =>
  [kind, session.find(({ name }) => name === "Acct-Session-Id")!.value, ...changes.map(({ value }) => value)].join(" ");
