import { macKey } from "../../../aaa/authorization/check-comparison.ts";
import { storableText } from "./storable-text.ts";

/**
 * The device that asks or reports, in one spelling: the digits of a hardware address, else what was sent in lower case; empty for
 * none. It is stored as it is, and its sessions are counted by it: what a column cannot hold would be counted as another's.
 */
export const stationOf = (callingStationId: string | undefined): string =>
  callingStationId === undefined ? "" : (macKey(callingStationId) ?? storableText(callingStationId)!.toLowerCase());
