import assert from "node:assert/strict";
import type { Operation } from "@gatehouse-aaa/contract";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { ask, makeClient, report } from "./network.ts";
import { grantAddresses, makeTenant, type Tenant } from "./tenants.ts";
import type { Answer, World } from "./world.ts";

/** How an organization stands to that of the token. */
export type Relation = "own" | "child" | "parent" | "sibling" | "foreign";

/** An organization of the matrix. */
export interface Neighbour extends Tenant {
  readonly relation: Relation;
  /** Also the slug, and the beginning of each marker. */
  readonly name: string;
  /** Whether the token may know that it is there. */
  readonly isSeen: boolean;
}

/** A record whose every text holds a marker of its organization that nothing else holds. */
export interface Planted {
  /** What fills the parameters of its path. */
  readonly params: Readonly<Record<string, string | number>>;
  readonly username: string;
  /** The rest of what requests may name. */
  readonly of: Readonly<Record<string, string | number>>;
}

/**
 * The organizations around one: a parent with usernames of its own, a child in the same namespace and one with its own, two
 * such siblings, and a stranger. With `ownUsernames` the organization of the token opens a namespace, too.
 */
export const makeNeighbours = async (world: World, ownUsernames: boolean): Promise<readonly Neighbour[]> => {
  const made: Neighbour[] = [];
  const make = async (relation: Relation, name: string, above: Neighbour | undefined, own_usernames: boolean): Promise<Neighbour> => {
    const marker = `zq${name}z0f`;
    const fields = { name: marker, description: marker, ...(above ? { parent: above.id } : {}) };
    const tenant = await makeTenant(world, name, { own_usernames, ...fields });
    const isSeen = relation === "own" || relation === "child";
    const neighbour: Neighbour = Object.assign(tenant, { relation, name, isSeen });
    made.push(neighbour);
    return neighbour;
  };
  const parent = await make("parent", "parent", undefined, true);
  const own = await make("own", "own", parent, ownUsernames);
  await make("child", "childnear", own, false);
  await make("child", "childapart", own, true);
  await make("sibling", "siblingnear", parent, false);
  await make("sibling", "siblingapart", parent, true);
  await make("foreign", "foreign", undefined, true);
  return made;
};

const marked = /zq([a-z]+)z\d+[fu]/g;

/** Fails where an answer holds a marker of an organization that its token does not see, unless the request itself said it. */
export const assertNothingOfOthers = (neighbours: readonly Neighbour[], said: string, answer: Answer, where: string): void => {
  const unseen = new Set(neighbours.filter(({ isSeen }) => !isSeen).map(({ name }) => name));
  const text = JSON.stringify([answer.headers, answer.body]);
  for (const [marker, name] of text.matchAll(marked)) {
    assert.ok(!unseen.has(name!) || said.includes(marker), `${where} tells of ${name}: ${text}`);
  }
};

/** What a body's plain texts become; what has a format or a closed list keeps its example. */
const markedTexts = (op: Operation, marker: string): Record<string, unknown> => {
  const { properties = {} } = op.body as { properties?: Record<string, Record<string, unknown>> };
  const isText = (schema: Record<string, unknown>) =>
    [schema["type"]].flat().includes("string") && !schema["format"] && !schema["enum"] && ![schema["type"]].flat().includes("integer");
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, schema]) => isText(schema) && name !== "password" && name !== "secret")
      .map(([name]) => [name, marker])
      .concat(
        Object.entries(properties).flatMap(([name, { format }]) =>
          markedFormats[String(format)] ? [[name, markedFormats[String(format)]!(marker)]] : [],
        ),
      ),
  );
};

/** Texts of a format that can hold a marker. */
const markedFormats: Readonly<Record<string, (marker: string) => string>> = {
  email: (marker) => `${marker}@example.net`,
  url: (marker) => `https://${marker}.example.net/${marker}`,
};

/** Makes records of each kind in the organizations of a world; `operations` are those that create them. */
export const createPlanter = (world: World, creates: ReadonlyMap<string, Operation>) => {
  let made = 0;
  const clients = new Map<number, AaaClient>();

  const next = ({ name }: Neighbour) => {
    made += 1;
    return { text: `zq${name}z${made}f`, username: `zq${name}z${made}u`, number: made };
  };
  const create = async (operationId: string, text: string, fields: object): Promise<Answer["body"]> => {
    const op = creates.get(operationId) ?? assert.fail(`There is no operation ${operationId}.`);
    const answer = await world.post(op.path, { ...markedTexts(op, text), ...fields });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const account = async (of: Neighbour) => {
    const { text, username } = next(of);
    const user = await create("user_token_create", text, { username, organization: of.id, user_time: 3_600 });
    return { id: user.id as number, username };
  };
  const client = async (of: Neighbour): Promise<AaaClient> => {
    const { text } = next(of);
    return makeClient(world, of.id, { short_name: text, nas_identifier: text, description: text, secret: `${text} of the equipment` });
  };
  /** One for all that is asked through it. */
  const asking = async (of: Neighbour): Promise<AaaClient> => {
    const known = clients.get(of.id) ?? (await client(of));
    clients.set(of.id, known);
    return known;
  };
  const extra = async (of: Neighbour) => {
    const { id: parent, username } = await account(of);
    const { text } = next(of);
    const device_info = { assigned_devices: [{ device_id: text, model: text, serial_number: text }] };
    const record = await create("user_extra_create", text, {
      parent,
      device_info,
      custom_fields: { note: text },
      preferences: { note: text },
    });
    return { id: record.id as number, parent, username, identifier: text };
  };
  const plantedAs = (id: number, username = "", of: Planted["of"] = {}): Planted => ({
    params: { id, radacctid: id, username },
    username,
    of,
  });

  /** By the tag of the operations that ask for it. */
  const kinds: Record<string, (of: Neighbour) => Promise<Planted>> = {
    async user(of) {
      const { id, username } = await account(of);
      return plantedAs(id, username);
    },
    user_token: (of) => kinds["user"]!(of),
    async user_extra(of) {
      const { id, parent, username } = await extra(of);
      return plantedAs(id, username, { parent });
    },
    async device(of) {
      const { username, parent, identifier } = await extra(of);
      const { body } = await world.get(`/device/?user=${parent}`);
      return plantedAs(body.results[0].id, username, { user: parent, identifier });
    },
    async organization(of) {
      const { text, number } = next(of);
      const record = await create("organization_create", text, { slug: `${of.name}-${number}`, parent: of.id });
      return plantedAs(record.id);
    },
    async api_token(of) {
      const { text } = next(of);
      return plantedAs((await create("api_token_create", text, { organization: of.id, scopes: ["user:read"] })).id);
    },
    async aaa_profile(of) {
      const { text } = next(of);
      const reply = [{ attribute: "Reply-Message", op: ":=", value: text }];
      const record = await create("aaa_profile_create", text, { short_name: text, organization: of.id, reply });
      return plantedAs(record.id, "", { short_name: text });
    },
    async address_grant(of) {
      const { text, number } = next(of);
      const network = `10.${(number >> 8) & 255}.${number & 255}.0/24`;
      return plantedAs(await grantAddresses(world, of.id, network, { description: text }), "", { network });
    },
    async aaa_client(of) {
      const made = await client(of);
      const { body } = await world.get(`/aaa_client/${made.id}/`);
      return plantedAs(made.id, "", { client: made.id, address: body.address, short_name: body.short_name });
    },
    async access_decision(of) {
      const { text, username } = next(of);
      const through = await asking(of);
      const { decisionId } = await ask(world, through, { userName: username, device: text });
      await world.app.flush();
      return plantedAs(decisionId, username, { client: through.id });
    },
    async aaa_accounting(of) {
      const { id: user, username } = await account(of);
      const { text } = next(of);
      const through = await asking(of);
      await report(world, through, "Start", { id: text, userName: username, device: text });
      const { body } = await world.get(`/aaa_accounting/?user=${user}`);
      return plantedAs(body.results[0].radacctid, username, { client: through.id, user });
    },
    async radius(of) {
      const planted = await kinds["aaa_client"]!(of);
      return { ...planted, params: { address: planted.of["address"]! } };
    },
  };

  return {
    /** Makes one; fails where nobody has said how. */
    plant: (op: Operation, of: Neighbour): Promise<Planted> => {
      const make = kinds[op.tag];
      assert.ok(
        make,
        `${op.operationId}: say in test/support/neighbour-world.ts, in "kinds", how a ${op.tag} of an organization comes to be.`,
      );
      return make(of);
    },
    nextText: (of: Neighbour) => next(of),
    markedTexts,
  };
};
