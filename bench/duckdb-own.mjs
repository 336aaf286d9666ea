// What people have without Overwinter: DuckDB's own statements, in a process of their own.
import { DuckDBInstance } from '@duckdb/node-api';

const [what, file, sql] = process.argv.slice(2);
const instance = await DuckDBInstance.create(file, what === 'read' ? { access_mode: 'READ_ONLY' } : {});
const connection = await instance.connect();
await connection.run(sql);
connection.closeSync();
instance.closeSync();
