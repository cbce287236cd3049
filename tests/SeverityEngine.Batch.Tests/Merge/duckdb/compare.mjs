// Reads a file of Parquet with DuckDB, holds every value of every row against a file of jsonl with the same rows, and writes what it is:
// {"rows", "groups": rows of each group, "columns": {name: type}, "required", "compression", "metadata", "differences": the first few}.
// Usage: compare.mjs FILE.parquet [FILE.jsonl]
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";

const [parquet, jsonl] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
const file = `'${parquet.replaceAll("'", "''")}'`;
const ask = async query => (await connection.runAndReadAll(query)).getRows();

// The values of a row by the names of their columns: those of objects are joined by dots.
function flatten(row, prefix, values) {
  for (const [name, value] of Object.entries(row)) {
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      flatten(value, `${prefix}${name}.`, values);
    else
      values.set(prefix + name, value);
  }
  return values;
}

// Whether a value of a column is that of json.
function isSame(type, found, expected) {
  if (expected === undefined || expected === null || found === null)
    return found === null && (expected === undefined || expected === null);
  switch (type) {
    case "BIGINT": return typeof found === "bigint" && found === BigInt(expected);
    case "DOUBLE": return found === expected;
    case "FLOAT": return found === Math.fround(expected);
    case "VARCHAR[]": return isDeepStrictEqual(found.items, expected);
    case "VARCHAR": return typeof expected === "string" ? found === expected : isDeepStrictEqual(JSON.parse(found), expected);
    default: return false;
  }
}

const answer = { rows: 0, columns: {}, differences: [] };
for (const [name, type] of await ask(`select column_name, column_type from (describe select * from ${file})`))
  answer.columns[name] = type;
const columns = Object.entries(answer.columns);
const lines = jsonl ? createInterface({ input: createReadStream(jsonl), crlfDelay: Infinity })[Symbol.asyncIterator]() : null;
const rows = await connection.stream(`select * from ${file}`);
for (let chunk = await rows.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
  for (const row of chunk.getRows()) {
    answer.rows++;
    if (!lines)
      continue;
    const line = await lines.next();
    const values = line.done ? new Map() : flatten(JSON.parse(line.value), "", new Map());
    columns.forEach(([name, type], i) => {
      if (!isSame(type, row[i], values.get(name)) && answer.differences.length < 5)
        answer.differences.push(`row ${answer.rows}, ${name}: ${row[i]}, in json ${JSON.stringify(values.get(name))}`);
      values.delete(name);
    });
    for (const name of values.keys())
      answer.differences.push(`row ${answer.rows}: no column ${name}`);
  }
}
if (lines && !(await lines.next()).done)
  answer.differences.push("json has further rows");
answer.groups = (await ask(`select row_group_id, any_value(row_group_num_rows) from parquet_metadata(${file}) group by 1 order by 1`))
  .map(([, count]) => Number(count));
answer.compression = (await ask(`select distinct compression from parquet_metadata(${file})`)).flat().join();
answer.required = (await ask(`select name from parquet_schema(${file}) where repetition_type = 'REQUIRED' and type is not null`)).flat();
answer.metadata = Object.fromEntries(
  await ask(`select decode(key), decode(value) from parquet_kv_metadata(${file})`));
process.stdout.write(JSON.stringify(answer));
