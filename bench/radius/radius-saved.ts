import { join } from "node:path";
import { readResults, resultsFolder, writeResults } from "../saved-results.ts";
import type { RadiusResult } from "./radius-results.ts";

const folder = join(resultsFolder, "radius");

/** The committed results of the RADIUS door. */
export const readSavedRadius = (from = folder): Promise<RadiusResult[]> => readResults<RadiusResult>(from);

/** Writes each result to the file of its database. */
export const saveRadius = (results: readonly RadiusResult[], to = folder): Promise<void> => writeResults(results, to);
