import {
  allOperations,
  basePath,
  declaredErrors,
  type ErrorCode,
  errorRegistry,
  type Operation,
  type Scope,
  scopes,
} from "@gatehouse-aaa/contract";
import { settings } from "../../src/config/settings.ts";

const note = "<!-- Made by `npm run generate`. Change what it is made from, not this page. -->";

const page = (title: string, ...paragraphs: string[]): string => `${[note, `# ${title}`, ...paragraphs].join("\n\n")}\n`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");

const code = (text: string): string => `\`${text}\``;

/** Every setting with its default, from the schema that the start reads. */
export const configurationPage = (): string =>
  page(
    "Configuration",
    "Settings are environment variables. They are read once, at the start. Gatehouse does not start with a wrong value or an unknown name that begins with `GATEHOUSE_`; it lists all such problems by name. An empty value counts as unset.",
    table(
      ["Setting", "Default", "Meaning"],
      Object.entries(settings).map(([name, setting]) => [
        code(name),
        setting.defaultText === "unset" ? "unset" : code(setting.defaultText),
        setting.description,
      ]),
    ),
  );

const retries = {
  never: "No.",
  after_change: "After the record in question has changed.",
  later: "Yes, a moment later.",
} as const;

/** Every error code, from the registry. */
export const errorsPage = (): string => {
  const users = new Map<ErrorCode, number>();
  for (const op of allOperations) for (const one of new Set(declaredErrors(op))) users.set(one, (users.get(one) ?? 0) + 1);
  return page(
    "Errors",
    "Every refusal is a problem document (RFC 9457, `application/problem+json`) with `type`, `title`, `status`, `detail`, `code` and `request_id`, and with `errors` if fields are faulty. A code never changes its meaning.",
    table(
      ["Code", "Status", "Title", "Does a retry help?"],
      Object.entries(errorRegistry).map(([name, { status, title, retry }]) => [code(name), String(status), title, retries[retry]]),
    ),
  );
};

/** Every operation, from the contract's table. */
export const operationsPage = (): string => {
  const byTag = Map.groupBy(allOperations, (op) => op.tag);
  const sections = [...byTag].map(
    ([tag, ops]) => `## ${tag}\n\n${table(["Operation", "Request", "Scope", "What it does", "Own errors", "Retry"], ops.map(rowOf))}`,
  );
  return page(
    "Operations",
    `Paths are below \`${basePath}\`. The table lists the errors of each operation beyond those that all operations share; \`openapi.json\` lists all. Retry says what a repeated request does: a \`safe\` one changes nothing, an \`idempotent\` one has the effect of a single request, an \`unsafe\` one may act twice.`,
    ...sections,
  );
};

const rowOf = (op: Operation): string[] => [
  code(op.operationId),
  code(`${op.method} ${op.path}`),
  code(op.scope),
  op.summary,
  op.errors.map(code).join(", "),
  op.retry,
];

/** What the scopes open that are of no resource. A new one of these does not compile without a sentence. */
const special: Readonly<Record<"pii:read" | "metrics:read" | Exclude<Scope, `${string}:${"read" | "write"}`>, string>> = {
  admin: "every operation, and tax and passport numbers in clear; `radius:credentials` must be given beside it",
  "pii:read": "tax and passport numbers in clear",
  "metrics:read": "`/metrics`, to a token of the root organization",
  "radius:credentials":
    "users' reversible passwords, in the answers of `radius_authorize`; must be given by name, `admin` does not imply it",
};

const isSpecial = (scope: Scope): scope is keyof typeof special => Object.hasOwn(special, scope);

/** Every scope with the operations that it opens. */
export const scopesPage = (): string =>
  page(
    "Scopes",
    "A token carries scopes, and each operation requires one. A write scope does not imply the read scope of the same resource.",
    table(
      ["Scope", "Opens"],
      scopes.map((scope) => {
        const opened = allOperations.filter((op) => op.scope === scope).map((op) => code(op.operationId));
        if (isSpecial(scope)) return [code(scope), special[scope]];
        return [code(scope), opened.length === 0 ? "nothing in this version" : opened.join(", ")];
      }),
    ),
  );
