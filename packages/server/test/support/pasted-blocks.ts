import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { machine } from "./program.ts";

const checkout = join(import.meta.dirname, "../../../..");

/** Whether a program is on the PATH. */
export const isInstalled = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

/** A block of a page that a reader pastes, with what the page says that it shows. */
export interface PastedBlock {
  /** Its line in the page. */
  readonly line: number;
  readonly text: string;
  readonly shows: readonly string[];
}

const fenced = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The `console` blocks of a page of the checkout, each with the `text` block that follows it. */
export const blocksOf = async (page: string): Promise<PastedBlock[]> => {
  const source = await readFile(join(checkout, page), "utf8");
  const blocks: PastedBlock[] = [];
  for (const [, language, text] of source.matchAll(fenced)) {
    const line = source.slice(0, source.indexOf(text!)).split("\n").length;
    if (language === "console") blocks.push({ line, text: text!, shows: [] });
    else if (language === "text") blocks.push({ ...blocks.pop()!, shows: text!.trimEnd().split("\n") });
  }
  return blocks;
};

/** What was said while a block ran. */
export interface Said {
  readonly block: PastedBlock;
  readonly output: string;
}

/**
 * Pastes blocks into one bash that knows no setting of ours but those given, in a directory that has nothing but the
 * installed packages. `instead` changes ports, which others may have on this machine. Gives what each block said.
 */
export const pasteInto = async (
  blocks: readonly PastedBlock[],
  { environment, instead }: { environment: Record<string, string>; instead: Readonly<Record<string, string>> },
): Promise<{ said: Said[]; files: Record<string, string>; code: number | null }> => {
  const changed = (text: string) => Object.entries(instead).reduce((so, [from, to]) => so.replaceAll(from, to), text);
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-pasted-"));
  try {
    await symlink(join(checkout, "node_modules"), join(directory, "node_modules"));
    const output = await open(join(directory, "said"), "a");
    const bash = spawn("bash", ["--noprofile", "--norc"], {
      cwd: directory,
      env: { ...machine(), ...environment },
      stdio: ["pipe", output.fd, output.fd],
    });
    const ended = once(bash, "close");
    const pasted = blocks.map((block) => ({ ...block, text: changed(block.text), shows: block.shows.map(changed) }));
    for (const [index, { text }] of pasted.entries()) bash.stdin!.write(`echo; echo "@@ ${index}"\n${text}`);
    bash.stdin!.end("echo; echo '@@ end'\n");
    const [code] = (await ended) as [number | null];
    await output.close();
    const whole = await readFile(join(directory, "said"), "utf8");
    const parts = whole.split(/^@@ (?:\d+|end)\n/m);
    assert.equal(parts.length, pasted.length + 2, `bash came to its end:\n${whole}`);
    const said = pasted.map((block, index) => ({ block, output: parts[index + 1]! }));
    const files: Record<string, string> = {};
    for (const name of ["gatehouse.log", "nas.log"]) files[name] = await readFile(join(directory, name), "utf8").catch(() => "");
    return { said, files, code };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a line was said as the page shows it: `...` stands for anything, and of seconds that are left some may have passed. */
const isSaid = (shown: string, line: string): boolean => {
  const pattern = escaped(shown)
    .replaceAll(/ ?\\\.\\\.\\\. ?/g, ".*")
    .replace(/(Session-Timeout = )\d+/, "$1(\\d+)");
  const match = new RegExp(`^${pattern}$`).exec(line);
  const wanted = /Session-Timeout = (\d+)/.exec(shown);
  if (!match || !wanted) return match !== null;
  const ratio = Number(match[1]) / Number(wanted[1]);
  return ratio > 0.5 && ratio < 1.5;
};

/** Fails where a block did not say the lines that the page shows, in their order. */
export const requireShown = ({ block, output }: Said): void => {
  const lines = output.split("\n");
  let at = 0;
  for (const shown of block.shows) {
    const found = lines.findIndex((line, index) => index >= at && isSaid(shown, line));
    assert.notEqual(found, -1, `the block of line ${block.line} did not show "${shown}" but:\n${output}`);
    at = found + 1;
  }
};
