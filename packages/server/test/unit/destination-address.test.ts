import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readConfig } from "../../src/config/settings.ts";
import { destinationFault } from "../../src/radius/dynamic-authorization/destination-address.ts";
import { createDynamicAuthorizationClient } from "../../src/radius/dynamic-authorization/dynamic-authorization-client.ts";

const loopback = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"];
const linkLocal = ["169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1"];
const never = ["224.0.0.1", "239.1.1.1", "ff02::1", "255.255.255.255", "0.0.0.0", "0.1.2.3", "::", "no address"];
const always = ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fec0::1", "128.0.0.1", "169.255.0.1"];

describe("where CoA-Requests and Disconnect-Requests go", () => {
  const goes = (address: string, local: "none" | "loopback" | "all") => destinationFault(address, local) === undefined;

  it("loopback and link-local as the setting says, and never to what is no equipment", () => {
    for (const local of ["none", "loopback", "all"] as const) {
      for (const address of always) assert.ok(goes(address, local), address);
      for (const address of never) assert.ok(!goes(address, local), address);
      for (const address of loopback) assert.equal(goes(address, local), local !== "none", address);
      for (const address of linkLocal) assert.equal(goes(address, local), local === "all", address);
    }
  });

  it("loopback without a setting only where Gatehouse itself listens there", () => {
    const local = (environment: Record<string, string>) => readConfig(environment).coaLocal;
    assert.equal(local({}), "loopback");
    assert.equal(local({ GATEHOUSE_HOST: "0.0.0.0" }), "none");
    assert.equal(local({ GATEHOUSE_HOST: "0.0.0.0", GATEHOUSE_COA_LOCAL: "always" }), "all");
    assert.equal(local({ GATEHOUSE_COA_LOCAL: "never" }), "none");
    assert.throws(() => readConfig({ GATEHOUSE_COA_LOCAL: "yes" }), /GATEHOUSE_COA_LOCAL/);
  });

  it("refuses before anything is sent, and says which setting decides", async () => {
    const client = createDynamicAuthorizationClient({ clock: { nowMs: () => 0 }, localDestinations: "none" });
    const request = { kind: "disconnect", port: 3799, secret: "s", session: [{ name: "User-Name", value: "x" }] } as const;
    const outcome = await client.send({ ...request, address: "127.0.0.1" });
    assert.deepEqual(outcome, {
      kind: "unsendable",
      fault: "Nothing is sent to a loopback address unless GATEHOUSE_COA_LOCAL says so.",
    });
    client.close();
  });
});
