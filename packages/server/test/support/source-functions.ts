import { stripTypeScriptTypes } from "node:module";
import { type AnyNode, type ArrowFunctionExpression, type Comment, type FunctionDeclaration, type FunctionExpression, parse } from "acorn";

/** A function of a source file. */
export interface SourceFunction {
  /** Its own name, or that of the function around it with how it is used: `run > deps.write()`. */
  readonly name: string;
  /** The first and the last line, from 1. */
  readonly line: number;
  readonly endLine: number;
  /** Lines of the function without those of the functions inside it, without comments and without empty lines. */
  readonly ownLines: number;
  /** Its body: a block, or the expression that an arrow returns. */
  readonly body: { readonly start: number; readonly end: number; readonly isBlock: boolean };
  /** The names that its first parameter is taken apart into; empty where it is not. */
  readonly takenApart: readonly string[];
}

interface ParsedSource {
  /** The text as JavaScript: types are spaces, so every place is where it was. */
  readonly code: string;
  readonly functions: readonly SourceFunction[];
}

/** Finds every function of a TypeScript source, in the order of their beginnings. */
export const parseFunctions = (text: string): ParsedSource => {
  const code = stripTypeScriptTypes(text, { mode: "strip" });
  const comments: Comment[] = [];
  const tree = parse(code, { ecmaVersion: "latest", sourceType: "module", onComment: comments });
  const lines = lineReader(code);
  const codeLines = linesOfCode(code, comments, lines.lineAt);
  const functions: SourceFunction[] = [];
  const visit = (node: AnyNode, name: string | undefined, around: Surroundings): void => {
    if (!isFunction(node)) {
      for (const [child, childName] of childrenOf(node, name)) visit(child, childName, around);
      return;
    }
    const own = nameOf(node, name, around.name);
    const inside: Surroundings = { name: own, inner: [] };
    const place = functions.push(undefined as never) - 1;
    for (const [child, childName] of childrenOf(node, undefined)) visit(child, childName, inside);
    const [line, endLine] = [lines.lineAt(node.start), lines.lineAt(node.end)];
    around.inner.push([line, endLine]);
    functions[place] = {
      name: own,
      line,
      endLine,
      ownLines: countOwn(codeLines, [line, endLine], inside.inner),
      body: { start: node.body.start, end: node.body.end, isBlock: node.body.type === "BlockStatement" },
      takenApart: namesTakenApart(node),
    };
  };
  visit(tree, undefined, { name: "", inner: [] });
  return { code, functions };
};

type Lines = readonly [first: number, last: number];

interface Surroundings {
  readonly name: string;
  /** The lines of the functions directly inside. */
  readonly inner: Lines[];
}

type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

/** Its own name, the name of what it is given to, or its place in the function around it. */
const nameOf = (node: FunctionNode, given: string | undefined, around: string): string => {
  const own = node.type === "ArrowFunctionExpression" ? undefined : node.id?.name;
  if (own !== undefined) return own;
  if (given !== undefined) return given.endsWith("()") && around !== "" ? `${around} > ${given}` : given;
  return around === "" ? "(module)" : `${around} > (function)`;
};

const isNode = (value: unknown): value is AnyNode => typeof value === "object" && value !== null && "type" in value;

/** The nodes inside a node, each with the name that it gives to a function. */
const childrenOf = (node: AnyNode, name: string | undefined): (readonly [AnyNode, string | undefined])[] => {
  const children: (readonly [AnyNode, string | undefined])[] = [];
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) children.push([child, nameFor(node, key, name)]);
  }
  return children;
};

const nameFor = (node: AnyNode, key: string, inherited: string | undefined): string | undefined => {
  switch (node.type) {
    case "FunctionDeclaration":
      return undefined;
    case "VariableDeclarator":
      return key === "init" ? textOf(node.id) : undefined;
    case "Property":
    case "PropertyDefinition":
    case "MethodDefinition":
      return key === "value" ? textOf(node.key) : undefined;
    case "AssignmentExpression":
      return key === "right" ? textOf(node.left) : undefined;
    case "CallExpression":
    case "NewExpression":
      return key === "arguments" ? `${textOf(node.callee) ?? "call"}()` : undefined;
    case "ExportNamedDeclaration":
    case "ConditionalExpression":
    case "LogicalExpression":
    case "AwaitExpression":
      return inherited;
    default:
      return undefined;
  }
};

/** A name as it is written: `a`, `a.b`, `#c`. */
const textOf = (node: AnyNode): string | undefined => {
  if (node.type === "Identifier") return node.name;
  if (node.type === "PrivateIdentifier") return `#${node.name}`;
  if (node.type === "Literal") return String(node.value);
  if (node.type !== "MemberExpression") return undefined;
  const [object, property] = [textOf(node.object), textOf(node.property)];
  return object === undefined ? property : `${object}.${property}`;
};

const namesTakenApart = ({ params: [first] }: FunctionNode): string[] => {
  const pattern = first?.type === "AssignmentPattern" ? first.left : first;
  if (pattern?.type !== "ObjectPattern") return [];
  return pattern.properties.map((property) => (property.type === "Property" ? textOf(property.key) : undefined) ?? "...");
};

const lineReader = (code: string) => {
  const starts = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return {
    /** The line of a place, from 1. */
    lineAt(at: number): number {
      let [low, high] = [0, starts.length];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (starts[middle]! <= at) low = middle;
        else high = middle;
      }
      return low + 1;
    },
  };
};

/** The lines on which something stands that is no comment. */
const linesOfCode = (code: string, comments: readonly Comment[], lineAt: (at: number) => number): ReadonlySet<number> => {
  const found = new Set<number>();
  let comment = 0;
  for (const { index } of code.matchAll(/\S+/g)) {
    while (comment < comments.length && comments[comment]!.end <= index) comment += 1;
    // A comment may begin within the word: what stands before it counts.
    const isComment = comment < comments.length && comments[comment]!.start <= index;
    if (!isComment) found.add(lineAt(index));
  }
  return found;
};

/** An inner function counts as the one line on which it begins: that line belongs to what uses it. */
const countOwn = (codeLines: ReadonlySet<number>, [first, last]: Lines, inner: readonly Lines[]): number => {
  let count = 0;
  for (let line = first; line <= last; line += 1) {
    const isInner = inner.some(([from, to]) => line > from && line <= to);
    if (codeLines.has(line) && !isInner) count += 1;
  }
  return count;
};
