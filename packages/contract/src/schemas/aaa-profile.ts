import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import { closed, id, instant, nullableText, optionalFields, organizationReference, readOnly, requiredText } from "./vocabulary.ts";

/** FreeRADIUS' operators, as its users file and its SQL tables write them. */
export const attributeOperators = ["=", ":=", "+=", "==", "!=", ">", ">=", "<", "<=", "=~", "!~", "=*", "!*"] as const;

export const ProfileAttribute = closed(
  {
    attribute: Type.String({
      minLength: 1,
      maxLength: 131,
      format: "attribute_name",
      description:
        "The attribute's name in FreeRADIUS' dictionaries, with a tag such as `:1` where it has one; one that Gatehouse does not know by its numbers, such as `Attr-26.41112.1`. Numbers that it knows are that attribute, which is stored by its name: `Attr-27` is `Session-Timeout`.",
      example: "WISPr-Bandwidth-Max-Down",
    }),
    op: Type.Enum([...attributeOperators], { description: "FreeRADIUS' operator.", example: ":=" }),
    value: Type.String({
      maxLength: 253,
      format: "attribute_value",
      description: "The value, to 253 bytes of UTF-8.",
      example: "50000000",
    }),
  },
  { description: "One RADIUS attribute with its operator." },
);

const attributes = (description: string, example: readonly object[]) =>
  Type.Array(ProfileAttribute, { maxItems: 100, description, example });

const shortName = Type.String({
  minLength: 1,
  maxLength: 80,
  format: "short_name",
  description: "The name by which accounts carry the profile: 1-80 letters, digits and `. _ -`, unique within the organization.",
  example: "wifi_premium",
});
const writable = {
  short_name: shortName,
  name: requiredText({ description: "The name that people read. Default: the short name.", example: "Wi-Fi premium 50/10 Mbit/s" }),
  description: nullableText({ description: "Free text about the profile.", example: "Sold at the front desk" }),
  organization: organizationReference({
    description:
      "The organization that the profile belongs to: its id (an integer or a string of digits) or its slug. Default: the token's organization; fixed at creation.",
  }),
  check: attributes(
    "What a request must show, in order; `Simultaneous-Use := <n>` and `Auth-Type := Reject` are set. Checked by the dictionary when the list changes: what nothing would obey is refused. A regular expression (`=~`, `!~`, RE2) may have 250 parts, all of a list 1,000, with repetitions such as `{0,30}` written out.",
    [{ attribute: "NAS-Port-Type", op: "==", value: "Virtual" }],
  ),
  reply: attributes("What the answer carries, in order, set with `=`, `:=` or `+=`. Checked by the dictionary when the list changes.", [
    { attribute: "WISPr-Bandwidth-Max-Down", op: ":=", value: "50000000" },
  ]),
};
const { short_name: _shortName, ...optional } = writable;

const unread = {
  id: readOnly("The profile's id."),
  created_at: readOnly("When the profile was made."),
  last_change: readOnly("The last change."),
};

export const AaaProfileInput = closed(
  { short_name: shortName, ...optionalFields(optional), ...unread },
  { description: "An AAA profile as `/aaa_profile/` takes it." },
);
export const AaaProfilePatch = closed(
  { ...optionalFields(writable), ...unread },
  { description: "The fields of an AAA profile to change; the others stay, and a list is replaced." },
);

export const AaaProfile = Type.Object(
  {
    id: id("The profile's id.", 2),
    short_name: Type.String({ description: "The name by which accounts carry the profile.", example: "wifi_premium" }),
    name: Type.String({ description: "The name that people read.", example: "Wi-Fi premium 50/10 Mbit/s" }),
    description: nullableText({ description: "Free text about the profile.", example: null }),
    organization: id("The id of the organization that the profile belongs to.", 1),
    check: writable.check,
    reply: writable.reply,
    created_at: instant("When the profile was made."),
    last_change: instant("The last change."),
  },
  { description: "An AAA profile: RADIUS attributes under a short name, for accounts of its organization and those below it." },
);

export const AaaProfilePage = pageOf(AaaProfile, "A page of AAA profiles.");

export const AaaProfileListQuery = listQuery({
  organization: filter.organization(),
  short_name: filter.text("Profiles with exactly this short name.", "wifi_premium"),
  last_change__gte: filter.since(),
});
