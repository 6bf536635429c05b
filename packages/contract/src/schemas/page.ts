import { type TProperties, type TSchema, Type } from "typebox";
import { closed } from "./vocabulary.ts";

/** What stands for a record that is stored in a way that cannot be shown. */
const DamagedRecord = Type.Object(
  {
    id: Type.Unsafe<number | null>({ type: ["integer", "null"], description: "The record's id.", example: 42 }),
    damaged: Type.Literal(true, { description: "The record cannot be shown; the log of the server says why.", example: true }),
  },
  { description: "A record that cannot be shown as it is stored: the page is of the others, too." },
);

/** The envelope of every list. */
export const pageOf = <S extends TSchema>(record: S, description: string) =>
  Type.Object(
    {
      count: Type.Integer({ minimum: 0, description: "How many records fit the filters.", example: 1 }),
      count_is_bound: Type.Optional(
        Type.Literal(true, {
          description:
            "Present when more than 100,000 records fit: then `count` is a lower bound. Ask for `count=exact` to count them all.",
        }),
      ),
      next: Type.Unsafe<string | null>({ type: ["string", "null"], description: "The URL of the next page, or null.", example: null }),
      previous: Type.Unsafe<string | null>({
        type: ["string", "null"],
        description: "The URL of the page before, or null; always null with `cursor`.",
        example: null,
      }),
      results: Type.Array(Type.Union([record, DamagedRecord]), { description: "The records of this page, by ascending id." }),
    },
    { description },
  );

const paging = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      default: 20,
      description: "Records per page; more than 100 is served as 100.",
      example: 25,
    }),
  ),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      default: 0,
      description: "How many records to pass over. For deep pages use `cursor`.",
      example: 0,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: 100,
      description:
        "Empty asks for the first page; then take it from `next`. Its cost does not grow with depth. Not together with `offset`.",
      example: "",
    }),
  ),
  count: Type.Optional(
    Type.Enum(["exact"], { description: "`exact` counts all records even where more than 100,000 fit.", example: "exact" }),
  ),
};

const format = { format: Type.Optional(Type.Enum(["json"], { description: "Only `json` is offered.", example: "json" })) };

/** The query of a list: its filters beside the paging parameters. */
export const listQuery = <P extends TProperties>(filters: P) => closed({ ...filters, ...paging, ...format });

/** The query of an operation that takes no parameters of its own, or the few given. */
export const plainQuery = <P extends TProperties>(own: P = {} as P) => closed({ ...own, ...format });

export const filter = {
  text: (description: string, example: string) => Type.Optional(Type.String({ maxLength: 255, description, example })),
  id: (description: string, example = 42) =>
    Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description, example })),
  flag: (description: string) =>
    Type.Optional(Type.Boolean({ description: `${description} \`true\`, \`false\`, \`1\` or \`0\`.`, example: true })),
  since: () =>
    Type.Optional(
      Type.String({
        format: "instant",
        minLength: 1,
        maxLength: 40,
        description: "Only records that changed at or after this time, for incremental synchronisation.",
        example: "2024-01-15T10:30:00Z",
      }),
    ),
  organization: () =>
    Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: "The organization's id or slug; nothing below it is included.",
        example: "engineering",
      }),
    ),
};
