import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface EapLogin {
  readonly method: "PEAP" | "TTLS";
  /** How the password is shown inside of the tunnel. */
  readonly inner: "MSCHAPV2" | "PAP" | "CHAP" | "EAP-MSCHAPV2";
  readonly identity: string;
  readonly password: string;
}

export interface EapReport {
  readonly outcome: "accept" | "reject" | "silence";
  /** The last answer's attributes by number, in order; values as eapol_test prints them, which it does for what it knows. */
  readonly attributes: readonly (readonly [number: number, value: string | undefined])[];
  /** Whether the device and the equipment were given the same keys. */
  readonly hasKeys: boolean;
  readonly output: string;
}

const phase2 = { MSCHAPV2: "auth=MSCHAPV2", PAP: "auth=PAP", CHAP: "auth=CHAP", "EAP-MSCHAPV2": "autheap=MSCHAPV2" };

/** A text as octets: the configuration takes nothing but ASCII between quotes. */
const octets = (text: string): string => Buffer.from(text).toString("hex");

/** Logs a device in by Debian's eapol_test, which plays the device and the equipment; outside it is `anonymous`. */
export const runEapol = async (
  { port, secret, station }: { readonly port: number; readonly secret: string; readonly station: string },
  { method, inner, identity, password }: EapLogin,
): Promise<EapReport> => {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-eapol-"));
  const file = join(home, "network.conf");
  await writeFile(
    file,
    `network={
  key_mgmt=WPA-EAP
  eap=${method}
  identity=${octets(identity)}
  anonymous_identity="anonymous"
  password=P"${[...Buffer.from(password)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"
  phase2="${method === "PEAP" ? "auth=MSCHAPV2" : phase2[inner]}"
}
`,
  );
  const args = ["-c", file, "-a", "127.0.0.1", "-p", String(port), "-s", secret, "-t", "12", "-M", station];
  const { stdout } = await run("eapol_test", args, { maxBuffer: 32 << 20 }).catch((error: { stdout: string }) => error);
  await rm(home, { recursive: true, force: true });
  const [, last] = /^[\s\S]*Received RADIUS message\n([\s\S]*)$/.exec(stdout) ?? [];
  const code = /RADIUS message: code=(\d+)/.exec(last ?? "")?.[1];
  const found = (last ?? "").matchAll(/^ +Attribute (\d+) \([^)]*\) length=\d+(?:\n +Value: (.*))?$/gm);
  return {
    outcome: code === "2" ? "accept" : code === "3" ? "reject" : "silence",
    attributes: [...found].map(([, number, value]) => [Number(number), value] as const),
    hasKeys: /MPPE keys OK: 1 {2}mismatch: 0/.test(stdout),
    output: stdout,
  };
};
