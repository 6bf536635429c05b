import { Type } from "typebox";
import { filter, plainQuery } from "./page.ts";

/** The id in a path. What is no integer names no record, and is answered 404. */
export const idInPath = (description: string, example = 42) =>
  Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description, example }) });

export const usernameInPath = Type.Object({
  username: Type.String({ description: "The username, percent-encoded, without regard to case.", example: "john.smith" }),
});

/** Tells two accounts of the same username apart where the token sees several namespaces. */
export const organizationQuery = plainQuery({ organization: filter.organization() });

export const addressInPath = Type.Object({
  address: Type.String({
    minLength: 1,
    maxLength: 60,
    description: "The IPv4 or IPv6 address that a packet came from, percent-encoded.",
    example: "192.0.2.10",
  }),
});
