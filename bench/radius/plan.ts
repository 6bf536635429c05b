import type { Accounts } from "./cases.ts";

/** One place from which load comes: network equipment with an address, a name and a secret of its own. */
export interface PlannedSource {
  readonly lane: number;
  readonly address: string;
  readonly name: string;
  readonly secret: string;
}

/** How many sources put load on a server; each has 256 identifiers (RFC 2865 §3). */
export const lanes = 4;

/** Every source. Linux answers for all of 127.0.0.0/8; elsewhere all come from one address and share its secret. */
export const plannedSources = (platform: NodeJS.Platform = process.platform): PlannedSource[] =>
  Array.from({ length: lanes }, (_, lane) => {
    const place = platform === "linux" ? lane + 1 : 1;
    return { lane, address: `127.0.0.${place}`, name: `bench-ap-${place}`, secret: `bench-secret-of-access-point-${place}` };
  });

/** Sources by address: what a server must know as its clients. */
export const plannedClients = (sources: readonly PlannedSource[]): PlannedSource[] => [
  ...new Map(sources.map((source) => [source.address, source])).values(),
];

/** What every account's password is: one hash serves them all, for each is verified and remembered by account. */
export const benchPassword = "correct horse battery";

/** So much has every timed account; no run burns it all. */
export const plantedSeconds = 1_000_000_000;

export const usernameOf = (accounts: Accounts, number: number): string => `${accounts}-${number.toString(36)}@example.net`;

/** A device of its own for each account, as Calling-Station-Id has it (RFC 3580 §3.21). */
export const stationOf = (number: number): string => {
  const hex = number.toString(16).padStart(10, "0").toUpperCase();
  return `02-${hex.match(/../g)!.join("-")}`;
};

/** The account of a place in a lane's order: lanes share the accounts out, for a session belongs to one client. */
export const accountAt = (lane: number, place: number, accounts: number): number => {
  const ofLane = accountsOfLane(lane, accounts);
  return lane + (place % ofLane) * lanes;
};

export const accountsOfLane = (lane: number, accounts: number): number => Math.floor((accounts - lane - 1) / lanes) + 1;

/** Where the clock of the sessions stands when a round begins. */
export interface Pace {
  readonly beganSeconds: number;
  /** How many packets of a lane go by in a second. */
  readonly perSecond: number;
}

/**
 * What the Interim-Update at a place of a round reports as Acct-Session-Time: what the clock will show by then, and each
 * time more. A counter that lags behind the clock tells of a restart, and one that runs ahead of it has its user's end
 * planned anew; equipment does neither.
 */
export const secondsAt = (lane: number, placeInRound: number, accounts: number, { beganSeconds, perSecond }: Pace): number =>
  beganSeconds + Math.floor(placeInRound / Math.min(accountsOfLane(lane, accounts), perSecond)) + 1;

/** Starts that a lane sends before it stops the first of them: more than its window, so that no Stop overtakes its Start. */
export const startsAtOnce = 128;

/** Which session of a lane a place is about, and whether it is the session's Start. */
export const startOrStopAt = (place: number): { readonly session: number; readonly isStart: boolean } => {
  const block = Math.floor(place / (2 * startsAtOnce));
  const within = place % (2 * startsAtOnce);
  return { session: block * startsAtOnce + (within % startsAtOnce), isStart: within < startsAtOnce };
};
