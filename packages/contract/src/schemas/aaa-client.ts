import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import {
  closed,
  flag,
  id,
  instant,
  nullableFormat,
  nullableInstant,
  nullableText,
  optionalFields,
  organizationReference,
  readOnly,
} from "./vocabulary.ts";

const shortName = Type.String({
  minLength: 1,
  maxLength: 80,
  format: "short_name",
  description: "The name by which people call the client: 1-80 letters, digits and `. _ -`, unique within the organization.",
  example: "cafe-ap1",
});
const address = Type.String({
  minLength: 1,
  maxLength: 49,
  format: "network",
  description:
    "The IPv4 or IPv6 address that its packets come from, or a range such as `192.0.2.0/24`. It lies inside of an address grant of the client's organization or one above. Where ranges overlap, the narrower one counts.",
  example: "192.0.2.10",
});
const moreAddresses = Type.Array(Type.String({ minLength: 1, maxLength: 254, format: "network_or_name", example: "192.0.2.11" }), {
  maxItems: 32,
  description:
    "Further addresses and ranges that its packets come from, each as `address`, and DNS names (RFC 1123) of such addresses. Names are looked up every minute; `resolved_addresses` says what came of it.",
  example: ["192.0.2.11", "198.51.100.0/28", "ap.example.net"],
});
const resolvedAddresses = Type.Array(
  Type.Object({
    name: Type.String({ description: "The DNS name.", example: "ap.example.net" }),
    addresses: Type.Array(Type.String({ example: "192.0.2.40" }), {
      description: "The addresses that it gives the client.",
      example: ["192.0.2.40"],
    }),
    refused: Type.Array(Type.String({ example: "198.51.100.7" }), {
      description:
        "Addresses that it has and that the client does not get: outside of the grants of its organization and those above, another client's, loopback or link-local without a grant for them, or shared with too many or with the same secret.",
      example: ["198.51.100.7"],
    }),
    resolved_at: nullableInstant("When the name was last looked up with success; null: not yet."),
    failure: Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "What became of the last attempt where that failed. The addresses of before stay for an hour.",
      example: null,
    }),
  }),
  {
    description: "What the node that answers knows of the DNS names among `more_addresses`. It does not count for the ETag.",
    example: [
      { name: "ap.example.net", addresses: ["192.0.2.40"], refused: ["198.51.100.7"], resolved_at: "2024-01-20T14:25:00Z", failure: null },
    ],
  },
);
const coaAddress = nullableFormat(
  "ip_address",
  {
    description:
      "Where Disconnect and CoA requests go; inside of a grant as `address` is. Default null: where the session's packets come from.",
    example: null,
  },
  49,
);
const secret = Type.String({
  minLength: 1,
  maxLength: 255,
  description:
    "Write-only. The RADIUS secret that Gatehouse shares with the client. It is kept encrypted and never shown. At shared addresses it has 16 or more characters and differs from those of your other clients there. Choose it at random: if a client of another organization there had the same secret first, this one receives nothing.",
  example: "a long random secret",
});
const coaPort = Type.Unsafe<number | null>({
  type: ["integer", "null"],
  minimum: 1,
  maximum: 65_535,
  description:
    "The UDP port on which the client takes Disconnect and CoA requests (RFC 5176). Default 3799; null: it takes none, and its sessions end by Session-Timeout alone.",
  example: 3799,
});
const writable = {
  short_name: shortName,
  organization: organizationReference({
    description:
      "The organization whose users, and those of the organizations below it, the client authenticates: its id (an integer or a string of digits) or its slug. Default: the token's organization; fixed at creation.",
  }),
  address,
  more_addresses: moreAddresses,
  secret,
  nas_identifier: nullableText({ description: "What the client calls itself (NAS-Identifier).", example: "cafe-ap1" }, 253),
  description: nullableText({ description: "Free text about the client.", example: "Access point above the counter" }),
  coa_address: coaAddress,
  coa_port: coaPort,
  require_message_authenticator: flag({
    description:
      "Whether requests without a Message-Authenticator are dropped (CVE-2024-3596). Default true; switch it off only for equipment that cannot send one. At shared addresses they always are.",
    example: true,
  }),
  is_active: flag({ description: "Whether the client is served. An inactive one gets no answer. Default true.", example: true }),
};
const { short_name: _shortName, address: _address, secret: _secret, ...optional } = writable;

const unread = {
  id: readOnly("The client's id."),
  resolved_addresses: readOnly("What became of the DNS names among `more_addresses`."),
  created_at: readOnly("When the client was made."),
  last_change: readOnly("The last change."),
};

export const AaaClientInput = closed(
  { short_name: shortName, address, secret, ...optionalFields(optional), ...unread },
  { description: "An AAA client as `/aaa_client/` takes it." },
);
export const AaaClientReplacement = closed(
  { short_name: shortName, address, secret: Type.Optional(secret), ...optionalFields(optional), ...unread },
  { description: "An AAA client as PUT takes it; without `secret` it keeps the one that it has." },
);
export const AaaClientPatch = closed(
  { ...optionalFields(writable), ...unread },
  { description: "The fields of an AAA client to change; the others stay." },
);

export const AaaClient = Type.Object(
  {
    id: id("The client's id.", 25),
    short_name: Type.String({ description: "The name by which people call the client.", example: "cafe-ap1" }),
    organization: id("The id of the organization whose users it authenticates, with those below.", 12345),
    address: Type.String({ description: "The address or range, in its canonical form.", example: "192.0.2.10" }),
    more_addresses: moreAddresses,
    resolved_addresses: resolvedAddresses,
    nas_identifier: writable.nas_identifier,
    description: writable.description,
    coa_address: coaAddress,
    coa_port: coaPort,
    require_message_authenticator: flag({ description: "Whether requests without a Message-Authenticator are dropped.", example: true }),
    is_active: flag({ description: "Whether the client is served.", example: true }),
    created_at: instant("When the client was made."),
    last_change: instant("The last change."),
  },
  { description: "An AAA client (NAS): network equipment that asks and reports by RADIUS. Its secret is never shown." },
);

export const AaaClientPage = pageOf(AaaClient, "A page of AAA clients.");

export const AaaClientListQuery = listQuery({
  organization: filter.organization(),
  short_name: filter.text("Clients with exactly this short name.", "cafe-ap1"),
  address: filter.text("The client with exactly this address or range.", "192.0.2.10"),
  is_active: filter.flag("Only active, or only inactive clients."),
  last_change__gte: filter.since(),
});
