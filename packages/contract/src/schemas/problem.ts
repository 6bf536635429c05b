import { Type } from "typebox";
import { errorRegistry } from "../errors.ts";

/** RFC 9457 problem document: the one shape of every error. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: "A URI that names the problem.", example: "urn:gatehouse:problem:request.invalid" }),
    title: Type.String({ description: "What kind of problem this is.", example: "Some fields are not valid" }),
    status: Type.Integer({ description: "The HTTP status.", example: 400 }),
    detail: Type.String({ description: "One sentence about this occurrence.", example: "gender: Must be one of m, f, o, null." }),
    code: Type.Enum(Object.keys(errorRegistry), { description: "The stable code of the problem.", example: "request.invalid" }),
    request_id: Type.String({ description: "What the server's log calls this request.", example: "k3v9x2-1a" }),
    errors: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String()), {
        description: "The faulty fields by (dotted) name, in array bodies after the row's index, with what is wrong with each.",
        example: { gender: ["Must be one of m, f, o, null."] },
      }),
    ),
  },
  { description: "Why the request was refused (RFC 9457)." },
);
