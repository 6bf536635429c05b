import type { IncomingMessage } from "node:http";
import { setImmediate as nextTick } from "node:timers/promises";
import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { parse as parseJson } from "secure-json-parse";
import { DomainError, Faults, invalidField } from "../kernel/errors.ts";
import { type BodyReader, type JsonScan, scanned } from "./body-reader.ts";
import { changedNumbers, mayChange, withChangedAsStrings } from "./exact-numbers.ts";
import { createLargeBodyTicks, largeBytes } from "./large-bodies.ts";

/** JSON for bodies, merge patches for PATCH; DELETE ignores type and body; anything else is refused before it is read. */
export const registerBodyParsers = (api: FastifyInstance, reader: BodyReader): void => {
  const ticks = createLargeBodyTicks();
  api.removeAllContentTypeParsers();
  for (const type of ["application/json", "application/merge-patch+json"]) {
    api.addContentTypeParser(type, async (request: FastifyRequest, payload: IncomingMessage) => {
      if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
        throw new DomainError("body.unsupported_type", "Send the body without Content-Encoding.");
      }
      const isMergePatch = type === "application/merge-patch+json";
      if ((isMergePatch && request.method !== "PATCH") || !isUtf8(request.headers["content-type"] ?? "")) throw unsupported(request);
      const { raw, scan } = await reader.read(request, payload);
      const { operation } = request.routeOptions.config;
      if (raw.length < largeBytes) return readJsonBody(raw, operation, scan);
      await ticks.next(raw.length, request.caller?.scope.payer);
      const parsed = parseBody(raw, operation);
      await nextTick();
      return checkParsed(parsed, operation, scan);
    });
  }
  // The body of DELETE is not read: where it is still on its way, the connection ends with the answer.
  api.addContentTypeParser("*", (request, _payload, done) => done(request.method === "DELETE" ? null : unsupported(request), undefined));
};

/** DELETE ignores its body and the type of it: Fastify would refuse an invalid type before any parser runs. */
export const ignoreTypeOfDelete = (request: FastifyRequest): void => {
  if (request.raw.headers["content-type"] !== undefined) request.raw.headers["content-type"] = "application/octet-stream";
};

const isUtf8 = (contentType: string): boolean => {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
  return charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset);
};

const unsupported = (request: FastifyRequest): DomainError =>
  new DomainError(
    "body.unsupported_type",
    request.method === "PATCH"
      ? "Send the body as application/json or application/merge-patch+json, in UTF-8."
      : "Send the body as application/json, in UTF-8.",
  );

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A body that is valid JSON and is not checked further yet. */
export interface ParsedBody {
  readonly text: string;
  readonly json: string;
  readonly value: unknown;
}

/** Reads a JSON body. Throws a DomainError that says what is wrong with it. */
export const readJsonBody = (raw: Buffer, op: Operation | undefined, scan: JsonScan = scanned(raw, op)): unknown =>
  raw.length === 0 ? undefined : checkParsed(parseBody(raw, op), op, scan);

/** The first half of reading a body. Between both halves of a large one, the event loop goes on. */
export const parseBody = (raw: Buffer, op: Operation | undefined): ParsedBody => {
  const text = decode(raw);
  const json = op?.lenientJson ? escapeLineBreaks(text) : text;
  // Numbers from equipment are read as texts where they would lose digits: all digits are checked later.
  return { text, json, value: parse(op?.anyText && mayChange.test(json) ? withChangedAsStrings(json) : json) };
};

/** The second half: refuses what a parser would silently read as something else. */
export const checkParsed = (
  { text, json, value }: ParsedBody,
  op: Operation | undefined,
  { fields }: Pick<JsonScan, "fields">,
): unknown => {
  // Of two fields of one name a parser keeps the last and drops the other silently.
  if (countFields(value) !== fields) throw new DomainError("request.malformed", "An object of the body has the same field twice.");
  if (!op?.anyText && mayChange.test(json)) refuseChangedNumbers(json, op);
  // Only escapes can bring a lone surrogate or U+0000 this far.
  if (!op?.anyText && /\\u(?:[dD][89a-fA-F]|0000)/.test(text)) refuseUnstorable(value, []);
  return value;
};

const decode = (raw: Buffer): string => {
  try {
    return decoder.decode(raw);
  } catch {
    throw new DomainError("request.malformed", "The body is not UTF-8.");
  }
};

const parse = (text: string): unknown => {
  try {
    return parseJson(text, { protoAction: "error", constructorAction: "ignore" });
  } catch (error) {
    const reason = error instanceof Error && /prototype/.test(error.message) ? "it uses the key __proto__" : whereItBreaks(error);
    throw new DomainError("request.malformed", `The body is not valid JSON: ${reason}.`);
  }
};

/** Only the position: the parser's message quotes the body, which may hold a password. */
const whereItBreaks = (error: unknown): string => {
  const message = error instanceof Error ? error.message : "";
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `it breaks at character ${position}`;
  return /end of JSON input|Unterminated/.test(message) ? "it ends too early" : "it is no JSON at all";
};

/** The number of fields of all objects in a value. */
const countFields = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  const entries: unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : entries.length;
  for (const entry of entries) if (typeof entry === "object") count += countFields(entry);
  return count;
};

/** Numbers that one answer names, and characters of a name: a body may hold a hundred thousand below a key of a megabyte. */
const maxNumbers = 20;
const maxNameLength = 300;

/** Refuses numbers that JavaScript would silently change: a number is stored as it was sent or not at all. */
const refuseChangedNumbers = (json: string, op: Operation | undefined): void => {
  const faults = new Faults();
  let count = 0;
  for (const number of changedNumbers(json)) {
    const path = number.path().slice(0, maxNameLength);
    // The field has the same name inside of `data` and outside.
    const field = op?.lenientJson ? path.replace(/^data\./, "") : path;
    faults.add(
      field || "body",
      "This number cannot be kept exactly. Send it as a string, or with at most 15 digits; a zero without a sign.",
    );
    count += 1;
    if (count === maxNumbers) break;
  }
  faults.throwIfAny();
};

const refuseUnstorable = (value: unknown, path: readonly (string | number)[]): void => {
  if (typeof value === "string") {
    const field = path.length === 0 ? "body" : path.join(".");
    if (value.includes("\u0000")) throw invalidField(field, "May not contain the character U+0000.");
    if (!value.isWellFormed()) throw invalidField(field, "Contains half of a surrogate pair.");
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) refuseUnstorable(entry, [...path, index]);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, entry] of Object.entries(value)) {
      if (key.includes("\u0000") || !key.isWellFormed())
        throw invalidField([...path, "(key)"].join("."), "A key contains a character that cannot be stored.");
      refuseUnstorable(entry, [...path, key]);
    }
  }
};

/** Escapes raw line breaks and tabs inside JSON strings, and leaves those between tokens alone. One pass. */
export const escapeLineBreaks = (text: string): string => {
  const pieces: string[] = [];
  let isInString = false;
  let copiedTo = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (character === '"') isInString = !isInString;
    else if (character === "\\" && isInString) index += 1;
    else if (isInString && character in lineBreakEscapes) {
      pieces.push(text.slice(copiedTo, index), lineBreakEscapes[character as keyof typeof lineBreakEscapes]);
      copiedTo = index + 1;
    }
  }
  pieces.push(text.slice(copiedTo));
  return pieces.join("");
};

const lineBreakEscapes = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
