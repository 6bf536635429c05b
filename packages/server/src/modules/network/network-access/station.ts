import { macKey } from "../../../access/check-comparison.ts";

/** The device that asks or reports, in one spelling: the digits of a hardware address, else what was sent in lower case; empty for none. */
export const stationOf = (callingStationId: string | undefined): string =>
  callingStationId === undefined ? "" : (macKey(callingStationId) ?? callingStationId.toLowerCase());
