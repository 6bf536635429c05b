import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../generated/generated-files.ts";

/** A commit's message in its two parts. */
export interface CommitMessage {
  readonly subject: string;
  readonly body: string;
}

const maxSubject = 72;
/** The file that brings the rule: what was committed before it is as it is. */
const rule = "packages/server/test/house/commit-rules.ts";

/** Whether this is a checkout whose history can be read; an unpacked archive has none. */
export const hasHistory = (): boolean => existsSync(join(repositoryRoot, ".git"));

const git = (...args: string[]): string => execFileSync("git", args, { cwd: repositoryRoot, encoding: "utf8" });

/** The messages of all commits since the one that brought the rule, merges aside. */
export const messagesSinceTheRule = (): CommitMessage[] => {
  const first = git("log", "--diff-filter=A", "--format=%H", "--", rule).trim().split("\n").at(-1)!;
  if (first === "") return [];
  return git("log", "--no-merges", "--format=%s%x1f%b%x1e", `${first}..HEAD`)
    .split("\x1e")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [subject = "", body = ""] = entry.split("\x1f");
      return { subject, body };
    });
};

/** Messages with a long subject, or without a body that says why. */
export const faultyMessages = (messages: readonly CommitMessage[]): string[] =>
  messages.flatMap(({ subject, body }) => [
    ...([...subject].length > maxSubject ? [`"${subject}" has ${[...subject].length} characters; ${maxSubject} are the most`] : []),
    ...(body.trim() === "" ? [`"${subject}" has no body that says why`] : []),
  ]);
