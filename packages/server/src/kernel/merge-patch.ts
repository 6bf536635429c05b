type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

// A key is always written as an own property: assigning to `__proto__` would change the object's kind instead.
const put = (target: JsonObject, key: string, value: unknown) =>
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });

/** RFC 7396: objects merge, null removes a key, everything else replaces. Returns a new object. */
export const mergePatch = (target: JsonObject, patch: JsonObject): JsonObject => merge(target, patch, "remove");

/** Like a merge patch, but a null is a value that is stored. */
export const deepMerge = (target: JsonObject, patch: JsonObject): JsonObject => merge(target, patch, "store");

/** Replaces the keys that the patch names and keeps the others. */
export const shallowMerge = (target: JsonObject, patch: JsonObject): JsonObject => {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) put(result, key, value);
  return result;
};

const merge = (target: JsonObject, patch: JsonObject, onNull: "remove" | "store"): JsonObject => {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null && onNull === "remove") delete result[key];
    else if (isObject(value)) put(result, key, merge(isObject(result[key]) ? result[key] : {}, value, onNull));
    else put(result, key, value);
  }
  return result;
};
