import assert from "node:assert/strict";
import type { Answer } from "./world.ts";

/** Checks the status, and that the body shows these values; it may show more keys. */
export const shows = (answer: Answer, status: number, values: Record<string, unknown> = {}): void => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  for (const [field, value] of Object.entries(values)) {
    assert.ok(field in answer.body, `${field} is missing: ${JSON.stringify(answer.body)}`);
    assert.deepEqual(answer.body[field], value, field);
  }
};

/** Checks that a request was refused for these fields and no others. */
export const names = (answer: Answer, ...fields: string[]): void => {
  assert.equal(answer.status, 400, JSON.stringify(answer.body));
  assert.deepEqual(Object.keys(answer.body.errors).sort(), fields.sort());
};
