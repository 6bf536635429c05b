import { allOperations, basePath, declaredErrors, type ErrorCode, errorRegistry, type Operation, scopes } from "@gatehouse-aaa/contract";
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
    "Settings are environment variables, read once at the start. A wrong one stops the start, with all problems by name; an unknown name that begins with `GATEHOUSE_` is one of them. An empty value counts as unset.",
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
  never: "The same request gets the same answer.",
  after_change: "Once what it names has changed.",
  later: "In a moment.",
} as const;

/** Every error code, from the registry. */
export const errorsPage = (): string => {
  const users = new Map<ErrorCode, number>();
  for (const op of allOperations) for (const one of new Set(declaredErrors(op))) users.set(one, (users.get(one) ?? 0) + 1);
  return page(
    "Errors",
    "Every refusal is a problem document (RFC 9457, `application/problem+json`) with `type`, `title`, `status`, `detail`, `code` and `request_id`, and with `errors` where fields are faulty. A code never changes its meaning.",
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
    `Paths stand below \`${basePath}\`. Beside its own errors an operation answers those that every operation shares; \`openapi.json\` lists all of them. Retry says what sending the same request again does: \`safe\` changes nothing, \`idempotent\` has the effect of sending it once, \`unsafe\` has not.`,
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

/** Every scope with the operations that it opens. */
export const scopesPage = (): string =>
  page(
    "Scopes",
    "A token carries scopes; each operation asks for one. A read scope does not follow from the write scope of the same resource.",
    table(
      ["Scope", "Opens"],
      scopes.map((scope) => {
        const opened = allOperations.filter((op) => op.scope === scope).map((op) => code(op.operationId));
        if (scope === "admin") return [code(scope), "every operation, and tax and passport numbers in clear"];
        if (scope === "pii:read") return [code(scope), "tax and passport numbers in clear"];
        if (scope === "metrics:read") return [code(scope), "`/metrics`, to a token of the root organization"];
        return [code(scope), opened.length === 0 ? "nothing in this version" : opened.join(", ")];
      }),
    ),
  );
