import { execFile, execFileSync } from "node:child_process";

/** What radclient says of one exchange. */
export interface RadclientReport {
  /** The answer's code; undefined for silence. */
  readonly code: number | undefined;
  /** Attributes as radclient prints them: texts without their quotes. */
  readonly attributes: readonly (readonly [name: string, text: string])[];
  readonly output: string;
}

export interface RadclientRequest {
  readonly port: number;
  readonly command: "auth" | "acct" | "status" | "disconnect" | "coa";
  readonly secret: string;
  readonly attributes: readonly (readonly [name: string, text: string])[];
  /** How long silence is waited for; 1 where it is left out. */
  readonly patienceSeconds?: number;
}

const codes: Readonly<Record<string, number>> = {
  "Access-Accept": 2,
  "Access-Reject": 3,
  "Accounting-Response": 5,
  "Access-Challenge": 11,
};

/** A text as radclient's input wants it: bare where it is a number, an address or octets, else quoted. */
const written = (text: string): string => (/^(?:0x[0-9a-f]*|[0-9a-fA-F:./-]+)$/.test(text) ? text : JSON.stringify(text));

const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/g, "$1") : text);

/** Runs radclient once, without retransmissions. */
export const runRadclient = ({ port, command, secret, attributes, patienceSeconds = 1 }: RadclientRequest): Promise<RadclientReport> =>
  new Promise((resolve) => {
    const child = execFile(
      "radclient",
      ["-x", "-t", String(patienceSeconds), "-r", "1", `127.0.0.1:${port}`, command, secret],
      { env: { ...process.env, LC_ALL: "C.UTF-8" } },
      (_error, stdout, stderr) => {
        const [, code, listed] = /^Received (\S+) .*\n((?:\t.*\n?)*)/m.exec(stdout) ?? [];
        resolve({
          code: code === undefined ? undefined : (codes[code] ?? 0),
          attributes: [...(listed ?? "").matchAll(/^\t(\S+) = (.*)$/gm)].map(([, name, text]) => [name!, unquoted(text!)]),
          output: stdout + stderr,
        });
      },
    );
    child.stdin!.end(`${attributes.map(([name, text]) => `${name} = ${written(text)}`).join("\n")}\n`);
  });

/** Whether radclient signs every Access-Request by itself, as it does from 3.2.5 on. */
export const radclientSignsItself = (): boolean => {
  const [, major, minor, patch] = /version (\d+)\.(\d+)\.(\d+)/.exec(execFileSync("radclient", ["-v"], { encoding: "utf8" })) ?? [];
  return Number(major) * 1e4 + Number(minor) * 100 + Number(patch) >= 30205;
};
