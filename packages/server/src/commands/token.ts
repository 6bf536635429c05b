import { formatInstant, scopes as knownScopes, parseInstant, type Scope } from "@gatehouse-aaa/contract";
import { type Command, InvalidArgumentError } from "commander";
import type { App } from "../composition/app.ts";
import { closestName } from "../kernel/closest-name.ts";
import type { ApiToken } from "../modules/foundation/api-tokens/index.ts";
import type { OrganizationNode, OrganizationTree } from "../modules/foundation/organizations/index.ts";
import { commandCaller, ensureRootOrganization, rootOrganizationId } from "../startup/first-start.ts";
import { CommandRefused } from "./command-refused.ts";
import { textTable } from "./text-table.ts";
import { withInstallation } from "./with-installation.ts";

/** `gatehouse token`: makes, lists and revokes API tokens at the machine itself, also while a server runs. */
export const addTokenCommand = (program: Command): void => {
  const token = program.command("token").description("make, list and revoke API tokens");
  addCreate(token);
  addList(token);
  addRevoke(token);
};

interface CreateOptions {
  readonly name: string;
  readonly organization?: string;
  readonly scope: readonly string[];
  readonly expires?: string;
}

const addCreate = (token: Command): void => {
  token
    .command("create")
    .description("make an API token and print it, this once")
    .requiredOption("--name <name>", "what the token is for", readName)
    .option("--organization <id|slug>", "whose tree it sees (default: the root organization)")
    .option("--scope <scope...>", "what it may do; give several or repeat the option", ["admin"])
    .option("--expires <time>", "when it stops working, such as 2030-01-31 or 2030-01-31T18:00:00Z (default: never)")
    .addHelpText(
      "after",
      `
The token alone goes to standard output, everything else to standard error.

Scopes: ${knownScopes.join(", ")}

Examples:
  $ gatehouse token create --name "Back office"
  $ gatehouse token create --name Portal --organization engineering --scope user:read user_token:write
  $ TOKEN=$(gatehouse token create --name Script --expires 2030-01-31)
`,
    )
    .action(async (options: CreateOptions) => {
      const scopes = [...new Set(options.scope.map(readScope))];
      const expiresAtMs = readExpiry(options.expires);
      await withInstallation(async (app) => {
        await ensureRootOrganization(app);
        const caller = commandCaller("token create");
        const organization = findOrganization(await app.services.organizations.directory.current(), options.organization);
        const { token: made, secret } = await app.services.apiTokens.tokens.create(caller, "token create", {
          name: options.name,
          organization: organization.id,
          scopes,
          expiresAtMs,
        });
        process.stderr.write(`Token ${made.id} "${made.name}" of ${organization.slug}, with the scopes ${scopes.join(", ")}.\n`);
        process.stderr.write("It is shown this once; only its hash is kept. Send it as: Authorization: Bearer <token>\n\n");
        process.stdout.write(`${secret}\n`);
      });
    });
};

const addList = (token: Command): void => {
  token
    .command("list")
    .description("list the API tokens, without their secrets")
    .addHelpText("after", "\nExamples:\n  $ gatehouse token list\n")
    .action(async () => {
      await withInstallation(async (app) => {
        const tree = await app.services.organizations.directory.current();
        const rows = (await allTokens(app)).map((one) => rowOf(one, tree));
        if (rows.length === 0) process.stdout.write("There are no API tokens. Make one with: gatehouse token create --name <name>\n");
        else process.stdout.write(textTable(["id", "name", "organization", "scopes", "created", "last used", "expires"], rows));
      });
    });
};

const addRevoke = (token: Command): void => {
  token
    .command("revoke")
    .description("revoke an API token; a running server refuses it within a second")
    .argument("<id>", "the token's id, as the list shows it", readId)
    .addHelpText("after", "\nExamples:\n  $ gatehouse token list\n  $ gatehouse token revoke 7\n")
    .action(async (id: number) => {
      await withInstallation(async (app) => {
        const everything = app.work.acrossTenants("a command at the machine sees every token");
        if (!(await everything.apiTokens.find(id))) {
          throw new CommandRefused(`There is no API token ${id}, or it is revoked already. See them all with: gatehouse token list`);
        }
        const revoked = await app.services.apiTokens.tokens.revoke(commandCaller("token revoke"), "token revoke", id, undefined);
        process.stdout.write(`Token ${revoked.id} "${revoked.name}" is revoked.\n`);
      });
    });
};

const readName = (value: string): string => {
  if (value.length === 0 || value.length > 255) throw new InvalidArgumentError("A name has 1 to 255 characters.");
  return value;
};

const readId = (value: string): number => {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError("Give the token's id, a number. See them all with: gatehouse token list");
  return Number(value);
};

const readScope = (value: string): Scope => {
  const scope = knownScopes.find((known) => known === value);
  if (scope) return scope;
  const meant = closestName(value, knownScopes);
  throw new CommandRefused(
    `There is no scope "${value}".${meant === undefined ? "" : ` Did you mean ${meant}?`} The scopes are: ${knownScopes.join(", ")}.`,
  );
};

const readExpiry = (value: string | undefined): number | null => {
  if (value === undefined) return null;
  const instantMs = parseInstant(value);
  if (instantMs !== undefined) return instantMs;
  throw new CommandRefused(`--expires ${value} is no time. Write it as 2030-01-31 or 2030-01-31T18:00:00Z.`);
};

const findOrganization = (tree: OrganizationTree, reference: string | undefined): OrganizationNode => {
  const { scope } = commandCaller("token create");
  const node = tree.resolve(reference ?? rootOrganizationId, scope);
  if (node === "ambiguous") throw new CommandRefused(`Several organizations have the slug "${reference}". Give the id of the one meant.`);
  if (node) return node;
  throw new CommandRefused(`There is no organization "${reference}". Give the id or slug of one that GET /api/v1/organization/ lists.`);
};

const allTokens = async (app: App): Promise<ApiToken[]> => {
  const { apiTokens } = app.work.acrossTenants("a command at the machine sees every token");
  const tokens: ApiToken[] = [];
  for (;;) {
    const page = await apiTokens.list({}, { limit: 100, start: { afterId: tokens.at(-1)?.id ?? 0 }, exactCount: false });
    tokens.push(...page.rows);
    if (page.lastId === undefined) return tokens;
  }
};

const rowOf = (token: ApiToken, tree: OrganizationTree): string[] => [
  String(token.id),
  token.name,
  tree.find(token.organizationId)?.slug ?? String(token.organizationId),
  token.scopes.join(" "),
  formatInstant(token.createdAtMs),
  token.lastUsedAtMs === null ? "never" : formatInstant(token.lastUsedAtMs),
  token.expiresAtMs === null ? "never" : formatInstant(token.expiresAtMs),
];
