import { InvalidConfiguration } from "../config/settings.ts";
import { DomainError } from "../kernel/errors.ts";
import { KeyRefused } from "../modules/foundation/keys/index.ts";
import { InstallationRefused } from "../startup/data-directory.ts";
import { DatabaseUnavailable } from "../storage/database.ts";
import { NewerSchema } from "../storage/migrator.ts";
import { WorkerFailed } from "../workers/supervisor.ts";
import { CommandRefused } from "./command-refused.ts";

const expected = [
  CommandRefused,
  InstallationRefused,
  InvalidConfiguration,
  DomainError,
  KeyRefused,
  DatabaseUnavailable,
  NewerSchema,
  WorkerFailed,
];

/** What a person reads when a command fails: the sentence of a known failure, the stack of an unknown one. */
export const explainFailure = (error: unknown): string => {
  if (expected.some((kind) => error instanceof kind)) return `gatehouse: ${(error as Error).message}`;
  const sentence = listenSentence(error) ?? fileSentence(error);
  if (sentence !== undefined) return `gatehouse: ${sentence}`;
  return `gatehouse: unexpected failure\n${error instanceof Error ? error.stack : String(error)}`;
};

/** Why nothing can listen where the configuration says. */
const listenSentence = (error: unknown): string | undefined => {
  const { code, syscall, address, port, hostname } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    hostname?: string;
  };
  if (code === "EADDRINUSE") {
    return `Port ${port} of ${address} is in use. Stop what listens there, or set GATEHOUSE_PORT to another one (0 takes any free port).`;
  }
  if (syscall === "listen" && (code === "EACCES" || code === "EPERM")) {
    return `This user may not listen on port ${port}. Set GATEHOUSE_PORT to one above 1023, or give the right to it (on Linux: CAP_NET_BIND_SERVICE).`;
  }
  if (syscall === "listen" && code === "EAFNOSUPPORT") {
    return `GATEHOUSE_HOST names ${address}, and the kernel of this machine has no IPv6. Take an IPv4 address, or 0.0.0.0 for all.`;
  }
  if (syscall === "getaddrinfo" || code === "EADDRNOTAVAIL" || (syscall === "listen" && code === "EINVAL")) {
    return `GATEHOUSE_HOST names ${hostname ?? address}, which is no address of this machine. Take one of its own (a link-local one with its zone, as fe80::1%eth0), or 0.0.0.0 for all.`;
  }
  return undefined;
};

/** Why a file cannot be read or written. */
const fileSentence = (error: unknown): string | undefined => {
  const { code, path } = error as NodeJS.ErrnoException;
  if (path === undefined || code === undefined || !/^(?:EACCES|EPERM|EROFS|ENOENT|ENOTDIR|ENOSPC|EDQUOT|EISDIR|EMFILE)$/.test(code))
    return undefined;
  return `${(error as Error).message}. Check that GATEHOUSE_DATA_DIR is a directory that this user may read and write, and that its disk has room.`;
};
