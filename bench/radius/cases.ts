import { packetCode } from "../../packages/server/src/radius/protocol/packet/packet-code.ts";

/** Which accounts a case logs in: some without a balance, and some with one, who get a reservation at each Accept. */
export type Accounts = "plain" | "timed";

/** One kind of load. */
export interface RadiusCase {
  readonly id: string;
  readonly title: string;
  readonly port: "authentication" | "accounting";
  readonly accounts: Accounts;
  /** What every answer must be; anything else fails the bench. */
  readonly answerCode: number;
  /** What each server is asked once for every account before anything is measured. */
  readonly prelude: "logins" | "starts" | "none";
  /** Whether a packet means something once only, so that a round ends when all that were made before it are sent. */
  readonly isFresh: boolean;
}

const login = { port: "authentication", answerCode: packetCode.accessAccept, prelude: "logins", isFresh: false } as const;
const report = { port: "accounting", accounts: "timed", answerCode: packetCode.accountingResponse, isFresh: true } as const;

/** Every case, in the order in which they are measured. */
export const radiusCases: readonly RadiusCase[] = [
  { ...login, id: "PAP", title: "Access-Request, PAP, remembered", accounts: "plain" },
  { ...login, id: "PAP-timed", title: "the same of metered users: each Accept makes a reservation", accounts: "timed" },
  { ...report, id: "Interim", title: "Interim-Update, stored and billed", prelude: "starts" },
  { ...report, id: "StartStop", title: "Start and Stop of new sessions", prelude: "none" },
];

/** The case of an id of the table. */
export const radiusCaseOf = (id: string): RadiusCase => {
  const found = radiusCases.find((one) => one.id === id);
  if (!found) throw new Error(`There is no case ${id}.`);
  return found;
};
