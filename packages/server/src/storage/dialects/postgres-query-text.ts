import { PostgresDialect, PostgresQueryCompiler, type QueryCompiler } from "kysely";
import { ListParameter, RowsParameter } from "../in-list.ts";
import { quoted } from "./insert-text.ts";

/** Writes lists as arrays and rows as JSON, each as one parameter. */
export class PostgresQueryText extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    if (parameter instanceof ListParameter) {
      this.append("= any (");
      super.appendValue(parameter.values);
      this.append(`::${parameter.kind}[])`);
    } else if (parameter instanceof RowsParameter) {
      const { table, columns, json } = parameter;
      this.append(table === undefined ? "(select * from json_to_recordset(" : `json_populate_recordset(null::${quoted(table)}, `);
      super.appendValue(json);
      const types = Object.entries(columns).map(([name, kind]) => `${quoted(name)} ${kind}`);
      this.append(table === undefined ? `::json) as given (${types.join(", ")}))` : "::json)");
    } else {
      super.appendValue(parameter);
    }
  }
}

/** Kysely's dialect, which writes lists as one parameter each. */
export class ListingPostgresDialect extends PostgresDialect {
  override createQueryCompiler(): QueryCompiler {
    return new PostgresQueryText();
  }
}
