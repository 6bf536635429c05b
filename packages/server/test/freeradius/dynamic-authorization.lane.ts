import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createDynamicAuthorizationClient } from "../../src/radius/dynamic-authorization/dynamic-authorization-client.ts";
import { freeUdpPort } from "../support/free-udp-port.ts";

const secret = "s3cret of the café";

/** A FreeRADIUS that plays the equipment: it knows one session, and takes one change. */
const configuration = (directory: string, port: number): string => `
prefix = ${directory}
logdir = ${directory}
run_dir = ${directory}
libdir = /usr/lib/freeradius
max_requests = 1024
security { allow_core_dumps = no }
client gatehouse {
  ipaddr = 127.0.0.1
  secret = "${secret}"
}
listen {
  type = coa
  ipaddr = 127.0.0.1
  port = ${port}
  virtual_server = equipment
}
modules {
  always ok { rcode = ok }
  always reject { rcode = reject }
}
server equipment {
  recv-coa {
    if (&Acct-Session-Id != "80a00001") {
      update reply {
        &Error-Cause := Session-Context-Not-Found
      }
      reject
    }
    elsif (&Packet-Type == CoA-Request && &Session-Timeout != 1200) {
      update reply {
        &Error-Cause := Invalid-Attribute-Value
      }
      reject
    }
    ok
  }
  send-coa {
    ok
  }
}
`;

describe("CoA-Requests and Disconnect-Requests to a FreeRADIUS", () => {
  let directory: string;
  let server: ChildProcess;
  let port: number;
  let output = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-coa-"));
    port = await freeUdpPort();
    await writeFile(join(directory, "radiusd.conf"), configuration(directory, port));
    const program = execFileSync("sh", ["-c", "command -v freeradius radiusd /usr/sbin/freeradius | head -1"], { encoding: "utf8" }).trim();
    server = spawn(program, ["-X", "-d", directory, "-D", "/usr/share/freeradius"], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [server.stdout!, server.stderr!]) stream.on("data", (chunk) => (output += chunk));
    while (!output.includes("Ready to process requests")) {
      assert.equal(server.exitCode, null, output);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  after(async () => {
    if (server.exitCode === null) {
      server.kill();
      await once(server, "exit");
    }
    await rm(directory, { recursive: true, force: true });
  });

  const client = createDynamicAuthorizationClient({ localDestinations: "loopback", clock: { nowMs: () => Date.now() } });
  after(() => client.close());
  const about = (id: string) => ({
    address: "127.0.0.1",
    port,
    secret: Buffer.from(secret),
    session: [{ name: "Acct-Session-Id", value: id }],
  });
  const disconnect = (id: string) => client.send({ kind: "disconnect", ...about(id) });
  const change = (id: string, timeout: string) =>
    client.send({ kind: "coa", ...about(id), changes: [{ name: "Session-Timeout", value: timeout }] });

  it("end a session that it knows", async () => assert.deepEqual(await disconnect("80a00001"), { kind: "Disconnect-ACK" }, output));
  it("hear that it knows no other", async () =>
    assert.deepEqual(await disconnect("80a00002"), { kind: "Disconnect-NAK", errorCause: 503 }, output));
  it("change a session", async () => assert.deepEqual(await change("80a00001", "1200"), { kind: "CoA-ACK" }, output));
  it("hear why a change is refused", async () =>
    assert.deepEqual(await change("80a00001", "60"), { kind: "CoA-NAK", errorCause: 407 }, output));
});
