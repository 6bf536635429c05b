import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** An attribute as FreeRADIUS' dictionary files have it. */
export interface TheirAttribute {
  readonly vendor: number;
  /** Numbers with dots, 241.5.1. */
  readonly number: string;
  readonly type: string;
  readonly isTagged: boolean;
  readonly encryption: number;
}

export interface TheirDictionary {
  /** Attributes by name; a name may have been given again by a later file. */
  readonly attributes: ReadonlyMap<string, readonly TheirAttribute[]>;
  /** Octets of type and length, and a continuation, by vendor. */
  readonly formats: ReadonlyMap<number, string>;
  /** Numbers of `attribute value`. */
  readonly values: ReadonlyMap<string, readonly number[]>;
}

const numberOf = (text: string): string =>
  text
    .split(".")
    .map((part) => String(Number(part)))
    .join(".");

/** Reads a dictionary file and all that it includes. */
export const readDictionary = (file: string): TheirDictionary => {
  const attributes = new Map<string, TheirAttribute[]>();
  const values = new Map<string, number[]>();
  const formats = new Map<number, string>();
  const vendors = new Map<string, number>();
  const push = <T>(map: Map<string, T[]>, key: string, value: T) => void map.set(key, [...(map.get(key) ?? []), value]);

  const readFile = (path: string): void => {
    let vendor = 0;
    let tlv = "";
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const [kind, name = "", third = "", fourth = "", flags = ""] = line.replace(/#.*/, "").trim().split(/\s+/);
      if (kind === "$INCLUDE" || kind === "$INCLUDE-") readFile(join(dirname(path), name));
      else if (kind === "VENDOR") {
        vendors.set(name, Number(third));
        // Starent stands twice: what it speaks today comes first.
        if (!formats.has(Number(third))) formats.set(Number(third), fourth.replace("format=", ""));
      } else if (kind === "BEGIN-VENDOR") vendor = vendors.get(name)!;
      else if (kind === "END-VENDOR") vendor = 0;
      else if (kind === "BEGIN-TLV") tlv = attributes.get(name)!.at(-1)!.number;
      else if (kind === "END-TLV") tlv = tlv.split(".").slice(0, -1).join(".");
      else if (kind === "ATTRIBUTE") {
        push(attributes, name, {
          vendor,
          number: tlv === "" ? numberOf(third) : `${tlv}.${numberOf(third)}`,
          type: fourth.toLowerCase().replace(/\[\d+\]/, ""),
          isTagged: flags.includes("has_tag"),
          encryption: Number(/encrypt=(\d)/.exec(flags)?.[1] ?? 0),
        });
      } else if (kind === "VALUE") push(values, `${name} ${third}`, Number(fourth));
    }
  };
  readFile(file);
  return { attributes, formats, values };
};
