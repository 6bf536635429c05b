import { DomainError } from "../../../kernel/errors.ts";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import type { LoginRule } from "./login-rule.ts";

/** An organization as the tree knows it. */
export interface OrganizationNode {
  readonly id: number;
  readonly namespaceId: number;
  readonly parentId: number | null;
  readonly slug: string;
  readonly isActive: boolean;
  /** Whether passwords of its accounts that are set in clear are kept encrypted beside their hashes. */
  readonly reversibleSecrets: boolean;
  /** How many characters a password has at least that is set in clear; null: what the nearest organization above states. */
  readonly minPasswordLength: number | null;
  readonly loginRules: readonly LoginRule[];
  /** How often the organization changed. */
  readonly version: number;
}

/** All organizations at one moment: who is below whom, and what a token of each may see. */
export class OrganizationTree {
  readonly #byId: ReadonlyMap<number, OrganizationNode>;
  readonly #children = new Map<number | null, OrganizationNode[]>();
  readonly #bySlug = new Map<string, OrganizationNode[]>();
  readonly #active = new Map<number, boolean>();
  readonly #scopes = new Map<number, TenantScope>();
  readonly #maxMinPasswords = new Map<number, number>();

  constructor(nodes: readonly OrganizationNode[]) {
    this.#byId = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) {
      append(this.#children, node.parentId, node);
      append(this.#bySlug, node.slug, node);
    }
  }

  /** How many organizations there are. */
  get size(): number {
    return this.#byId.size;
  }

  find(id: number): OrganizationNode | undefined {
    return this.#byId.get(id);
  }

  /** An organization that a record names; records never outlive their organization. */
  get(id: number): OrganizationNode {
    const node = this.#byId.get(id);
    if (!node) throw new DomainError("organization.not_found", `There is no organization ${id}.`);
    return node;
  }

  /** The organization and those above it, nearest first. */
  lineOf(id: number): OrganizationNode[] {
    const line: OrganizationNode[] = [];
    for (let node = this.#byId.get(id); node; node = node.parentId === null ? undefined : this.#byId.get(node.parentId)) line.push(node);
    return line;
  }

  /** Whether an organization and all above it are in use; one that is unknown is not. */
  isActive(id: number): boolean {
    let active = this.#active.get(id);
    if (active === undefined) {
      const line = this.lineOf(id);
      active = line.length > 0 && line.every((node) => node.isActive);
      this.#active.set(id, active);
    }
    return active;
  }

  /** Whether tokens of an organization may do nothing. Those of the root may: nobody stands above it who could lift that. */
  isSuspended(id: number): boolean {
    return !this.isActive(id) && this.#byId.get(id)?.parentId !== null;
  }

  /** How many characters a password has at least that is set in an organization: what the nearest on its line states, else 0. */
  minPasswordLength(id: number): number {
    return this.lineOf(id).find((node) => node.minPasswordLength !== null)?.minPasswordLength ?? 0;
  }

  /** The most that an organization or one below it asks for: no password of so many characters is too short there. */
  maxMinPasswordLength(id: number): number {
    let longest = this.#maxMinPasswords.get(id);
    if (longest === undefined) {
      longest = this.minPasswordLength(id);
      for (const below of this.scopeOf(id).organizationIds) longest = Math.max(longest, this.#byId.get(below)?.minPasswordLength ?? 0);
      this.#maxMinPasswords.set(id, longest);
    }
    return longest;
  }

  /** Whether `id` is `ancestorId` or lies below it. */
  isWithin(id: number, ancestorId: number): boolean {
    return this.lineOf(id).some((node) => node.id === ancestorId);
  }

  /** The tree as it is when an organization stands below another one. */
  moving(id: number, parentId: number | null): OrganizationTree {
    return new OrganizationTree([...this.#byId.values()].map((node) => (node.id === id ? { ...node, parentId } : node)));
  }

  /** What a token of this organization sees. */
  scopeOf(id: number): TenantScope {
    let scope = this.#scopes.get(id);
    if (!scope) {
      scope = this.#buildScope(this.get(id));
      this.#scopes.set(id, scope);
    }
    return scope;
  }

  /** Who pays for what an organization asks: the one directly below the root on its line, for child organizations multiply nothing; the root for itself. */
  payerOf(id: number): string {
    const line = this.lineOf(id);
    return String((line.at(-2) ?? line[0])?.id ?? id);
  }

  /**
   * Finds what an id (integer or digits) or a slug names within a scope: its top or one directly below that, whose slugs are
   * given by the top and those above it; else the one deeper down that has it. `ambiguous` when several deeper down have it.
   */
  resolve(reference: number | string, scope: TenantScope): OrganizationNode | "ambiguous" | undefined {
    if (typeof reference === "number" || /^\d{1,16}$/.test(reference)) {
      const node = this.#byId.get(Number(reference));
      return node && sees(scope, node.id) ? node : undefined;
    }
    return this.resolveSlug(reference, scope);
  }

  /** The same of a slug alone. */
  resolveSlug(slug: string, scope: TenantScope): OrganizationNode | "ambiguous" | undefined {
    const near = this.resolveNear(slug, scope);
    if (near) return near;
    const seen = (this.#bySlug.get(slug) ?? []).filter((node) => sees(scope, node.id));
    return seen.length > 1 ? "ambiguous" : seen[0];
  }

  /** What a slug names at the top of a scope or directly below it: nobody further down can take that name, or give it. */
  resolveNear(slug: string, { organizationId: topId }: TenantScope): OrganizationNode | undefined {
    const named = this.#bySlug.get(slug) ?? [];
    return named.find((node) => node.id === topId) ?? named.find((node) => node.parentId === topId);
  }

  #buildScope(top: OrganizationNode): TenantScope {
    const organizationIds = new Set<number>();
    const namespaceIds = new Set([top.namespaceId]);
    const open = [top];
    for (let node = open.pop(); node; node = open.pop()) {
      organizationIds.add(node.id);
      namespaceIds.add(node.namespaceId);
      open.push(...(this.#children.get(node.id) ?? []));
    }
    const opensNamespace = top.id === top.namespaceId;
    return {
      organizationId: top.id,
      namespaceId: top.namespaceId,
      namespaceIds: [...namespaceIds],
      organizationIds,
      payer: this.payerOf(top.id),
      covers: top.parentId === null ? "everything" : opensNamespace ? "name_spaces" : "organizations",
    };
  }
}

const append = <K>(map: Map<K, OrganizationNode[]>, key: K, node: OrganizationNode): void => {
  const nodes = map.get(key);
  if (nodes) nodes.push(node);
  else map.set(key, [node]);
};
