import type { ColumnDefinitionBuilder } from "kysely";
import type { Migration, MigrationKit } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder) => column.notNull();

interface Client {
  readonly id: number;
  readonly name_space_id: number;
  readonly organization_id: number;
  readonly address: string;
  readonly created_at: number;
}
interface Range {
  readonly version: 4 | 6;
  readonly bits: bigint;
  readonly length: number;
}

/** Reads an address or range in canonical form. */
const rangeOf = (address: string): Range => {
  const [text, length] = address.split("/") as [string, string | undefined];
  if (!text.includes(":")) {
    const bits = text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
    return { version: 4, bits, length: length === undefined ? 32 : Number(length) };
  }
  const [head, tail] = text.split("::") as [string, string | undefined];
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const zeros = Array<string>(tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length).fill("0");
  const bits = [...groups(head), ...zeros, ...groups(tail)].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  return { version: 6, bits, length: length === undefined ? 128 : Number(length) };
};

const widthOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);
const keyOf = ({ version, bits, length }: Range): string =>
  `${version}${bits.toString(16).padStart(widthOf(version) / 4, "0")}${String(length).padStart(3, "0")}`;
const keysHolding = ({ version, bits, length }: Range): string[] =>
  Array.from({ length: length + 1 }, (_, shorter) => {
    const rest = BigInt(widthOf(version) - shorter);
    return keyOf({ version, bits: (bits >> rest) << rest, length: shorter });
  });

/** Who holds which addresses. What clients have is granted to their organizations, and where such grants overlap they are marked. */
export const migration: Migration = {
  name: "0011-address-grants",
  async up(kit) {
    const { handle, types } = kit;
    await handle.schema
      .createTable("address_grant")
      .addColumn("name_space_id", types.id, required)
      .addColumn("id", types.id, required)
      .addColumn("organization_id", types.id, required)
      .addColumn("network", types.text, required)
      .addColumn("network_key", types.text, required)
      .addColumn("is_shared", types.boolean, required)
      .addColumn("is_disputed", types.boolean, required)
      .addColumn("description", types.text)
      .addColumn("created_at", types.instant, required)
      .addColumn("last_change", types.instant, required)
      .addColumn("version", types.integer, required)
      .addPrimaryKeyConstraint("address_grant__key", ["name_space_id", "id"])
      .addForeignKeyConstraint("address_grant__organization", ["name_space_id", "organization_id"], "organization", ["name_space_id", "id"])
      .execute();
    const index = (meaning: string, columns: string[]) =>
      handle.schema.createIndex(`address_grant__${meaning}`).on("address_grant").columns(columns).execute();
    await index("organization_id", ["name_space_id", "organization_id", "id"]);
    await index("id", ["id"]);
    await index("network", ["network_key"]);
    await index("last_change", ["name_space_id", "last_change", "id"]);

    await handle.schema
      .alterTable("aaa_client")
      .addColumn("more_addresses", types.json, (column) => column.notNull().defaultTo("[]"))
      .execute();
    await handle.schema.alterTable("aaa_client").addColumn("coa_address", types.text).execute();

    // A client may have several addresses, and at shared ones there are several clients.
    await handle.schema.dropTable("aaa_client_address").execute();
    await handle.schema
      .createTable("aaa_client_address")
      .addColumn("client_id", types.id, required)
      .addColumn("address", types.text, required)
      .addColumn("address_key", types.text, required)
      .execute();
    await handle.schema.createIndex("aaa_client_address__key").on("aaa_client_address").column("address_key").execute();
    await handle.schema.createIndex("aaa_client_address__client").on("aaa_client_address").column("client_id").execute();
    await grantWhatStands(kit);
  },
};

const grantWhatStands = async ({ handle }: MigrationKit): Promise<void> => {
  const clients: Client[] = await handle
    .selectFrom("aaa_client")
    .select(["id", "name_space_id", "organization_id", "address", "created_at"])
    .orderBy("id")
    .execute();
  if (clients.length === 0) return;
  const nodes: { id: number; parent_id: number | null }[] = await handle.selectFrom("organization").select(["id", "parent_id"]).execute();
  const { granted, disputed } = grantsFor(clients, new Map(nodes.map((node) => [node.id, node.parent_id])));
  await insertGrants(handle, granted, disputed);
  for (const { id, address } of clients) {
    await handle
      .insertInto("aaa_client_address")
      .values({ client_id: id, address, address_key: keyOf(rangeOf(address)) })
      .execute();
  }
};

/** The clients whose ranges need a grant, and those whose ranges are another's as well. */
const grantsFor = (clients: readonly Client[], parents: ReadonlyMap<number, number | null>) => {
  const isWithin = (id: number, above: number): boolean => {
    for (let at: number | null | undefined = id; at != null; at = parents.get(at)) if (at === above) return true;
    return false;
  };
  const byKey = Map.groupBy(clients, (client) => keyOf(rangeOf(client.address)));
  /** The clients whose ranges hold another's. */
  const holding = (client: Client) =>
    keysHolding(rangeOf(client.address)).flatMap((key) => (byKey.get(key) ?? []).filter((other) => other.id !== client.id));
  const isRoot = (client: Client) => parents.get(client.organization_id) === null;
  const disputed = new Set<number>();
  for (const client of clients) {
    for (const other of holding(client)) {
      // A part that an organization has of what one below it has; the other way round it was given on.
      const isGivenOn = isWithin(client.organization_id, other.organization_id);
      if (isGivenOn || isWithin(other.organization_id, client.organization_id)) continue;
      disputed.add(client.id).add(other.id);
    }
  }
  // The root holds what it granted to nobody: its clients need a grant only inside of what others have.
  const granted = clients.filter((client) => !isRoot(client) || holding(client).some((other) => !isRoot(other)));
  return { granted, disputed };
};

const insertGrants = async (handle: MigrationKit["handle"], granted: readonly Client[], disputed: ReadonlySet<number>): Promise<void> => {
  const known: { next_id: number } | undefined = await handle
    .selectFrom("id_block")
    .select("next_id")
    .where("noun", "=", "address_grant")
    .executeTakeFirst();
  if (known) throw new Error("Ids of address grants were given before there were any.");
  for (const [position, client] of granted.entries()) {
    await handle
      .insertInto("address_grant")
      .values({
        name_space_id: client.name_space_id,
        id: position + 1,
        organization_id: client.organization_id,
        network: client.address,
        network_key: keyOf(rangeOf(client.address)),
        is_shared: false,
        is_disputed: disputed.has(client.id),
        description: `Granted by the upgrade to AAA client ${client.id}.`,
        created_at: client.created_at,
        last_change: client.created_at,
        version: 1,
      })
      .execute();
  }
  if (granted.length > 0)
    await handle
      .insertInto("id_block")
      .values({ noun: "address_grant", next_id: granted.length + 1 })
      .execute();
};
