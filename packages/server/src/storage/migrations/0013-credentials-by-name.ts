import type { Migration } from "./migration.ts";

/** Reversible passwords are given to a RADIUS server by a scope of its own: tokens that got them until now keep it. */
export const migration: Migration = {
  name: "0013-credentials-by-name",
  async up({ handle }) {
    const tokens: { name_space_id: number; id: number; scopes: string }[] = await handle
      .selectFrom("api_token")
      .select(["name_space_id", "id", "scopes"])
      .execute();
    for (const { name_space_id, id, scopes: text } of tokens) {
      const scopes: string[] = JSON.parse(text);
      if (scopes.includes("radius:credentials") || !scopes.some((scope) => scope === "radius:write" || scope === "admin")) continue;
      await handle
        .updateTable("api_token")
        .set({ scopes: JSON.stringify([...scopes, "radius:credentials"]) })
        .where("name_space_id", "=", name_space_id)
        .where("id", "=", id)
        .execute();
    }
  },
};
