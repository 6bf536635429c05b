/** One RADIUS attribute of a profile, with FreeRADIUS' operator. */
export interface ProfileAttribute {
  readonly attribute: string;
  readonly op: string;
  readonly value: string;
}

export interface AaaProfile {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly shortName: string;
  readonly name: string;
  readonly description: string | null;
  readonly check: readonly ProfileAttribute[];
  readonly reply: readonly ProfileAttribute[];
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

/** What a request wants of a profile. What is undefined stays as it is. */
export interface AaaProfileFields {
  readonly shortName?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** An organization's id, as integer or digits, or its slug. */
  readonly organization?: number | string | undefined;
  readonly check?: readonly ProfileAttribute[] | undefined;
  readonly reply?: readonly ProfileAttribute[] | undefined;
}

/** A profile before it is one: what a create begins with. */
export const blankProfile = (id: number, nowMs: number): AaaProfile => ({
  id,
  namespaceId: 0,
  organizationId: 0,
  shortName: "",
  name: "",
  description: null,
  check: [],
  reply: [],
  createdAtMs: nowMs,
  lastChangeMs: nowMs,
  version: 0,
});

/** Everything of a profile that a request can change, to see whether one does. */
export const contentOf = ({ shortName, name, description, check, reply }: AaaProfile): string =>
  JSON.stringify([shortName, name, description, check, reply]);
