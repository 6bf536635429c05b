/** How an attribute's octets are meant. The names are FreeRADIUS'. */
export type AttributeType =
  | "string"
  | "octets"
  | "integer"
  | "integer64"
  | "signed"
  | "short"
  | "byte"
  | "date"
  | "ipaddr"
  | "ipv4prefix"
  | "ipv6addr"
  | "ipv6prefix"
  | "combo-ip"
  | "ifid"
  | "ether"
  | "tlv";

/**
 * Where an attribute may stand: in requests alone, in answers alone, or only where the protocol itself reads and writes it
 * (passwords, signatures, states of a dialogue). `control` never travels: it instructs the decision.
 */
export type AttributeUse = "anywhere" | "requests" | "answers" | "protocol" | "control";

/** How a value is hidden on its way: by the request (RFC 2865 §5.2), or under a salt (RFC 2868 §3.5). */
export type Hiding = "password" | "salted";

export interface AttributeTraits {
  /** Names of values. The first name of a number is the one that is shown; others are taken, too. */
  readonly values?: Readonly<Record<string, number>>;
  /** Other names of the attribute, which are taken and not shown. */
  readonly aliases?: readonly string[];
  /** Whether a tag octet stands before the value (RFC 2868 §3.1). */
  readonly isTagged?: true;
  readonly hiding?: Hiding;
  /** Whether the value would help to find a password, so that nothing but the protocol may see it. */
  readonly isSecret?: true;
  /** Default: anywhere. */
  readonly use?: AttributeUse;
}

/** A row of a dictionary: the number, or numbers with dots below an extended or TLV attribute; FreeRADIUS' name; the type. */
export type AttributeRow = readonly [number: number | string, name: string, type: AttributeType, traits?: AttributeTraits];

/** A vendor and how it writes type and length of its attributes: one octet each where not said (RFC 2865 §5.26). */
export interface Vendor {
  /** The SMI private enterprise number. */
  readonly id: number;
  readonly name: string;
  readonly typeOctets?: 1 | 2 | 4;
  readonly lengthOctets?: 0 | 1 | 2;
  /** Whether a third octet follows whose first bit says that the value goes on in the next attribute (WiMAX). */
  readonly hasContinuation?: true;
}

/** Attributes that one document defines. */
export interface AttributeFamily {
  /** The document that says so. */
  readonly source: string;
  /** Whose they are; undefined for those of the IETF. */
  readonly vendor?: Vendor;
  readonly rows: readonly AttributeRow[];
}

/** An attribute as the dictionary knows it. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly vendor: Vendor | undefined;
  /** Its number and those of what it lies in, outermost first: [6], [241, 5, 1]; within its vendor's space where it has one. */
  readonly path: readonly number[];
  readonly isTagged: boolean;
  readonly hiding: Hiding | undefined;
  readonly isSecret: boolean;
  readonly use: AttributeUse;
  /** Numbers by the lower-case names of values. */
  readonly numberOfName: ReadonlyMap<string, number>;
  /** Shown names by numbers. */
  readonly nameOfNumber: ReadonlyMap<number, string>;
  /** Attributes within this one, where it is of type `tlv`. */
  readonly children: ReadonlyMap<number, AttributeDefinition>;
}
