import type { Neighbour, Planted } from "./neighbour-world.ts";

/** How a body names something of an organization. */
export interface BodyCase {
  /** A body that names something of an organization. */
  body(of: Neighbour, planted: Planted, fresh: string): unknown;
  /** The kind of record that it names. */
  readonly tag: string;
  /** What the answer is where the token does not see that. */
  readonly unseen: number;
  /** What it is where the token sees that, if it is no success. */
  readonly known?: (of: Neighbour, own: Neighbour) => number;
}
const inOrganization = (fields: (of: Neighbour, planted: Planted, fresh: string) => object, tag = "organization"): BodyCase => ({
  tag,
  unseen: 400,
  body: (of, planted, fresh) => ({ ...fields(of, planted, fresh) }),
});
/** As rows of an array, the last of which names it: all of them are made, or none. */
const inRows = (fields: (of: Neighbour, planted: Planted, fresh: string) => object, unseen: number, tag = "organization"): BodyCase => ({
  tag,
  unseen,
  body: (of, planted, fresh) => [fields(of, planted, fresh)],
});
/** In the login rules of an organization, of a new one or of the token's own. */
const inRules = (name: (of: Neighbour) => unknown, isNew = false): BodyCase =>
  inOrganization((of, _planted, slug) => ({
    ...(isNew ? { slug, name: "x" } : {}),
    login_rules: [{ realm: "r.example", organization: name(of), strip: true }],
  }));
/** An account stays in its namespace. */
const inNamespace = (of: Neighbour, own: Neighbour): number => (of.namespaceId === own.namespaceId ? 200 : 400);
const listed = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: "string", value: [value] }]));
const radiusCase: BodyCase = {
  tag: "radius",
  unseen: 404,
  body: (_of, { of }, fresh) =>
    listed({
      "User-Name": fresh,
      "User-Password": "secret",
      "Packet-Src-IP-Address": String(of["address"]),
      "Acct-Status-Type": "Start",
      "Acct-Session-Id": fresh,
    }),
};

/** A number of a marker, for addresses. */
const placeOf = (marker: string): number => Number(/\d+/.exec(marker)![0]) % 250;

/** Operations without a record in their path that name one in their body. */
export const bodies: Record<string, BodyCase> = {
  user_create: inOrganization((of, _planted, username) => ({ username, organization: of.id })),
  user_token_create: inOrganization((of, _planted, username) => ({ username, organization: of.name })),
  user_bulk_partial_update: { tag: "user", unseen: 404, body: (_of, { params }) => [{ id: params["id"], first_name: "x" }] },
  user_token_bulk_partial_update: { tag: "user", unseen: 404, body: (_of, { params }) => [{ id: params["id"], first_name: "x" }] },
  user_extra_create: { tag: "user", unseen: 404, body: (_of, { params }) => ({ parent: params["id"] }) },
  user_extra_bulk_partial_update: { tag: "user_extra", unseen: 404, body: (_of, { params }) => [{ id: params["id"], city: "x" }] },
  device_app_user_update_create: { tag: "user", unseen: 404, body: (_of, { username }) => ({ data: { username, user_class: "x" } }) },
  // Who is asked for is told apart from nobody by the right password alone; the refusal is that of nobody.
  device_app_user_authenticate_create: { tag: "user", unseen: 400, body: (_of, { username }) => ({ username, password: "wrong" }) },
  aaa_profile_create: inOrganization((of, _planted, short_name) => ({ short_name, organization: of.id })),
  address_grant_create: inOrganization((of, _planted, fresh) => ({ organization: of.id, network: `10.200.${placeOf(fresh)}.0/24` })),
  aaa_client_create: inOrganization((of, _planted, short_name) => ({
    short_name,
    address: `10.201.0.${placeOf(short_name)}`,
    secret: "0123456789abcdef0",
    organization: of.id,
  })),
  access_decision_simulate: inOrganization((_of, { of }, username) => ({ username, client: of["client"] }), "aaa_client"),
  radius_authorize: radiusCase,
  radius_post_auth: radiusCase,
  radius_accounting: radiusCase,
  organization_create: inOrganization((of, _planted, slug) => ({ slug, name: "x", parent: of.id })),
  api_token_create: inOrganization((of, _planted, name) => ({ name, organization: of.id, scopes: ["user:read"] })),
};
/** Further ways in which the body of an operation names something of an organization: references inside of it, and rows of arrays. */
export const moreBodies: Readonly<Record<string, readonly BodyCase[]>> = {
  user_create: [inRows((of, _planted, username) => ({ username, organization: of.id }), 400)],
  user_token_create: [
    inRows((of, _planted, username) => ({ username, organization: of.name }), 400),
    inRows((_of, { of }, username) => ({ username, profile: [of["short_name"]] }), 400, "aaa_profile"),
  ],
  user_extra_create: [inRows((_of, { params }) => ({ parent: params["id"] }), 404, "user")],
  user_bulk_partial_update: [inRows((_of, { params }) => ({ id: params["id"], first_name: "x" }), 404, "user")],
  // A new organization has none below it, so that its rules can name none.
  organization_create: [
    { ...inRules((of) => of.id, true), known: () => 400 },
    { ...inRules((of) => of.name, true), known: () => 400 },
  ],
  organization_partial_update: [inRules((of) => of.id), inRules((of) => String(of.id)), inRules((of) => of.name)],
  user_token_partial_update: [
    { ...inOrganization((of) => ({ organization: of.name })), known: inNamespace },
    { ...inOrganization((of) => ({ organization: of.id })), known: inNamespace },
  ],
  aaa_client_create: [
    inOrganization((of, _planted, short_name) => ({
      short_name,
      address: `10.201.1.${placeOf(short_name)}`,
      more_addresses: [`10.201.2.${placeOf(short_name)}`],
      secret: "0123456789abcdef0",
      organization: of.name,
    })),
  ],
};

/** A profile of an organization above is meant to be used; its name tells of nothing else. */
export const isKnownTo = ({ isSeen, relation }: Neighbour, { tag }: BodyCase): boolean =>
  tag === "aaa_profile" ? relation === "own" || relation === "parent" : isSeen;
