import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sees } from "../../src/kernel/tenant-scope.ts";
import { type OrganizationNode, OrganizationTree } from "../../src/modules/foundation/organizations/index.ts";

const node = (id: number, parentId: number | null, namespaceId: number, slug: string): OrganizationNode => ({
  id,
  parentId,
  namespaceId,
  slug,
  isActive: true,
  reversibleSecrets: false,
  minPasswordLength: null,
  loginRules: [],
  version: 1,
});

/** Root 1 with 2 and 3 below it; 4 below 2; 5 below 2 opens a namespace, with 6 in it; 7 below 3 opens another one. */
const tree = new OrganizationTree([
  node(1, null, 1, "root"),
  node(2, 1, 1, "north"),
  node(3, 1, 1, "south"),
  node(4, 2, 1, "north-shop"),
  node(5, 2, 5, "campus"),
  node(6, 5, 5, "guests"),
  node(7, 3, 7, "guests"),
]);

describe("organization tree", () => {
  it("lets a token see its organization and all below it, namespaces of their own included", () => {
    assert.deepEqual([...tree.scopeOf(2).organizationIds].sort(), [2, 4, 5, 6]);
    assert.deepEqual(tree.scopeOf(2).namespaceIds, [1, 5]);
    assert.deepEqual([...tree.scopeOf(3).organizationIds].sort(), [3, 7]);
  });

  it("lets no token see above or beside it", () => {
    for (const [top, hidden] of [
      [2, [1, 3, 7]],
      [5, [1, 2, 3, 4, 7]],
      [6, [5]],
    ] as const) {
      for (const id of hidden) assert.equal(sees(tree.scopeOf(top), id), false, `${top} must not see ${id}`);
    }
  });

  it("knows how much of its namespaces a scope covers, for that decides which wall a query needs", () => {
    assert.equal(tree.scopeOf(1).covers, "everything");
    assert.equal(tree.scopeOf(5).covers, "name_spaces");
    assert.equal(tree.scopeOf(2).covers, "organizations");
    assert.equal(tree.scopeOf(6).covers, "organizations");
  });

  it("says how long passwords are by the nearest organization that does, and the longest that is asked for in a scope", () => {
    const asking = (id: number, parentId: number | null, minPasswordLength: number | null) => ({
      ...node(id, parentId, 1, `o${id}`),
      minPasswordLength,
    });
    const stating = new OrganizationTree([
      asking(1, null, 6),
      asking(2, 1, null),
      asking(3, 2, 12),
      asking(4, 2, 0),
      asking(5, 4, null),
      node(6, 1, 1, "o6"),
    ]);
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 99].map((id) => stating.minPasswordLength(id)),
      [6, 6, 12, 0, 0, 6, 0],
    );
    assert.deepEqual(
      [1, 2, 4, 6].map((id) => stating.maxMinPasswordLength(id)),
      [12, 12, 0, 6],
    );
  });

  it("finds an organization by id, by digits and by slug, within the scope alone", () => {
    const scope = tree.scopeOf(2);
    assert.deepEqual(
      [4, "4", "north-shop"].map((reference) => (tree.resolve(reference, scope) as OrganizationNode).id),
      [4, 4, 4],
    );
    for (const reference of [3, "3", "south", "nowhere", 0, "99999999999999999"]) {
      assert.equal(tree.resolve(reference, scope), undefined, String(reference));
    }
  });

  it("calls a slug ambiguous where several deep below have it; the top and those directly below come before all of them", () => {
    assert.equal(tree.resolve("guests", tree.scopeOf(1)), "ambiguous");
    assert.equal((tree.resolve("guests", tree.scopeOf(2)) as OrganizationNode).id, 6);
    const named = (slugs: readonly [number, number, string][]) =>
      new OrganizationTree([node(1, null, 1, "root"), ...slugs.map(([id, parentId, slug]) => node(id, parentId, id, slug))]);
    const deep = [
      [2, 1, "a"],
      [3, 1, "b"],
      [4, 2, "cafe"],
      [5, 3, "cafe"],
    ] as [number, number, string][];
    assert.equal(named(deep).resolve("cafe", named(deep).scopeOf(1)), "ambiguous");
    const near = named([...deep, [6, 1, "cafe"], [7, 6, "root"], [8, 6, "cafe"]]);
    assert.equal((near.resolve("cafe", near.scopeOf(1)) as OrganizationNode).id, 6);
    assert.equal((near.resolve("root", near.scopeOf(1)) as OrganizationNode).id, 1);
    assert.equal((near.resolve("cafe", near.scopeOf(6)) as OrganizationNode).id, 6, "its own before one below");
    assert.equal(near.resolveNear("b", near.scopeOf(2)), undefined);
  });

  it("is in use only as a whole line, and of an organization that it does not know never", () => {
    const switched = new OrganizationTree([node(1, null, 1, "root"), { ...node(2, 1, 1, "off"), isActive: false }, node(3, 2, 1, "below")]);
    assert.deepEqual(
      [1, 2, 3, 99].map((id) => switched.isActive(id)),
      [true, false, false, false],
    );
    assert.deepEqual(
      [1, 2, 3].map((id) => switched.isSuspended(id)),
      [false, true, true],
    );
    const all = new OrganizationTree([{ ...node(1, null, 1, "root"), isActive: false }, node(2, 1, 1, "below")]);
    assert.deepEqual(
      [1, 2].map((id) => all.isSuspended(id)),
      [false, true],
    );
  });

  it("walks from an organization to the root one, nearest first", () => {
    assert.deepEqual(
      tree.lineOf(6).map((one) => one.id),
      [6, 5, 2, 1],
    );
    assert.equal(tree.isWithin(6, 2), true);
    assert.equal(tree.isWithin(2, 6), false);
    assert.deepEqual(tree.lineOf(99), []);
  });
});
