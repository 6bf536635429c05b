import { formatInstant, parseInstant } from "@gatehouse-aaa/contract";

/** A time as JSON shows it. */
export const presentInstant = (instantMs: number | null): string | null => (instantMs === null ? null : formatInstant(instantMs));

/** An e-mail, URL, time or external id: the empty string stands for null. */
export const emptyToNull = (value: string | null | undefined): string | null | undefined => (value === "" ? null : value);

/** A time of a body in milliseconds since 1970; validation has made sure that it is one. */
export const readInstant = (value: string | null | undefined): number | null | undefined =>
  value === undefined ? undefined : value === null || value === "" ? null : parseInstant(value)!;
