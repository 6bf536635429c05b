import type { Stores } from "../../src/composition/app.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Work } from "../../src/kernel/unit-of-work.ts";
import { createPayersOf } from "../../src/modules/foundation/organizations/index.ts";
import {
  type ClientOrder,
  createRequestSender,
  type OrderOutcome,
  type RequestSender,
} from "../../src/modules/network/disconnects/index.ts";
import { createProfileBook } from "../../src/modules/network/network-access/index.ts";
import type { World } from "./world.ts";

/** A world's requests, sent to network equipment that the test plays. */
export interface Equipment {
  readonly orders: ClientOrder[];
  /** What the equipment answers next; `ack` where nothing is said. */
  readonly answers: OrderOutcome[];
  /** What happens while the next orders are under way. */
  readonly meanwhile: ((order: ClientOrder) => Promise<void>)[];
  /** What went wrong with requests, in order. */
  readonly failures: unknown[];
  /** When it was said that more waits to be sent. */
  readonly wakes: readonly number[];
  /** Ends what is due and sends what waits, as the jobs do, until nothing is left. */
  work(): Promise<void>;
  readonly sender: RequestSender;
}

/** Puts equipment at the end of a world's requests; `node` is the machine that sends, `work` its way to the database. */
export const playEquipment = (world: World, clock: Clock, node: string | null = null, work: Work<Stores> = world.app.work): Equipment => {
  const { network } = world.app;
  const orders: ClientOrder[] = [];
  const answers: OrderOutcome[] = [];
  const failures: unknown[] = [];
  const wakes: number[] = [];
  const meanwhile: Equipment["meanwhile"] = [];
  const spelling = { name: (name: string) => name, value: (_name: string, value: string) => value, isSecret: () => false };
  const sender = createRequestSender({
    work,
    clock,
    table: network.clientTable,
    profiles: createProfileBook({ work, clock, spelling }),
    payersOf: createPayersOf(world.app.directory),
    place: { node, wake: () => void wakes.push(clock.nowMs()), count: () => {}, onFailure: (error) => failures.push(error) },
    orders: {
      async send(order) {
        orders.push(order);
        await meanwhile.shift()?.(order);
        return answers.shift() ?? { kind: "ack" };
      },
    },
  });
  return {
    orders,
    answers,
    meanwhile,
    failures,
    wakes,
    sender,
    async work() {
      for (let done = 1; done > 0; ) {
        done = (await network.disconnects.endDue()) + (await sender.sendDue());
        await sender.settle();
      }
    },
  };
};

/** An order in short: what, about which session, and the new Session-Timeout. */
export const shortly = ({ kind, session, changes }: ClientOrder): string =>
  [kind, session.find(({ name }) => name === "Acct-Session-Id")!.value, ...changes.map(({ value }) => value)].join(" ");
