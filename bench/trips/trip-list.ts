import type { Place } from "./trip-place.ts";

/** A request whose way through the code is noted. */
export interface Trip {
  readonly id: string;
  readonly title: string;
  /** What must be there before the request is sent; it is not noted. */
  prepare?(place: Place, round: number): Promise<void>;
  /** Sends the request and returns when it is answered, and when what it causes at once has been done. */
  send(place: Place, round: number): Promise<void>;
}

export const trips: readonly Trip[] = [
  { id: "get", title: "GET /user_token/{id}/", send: ({ ask, account }) => ask("GET", `/user_token/${account("reader")}/`) },
  {
    id: "patch-name",
    title: "PATCH /user_token/{id}/, a name",
    send: ({ ask, account }, round) => ask("PATCH", `/user_token/${account("reader")}/`, { first_name: `Name ${round}` }),
  },
  {
    id: "patch-time",
    title: "PATCH /user_token/{id}/, user_time",
    send: ({ ask, account }, round) => ask("PATCH", `/user_token/${account("reader")}/`, { user_time: 10_000 + round }),
  },
  {
    id: "access",
    title: "Access-Request, PAP, metered",
    send: async ({ login }) => void (await login("guest")),
  },
  {
    id: "start",
    title: "Accounting-Request, Start",
    prepare: async (place) => {
      place.ticket = await place.login("starter");
    },
    send: (place, round) => place.report("starter", "Start", { id: `start-${round}`, ticket: place.ticket }),
  },
  {
    id: "interim",
    title: "Accounting-Request, Interim-Update",
    prepare: async ({ login, report }, round) => {
      if (round === 0) await report("reporter", "Start", { id: "interim", ticket: await login("reporter") });
    },
    send: ({ report }, round) => report("reporter", "Interim-Update", { id: "interim", seconds: 60 * (round + 1) }),
  },
  {
    id: "top-up",
    title: "top-up with a live session, to the CoA-ACK",
    prepare: async ({ login, report }, round) => {
      if (round === 0) await report("buyer", "Start", { id: "top-up", ticket: await login("buyer") });
    },
    send: async ({ ask, account, coaRequests }, round) => {
      const sent = coaRequests();
      await ask("POST", `/user_token/${account("buyer")}/top_up/`, { seconds: 900 + round });
      await sent.next();
    },
  },
];
