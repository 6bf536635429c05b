import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import { closed, flag, id, instant, nullableText, optionalFields, organizationReference, readOnly } from "./vocabulary.ts";

const network = Type.String({
  minLength: 1,
  maxLength: 49,
  format: "network",
  description:
    "The addresses granted: one IPv4 or IPv6 address, or a range such as `203.0.113.0/24`. It lies inside of what the granting organization holds, and overlaps no grant of an organization that is neither above nor below; fixed when it is made.",
  example: "203.0.113.0/24",
});
const writable = {
  organization: organizationReference({
    description:
      "The organization that holds the addresses from then on, with those below it: its id (an integer or a string of digits) or its slug. It lies below the token's; the root organization may also keep a range for itself. Fixed when it is made.",
  }),
  network,
  shared: flag({
    description:
      "Whether several organizations send from these addresses, as behind a cloud or CGNAT address. The secret then chooses among their AAA clients. Default false: nobody else uses them.",
    example: false,
  }),
  description: nullableText({ description: "Free text about the grant.", example: "Uplink of the café" }),
};
const unread = {
  id: readOnly("The grant's id."),
  disputed: readOnly("Whether an older grant overlaps it."),
  created_at: readOnly("When the grant was made."),
  last_change: readOnly("The last change."),
};

export const AddressGrantInput = closed(
  {
    organization: writable.organization,
    network,
    shared: Type.Optional(writable.shared),
    description: Type.Optional(writable.description),
    ...unread,
  },
  { description: "An address grant as `/address_grant/` takes it.", example: { organization: 1, network: "203.0.113.0/24" } },
);
export const AddressGrantPatch = closed(
  { ...optionalFields(writable), ...unread },
  { description: "The fields of an address grant to change; organization and network stay as they are." },
);

export const AddressGrant = Type.Object(
  {
    id: id("The grant's id.", 7),
    organization: id("The id of the organization that holds the addresses.", 12345),
    network: Type.String({ description: "The address or range, in its canonical form.", example: "203.0.113.0/24" }),
    shared: flag({ description: "Whether several organizations send from these addresses.", example: false }),
    disputed: flag({
      description:
        "Whether the upgrade that brought grants found it to overlap the grant of an organization that is neither above nor below. Only the root organization's tokens see true.",
      example: false,
    }),
    description: writable.description,
    created_at: instant("When the grant was made."),
    last_change: instant("The last change."),
  },
  { description: "Addresses that an organization holds: its AAA clients, and those of organizations below it, lie inside." },
);

export const AddressGrantPage = pageOf(AddressGrant, "A page of address grants.");

export const AddressGrantListQuery = listQuery({
  organization: filter.organization(),
  network: filter.text("The grants of exactly this address or range.", "203.0.113.0/24"),
  shared: filter.flag("Only shared, or only exclusive grants."),
  disputed: filter.flag("Only grants that an older one overlaps, or only others. For tokens of the root organization."),
  last_change__gte: filter.since(),
});
