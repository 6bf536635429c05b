import { Type } from "typebox";
import { plainQuery } from "./page.ts";

const value = { oneOf: [{ type: "string" }, { type: "number" }, { type: "boolean" }] };

/** An attribute as FreeRADIUS' `rlm_rest` writes it. */
const attribute = {
  type: "object",
  properties: { type: { type: "string" }, value: { oneOf: [...value.oneOf, { type: "array", items: value, maxItems: 1_000 }] } },
  required: ["value"],
  additionalProperties: true,
};

export interface FreeradiusAttribute {
  readonly type?: string;
  readonly value: string | number | boolean | readonly (string | number | boolean)[];
}

const example = {
  "User-Name": { type: "string", value: ["john_doe"] },
  "User-Password": { type: "string", value: ["secret"] },
  "Packet-Src-IP-Address": { type: "ipaddr", value: ["192.0.2.10"] },
};

export const FreeradiusRequest = Type.Unsafe<Readonly<Record<string, FreeradiusAttribute>>>({
  type: "object",
  additionalProperties: attribute,
  maxProperties: 500,
  description:
    "The request list as `rlm_rest` sends it with `body = 'json'` and without a template: attributes by name. `Packet-Src-IP-Address` (or `Packet-Src-IPv6-Address`) names the AAA client; `deploy/freeradius` adds it. UTF-8 that comes escaped byte by byte is put together again.",
  example,
});

const answered = Type.Object(
  {
    op: Type.Enum([":=", "+="], { description: "How FreeRADIUS takes it." }),
    value: Type.Array(Type.String(), { description: "The values, in order." }),
    do_xlat: Type.Literal(false, { description: "Nothing is expanded: no value can become an instruction." }),
  },
  { description: "An attribute for FreeRADIUS to take." },
);

export const FreeradiusAnswer = Type.Record(Type.String(), answered, {
  description:
    "Attributes for the lists `control` and `reply`. `control:Auth-Type` is Accept or Reject; where FreeRADIUS checks the credential itself (CHAP, MS-CHAP, EAP), `control:Cleartext-Password` stands in its place.",
  example: { "control:Auth-Type": { op: ":=", value: ["Accept"], do_xlat: false } },
});

export const FreeradiusPostAuthQuery = plainQuery({
  outcome: Type.Optional(
    Type.Enum(["accept", "reject"], { description: "What FreeRADIUS has answered. Default: accept.", example: "reject" }),
  ),
});
