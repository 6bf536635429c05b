import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, type Operation, scopes } from "@gatehouse-aaa/contract";
import { bodies, isKnownTo, moreBodies } from "../../support/neighbour-bodies.ts";
import { assertNothingOfOthers, createPlanter, makeNeighbours, type Neighbour, type Planted } from "../../support/neighbour-world.ts";
import { assertProblem, leastBody } from "../../support/operations.ts";
import { giveToken } from "../../support/planted-tenants.ts";
import { grantAddresses } from "../../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../../support/world.ts";

const creates = new Map(allOperations.map((op) => [op.operationId, op]));
const isList = (op: Operation) => op.method === "GET" && "results" in ((op.success.schema as { properties?: object })?.properties ?? {});

/** What a filter of a list is given of a record, or that it names none. */
const filters: Record<string, ((of: Neighbour, planted: Planted) => string | number | undefined) | "names nothing"> = {
  organization: (of) => of.id,
  parent__organization_id: (of) => of.id,
  username: (_of, { username }) => username || undefined,
  user: (_of, { of }) => of["user"],
  client: (_of, { of }) => of["client"],
  parent: (of, planted) => planted.of["parent"] ?? of.id,
  identifier: (_of, { of }) => of["identifier"],
  short_name: (_of, { of }) => of["short_name"],
  network: (_of, { of }) => of["network"],
  address: (_of, { of }) => of["address"],
  id: (_of, { params }) => params["id"],
  name: (of) => `zq${of.name}z0f`,
  ...Object.fromEntries(
    "role group is_active external_id last_change__gte limit offset cursor count format balance klass event device_info kind shared disputed outcome start_date end_date session_status"
      .split(" ")
      .map((name) => [name, "names nothing"] as const),
  ),
};

/** What an organization may not do to itself, for one above does it. */
const ownRefusals: Readonly<Record<string, number>> = {
  address_grant_create: 400,
  address_grant_partial_update: 403,
  address_grant_delete: 403,
};
const namesNothing = new Set(["me_organization_read"]);

for (const ownUsernames of [false, true]) {
  onEachDatabase(`every operation beside neighbours${ownUsernames ? ", in a namespace of its own" : ""}`, (open) => {
    let world: World;
    let neighbours: readonly Neighbour[];
    let planter: ReturnType<typeof createPlanter>;
    let own: Neighbour;
    let all: string;
    before(async () => {
      world = await open();
      neighbours = await makeNeighbours(world, ownUsernames);
      planter = createPlanter(world, creates);
      own = neighbours.find(({ relation }) => relation === "own")!;
      await grantAddresses(world, own.id, "10.200.0.0/15");
      all = await giveToken(world, { organizationId: own.id, namespaceId: own.namespaceId, scopes: ["admin", "radius:credentials"] });
    });
    after(() => world.close());

    const asking = async (op: Operation, path: string, body: unknown, token: string | null = all): Promise<Answer> => {
      const answer = await world.request(op.method, path, { token, ...(body === undefined ? {} : { body }) });
      assertNothingOfOthers(neighbours, decodeURIComponent(path) + JSON.stringify(body ?? ""), answer, op.operationId);
      return answer;
    };
    const pathTo = (op: Operation, { params }: Planted) =>
      op.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(String(params[name] ?? assert.fail(`${op.operationId}: plant its ${name}`))),
      );

    /** The refusals that come before anybody looks for a record: the same for each organization. */
    const assertShut = async (op: Operation, path: string, body: unknown) => {
      assertProblem(await asking(op, path, body, null), 401, op);
      const others = scopes.filter((scope) => scope !== op.scope && scope !== "admin");
      const less = await giveToken(world, { organizationId: own.id, namespaceId: own.namespaceId, scopes: others });
      assert.equal((await asking(op, path, body, less)).body.code, "request.forbidden");
    };

    for (const op of allOperations.filter(({ path }) => path.includes("{"))) {
      const bodyOf = ({ of, username }: Planted, fresh: string): unknown => {
        if (!op.body) return undefined;
        const names = { username: username || fresh, short_name: fresh, slug: fresh };
        const least = leastBody(op);
        const kept = Object.fromEntries(Object.entries({ ...names, address: of["address"] }).filter(([name]) => name in least));
        return { ...least, ...kept, ...("parent" in least && of["parent"] ? { parent: of["parent"] } : {}) };
      };
      it(`${op.operationId} answers of its own and those below it, and 404 of all others`, async () => {
        for (const of of neighbours) {
          const planted = await planter.plant(op, of);
          const path = pathTo(op, planted);
          const body = bodyOf(planted, planter.nextText(own).text);
          await assertShut(op, path, body);
          const reading = allOperations.find((one) => one.method === "GET" && one.path === op.path);
          const look = async () => reading && (await world.get(path)).body;
          const was = of.isSeen ? undefined : await look();
          const answer = await asking(op, path, body);
          if (of.isSeen) {
            assert.equal(
              answer.status,
              (of === own && ownRefusals[op.operationId]) || op.success.status,
              `${of.name}: ${JSON.stringify(answer.body)}`,
            );
            continue;
          }
          assertProblem(answer, 404, op);
          assert.notEqual(answer.body.code, "path.not_found");
          assert.deepEqual(await look(), was, `${of.name} is as it was`);
        }
      });
    }

    for (const op of allOperations.filter((one) => isList(one) && !one.path.includes("{"))) {
      it(`${op.operationId} lists its own and those below it alone, whatever it is asked for`, async () => {
        const idOf = (row: Record<string, unknown>) => row["radacctid"] ?? row["id"];
        for (const of of neighbours) {
          const planted = await planter.plant(op, of);
          await assertShut(op, op.path, undefined);
          for (const name of Object.keys(op.query?.properties ?? {})) {
            const filter = filters[name];
            assert.ok(filter, `${op.operationId}: say in this file, in "filters", what ${name} is given of a neighbour's record.`);
            const value = filter === "names nothing" ? undefined : filter(of, planted);
            if (value === undefined || of.isSeen) continue;
            const answer = await asking(op, `${op.path}?${name}=${encodeURIComponent(value)}`, undefined);
            assert.deepEqual(
              [answer.status, answer.body.count, answer.body.results],
              [200, 0, []],
              `${name} of ${of.name}: ${JSON.stringify(answer.body)}`,
            );
          }
          const ids: unknown[] = [];
          let count = 0;
          for (let offset = 0; offset === 0 || offset < count; offset += 100) {
            const { body } = await asking(op, `${op.path}?limit=100&offset=${offset}`, undefined);
            ids.push(...body.results.map(idOf));
            count = body.count;
          }
          assert.equal(count, ids.length, "the count tells of no others");
          assert.equal(ids.includes(planted.params["id"] ?? planted.params["radacctid"]), of.isSeen, of.name);
        }
      });
    }

    for (const op of allOperations.filter((one) => !one.path.includes("{") && !isList(one))) {
      it(`${op.operationId} takes what is its own or below it, and knows of no others`, async () => {
        if (namesNothing.has(op.operationId)) {
          await assertShut(op, op.path, undefined);
          assert.equal((await asking(op, op.path, undefined)).body.id, own.id);
          return;
        }
        const bodyCase = bodies[op.operationId];
        assert.ok(
          bodyCase,
          `${op.operationId}: say in test/support/neighbour-bodies.ts, in "bodies", how its body names something of a neighbour.`,
        );
        for (const of of neighbours) {
          const planted = await planter.plant({ ...op, tag: bodyCase.tag }, of);
          const body = bodyCase.body(of, planted, planter.nextText(own).text);
          await assertShut(op, op.path, body);
          const answer = await asking(op, op.path, body);
          const isKnown = of.isSeen && op.operationId !== "device_app_user_authenticate_create";
          const wanted: number = (of === own && ownRefusals[op.operationId]) || (isKnown ? op.success.status : bodyCase.unseen);
          assert.equal(answer.status, wanted, `${of.name}: ${JSON.stringify(answer.body)}`);
          if (wanted >= 400) assertProblem(answer, wanted, op);
        }
      });
    }

    for (const [operationId, cases] of Object.entries(moreBodies)) {
      const op = creates.get(operationId)!;
      it(`${operationId} knows of no others by what else its body names`, async () => {
        for (const of of neighbours) {
          for (const bodyCase of cases) {
            const planted = await planter.plant({ ...op, tag: bodyCase.tag }, of);
            const subject = op.tag === "organization" ? { params: { id: own.id }, username: "", of: {} } : await planter.plant(op, own);
            const path = op.path.includes("{") ? pathTo(op, subject) : op.path;
            const body = bodyCase.body(of, planted, planter.nextText(own).text);
            const answer = await asking(op, path, body);
            const wanted = isKnownTo(of, bodyCase) ? (bodyCase.known?.(of, own) ?? op.success.status) : bodyCase.unseen;
            assert.equal(answer.status, wanted, `${of.name}: ${JSON.stringify([body, answer.body])}`);
            if (wanted >= 400) assertProblem(answer, wanted, op);
          }
        }
        assert.equal((await world.patch(`/organization/${own.id}/`, { login_rules: [] })).status, 200);
      });
    }

    it("a suspended organization is 403 for everything of everybody", async () => {
      const planted = new Map<string, Planted>();
      for (const of of neighbours)
        for (const op of allOperations) {
          if (op.path.includes("{") && !planted.has(`${op.tag} ${of.name}`))
            planted.set(`${op.tag} ${of.name}`, await planter.plant(op, of));
        }
      assert.equal((await world.patch(`/organization/${own.id}/`, { is_active: false })).status, 200);
      for (const op of allOperations.filter((one) => !one.whileSuspended)) {
        for (const of of neighbours) {
          const path = op.path.includes("{") ? pathTo(op, planted.get(`${op.tag} ${of.name}`)!) : op.path;
          const answer = await asking(op, path, op.body ? leastBody(op) : undefined);
          assertProblem(answer, 403, op);
          assert.equal(answer.body.code, "organization.suspended", `${op.operationId} of ${of.name}`);
        }
      }
    });
  });
}
