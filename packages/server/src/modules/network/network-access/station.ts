import { macKey } from "../../../access/check-comparison.ts";

/** The device that asks or reports, in one spelling: the digits of a hardware address, else what was sent in lower case; empty for none. */
export const stationOf = (callingStationId: string | undefined): string =>
  callingStationId === undefined ? "" : (macKey(callingStationId) ?? callingStationId.toLowerCase());

/** The five spellings of a hardware address, in lower case: an account may be named by any of them. */
export const macSpellingsOf = (key: string): string[] => {
  const pairs = key.match(/../g)!;
  return [pairs.join(":"), pairs.join("-"), key.match(/..../g)!.join("."), `${key.slice(0, 6)}-${key.slice(6)}`, key];
};
