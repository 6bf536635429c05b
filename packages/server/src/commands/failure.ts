import { InvalidConfiguration } from "../config/settings.ts";
import { DomainError } from "../kernel/errors.ts";
import { KeyRefused } from "../modules/foundation/keys/index.ts";
import { DatabaseUnavailable } from "../storage/database.ts";
import { NewerSchema } from "../storage/migrator.ts";
import { WorkerFailed } from "../workers/supervisor.ts";

/** A command cannot do what was asked; the message says what to do instead. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
}

const expected = [CommandRefused, InvalidConfiguration, DomainError, KeyRefused, DatabaseUnavailable, NewerSchema, WorkerFailed];

/** What a person reads when a command fails: the sentence of a known failure, the stack of an unknown one. */
export const explainFailure = (error: unknown): string => {
  if (expected.some((kind) => error instanceof kind)) return `gatehouse: ${(error as Error).message}`;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return "gatehouse: The port is in use. Stop what listens there, or set GATEHOUSE_PORT to another one (0 takes any free port).";
  }
  if (error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM")) {
    return `gatehouse: ${error.message}. Check who owns GATEHOUSE_DATA_DIR and whether the port may be used.`;
  }
  return `gatehouse: unexpected failure\n${error instanceof Error ? error.stack : String(error)}`;
};
