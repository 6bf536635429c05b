import { type LimitNode, type QueryCompiler, SqliteDialect, SqliteQueryCompiler } from "kysely";
import { ListParameter, RowsParameter } from "../in-list.ts";
import { quoted } from "./insert-text.ts";

/**
 * Where SQLite plans with a parameter's value, as for a limit or beside an ORDER BY, it prepares the statement anew each
 * time another value is bound: 100 µs instead of 34 for a page of 26, 29 instead of 9 for a point read. It looks at no
 * value behind a unary plus, which changes nothing of it, nor at a limit that is a sum.
 */
class StablePlans extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return "+?";
  }

  /** Lists and rows are JSON: one parameter each, however long. */
  protected override appendValue(parameter: unknown): void {
    if (parameter instanceof ListParameter) {
      this.append("in (select value from json_each(");
      super.appendValue(parameter.values);
      this.append("))");
    } else if (parameter instanceof RowsParameter) {
      const columns = Object.keys(parameter.columns).map((name) => `value ->> '$.${name}' as ${quoted(name)}`);
      this.append(`(select ${columns.join(", ")} from json_each(`);
      super.appendValue(parameter.json);
      this.append("))");
    } else {
      super.appendValue(parameter);
    }
  }

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
