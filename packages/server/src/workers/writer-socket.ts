import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A socket's path has about a hundred octets in every system; longer ones are cut off or refused. */
const maxPath = 100;

/** A path for the socket of this primary's writer: in the data directory, or below the temporary one where that is too long. */
export const chooseWriterSocket = (dataDir: string): { readonly path: string; remove(): void } => {
  const name = `writer-${process.pid}.sock`;
  const path = join(dataDir, name);
  if (Buffer.byteLength(path) <= maxPath) return { path, remove: () => rmSync(path, { force: true }) };
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-"));
  return { path: join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
};
