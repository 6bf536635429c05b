import { type LimitNode, type QueryCompiler, SqliteDialect, SqliteQueryCompiler } from "kysely";

/**
 * SQLite looks at the value of a parameter that is a limit alone, to plan with it, and from then on prepares the statement
 * anew at each of its runs: 29 µs instead of 9 for a point read. A sum is no value that it looks at.
 */
class StablePlans extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    super.visitLimit(node);
    this.append(" + 0");
  }
}

/** Kysely's dialect, whose statements keep their plans. */
export class StableSqliteDialect extends SqliteDialect {
  override createQueryCompiler(): QueryCompiler {
    return new StablePlans();
  }
}
