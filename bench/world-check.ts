import assert from "node:assert/strict";
import { basePath } from "@gatehouse-aaa/contract";
import { countUsers, organizations, plannedOrganization, plannedUser } from "./data-set.ts";

type Body = Record<string, unknown> & { readonly count: number; readonly results: readonly Record<string, unknown>[]; readonly id: number };

/**
 * Asks a served data set for what it must hold: counts, a page, an account, an extra record with its device, a search,
 * and that a new account gets a new id. Throws an AssertionError that says what is wrong: then nothing may be measured.
 */
export const checkWorld = async (address: string, token: string, users: number): Promise<void> => {
  const ask = async (path: string, init: RequestInit = {}): Promise<Body> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${address}${basePath}${path}`, { ...init, headers });
    const text = await response.text();
    assert.ok(response.ok, `the data set: ${path} was answered ${response.status}: ${text}`);
    return text === "" ? ({} as Body) : (JSON.parse(text) as Body);
  };
  const is = (given: unknown, expected: unknown, what: string) => assert.deepEqual(given, expected, `the data set is wrong: ${what}`);

  is((await ask("/user_token/?limit=1")).count, users, "the count of all accounts");
  is((await ask("/user_extra/?limit=1")).count, users, "the count of all extra records");
  const inactive = await ask("/user/?limit=1&is_active=false");
  is(
    inactive.count,
    countUsers(users, (user) => !user.isActive),
    "the count of inactive accounts",
  );
  const devices = await ask("/device/?limit=1");
  is(
    devices.count,
    countUsers(users, (user) => user.hasDevice),
    "the count of devices",
  );

  const place = organizations - 7;
  const page = await ask(`/user_token/?limit=3&organization=${plannedOrganization(place).id}`);
  const expected = [0, 1, 2].map((row) => plannedUser(place + row * organizations));
  is(
    page.count,
    countUsers(users, (user) => user.organization.id === plannedOrganization(place).id),
    "the count of an organization",
  );
  is(
    page.results.map(({ id, username }) => [id, username]),
    expected.map(({ id, username }) => [id, username]),
    "the page of an organization",
  );

  const rowWithDevices = Math.floor(users / organizations / 10 - 1) * 10 + 3;
  const owner = plannedUser(rowWithDevices * organizations + 17);
  const account = await ask(`/user_token/${owner.id}/?balance=true`);
  is([account["username"], account["user_time"]], [owner.username, owner.seconds], "the balance of an account");
  is((await ask(`/user/username/${owner.username}/`)).id, owner.id, "the account of a username");
  is(
    (await ask(`/user/?limit=2&username=${owner.username.slice(1)}`)).results.map(({ id }) => id),
    [owner.id],
    "the part of a username",
  );
  const [extra] = (await ask(`/user_extra/?parent=${owner.id}&device_info=true`)).results;
  is(extra?.["city"], owner.city, "the extra record of an account");
  is((extra?.["device_info"] as { device_count?: number } | undefined)?.device_count, owner.hasDevice ? 1 : 0, "the devices of an account");
  assert.ok(owner.hasDevice, "the check must look at an account with a device");

  const made = await ask("/user_token/", { method: "POST", body: JSON.stringify({ username: "made.by.the.check", user_time: 1 }) });
  assert.ok(made.id > users, `the data set is wrong: a new account got the id ${made.id}`);
  is((await ask("/user_token/?limit=1")).count, users + 1, "the count after a new account");
  await ask(`/user_token/${made.id}/`, { method: "DELETE" });
};
