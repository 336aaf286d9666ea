import { reasonOf } from '../../core/errors.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import { macroUnreadable } from '../../core/problems/duckdb.ts';
import { keyOf, type Named, qualified, quoted } from './names.ts';
import type { Db } from './open.ts';

interface Overload {
  readonly parameters: readonly string[];
  readonly definition: string;
  readonly isTable: boolean;
}

/**
 * The catalog has the parameters of a macro and what it stands for, and not the parameters' defaults and types together. DuckDB says them
 * where a macro is called as it cannot be.
 */
export async function macrosOf(db: Db, here: string): Promise<SchemaObject[]> {
  const rows = await db.rows(
    `SELECT schema_name, function_name, function_type, to_json(parameters)::VARCHAR, macro_definition FROM duckdb_functions()
      WHERE ${here} AND NOT internal AND function_type IN ('macro', 'table_macro')`,
  );
  const macros = new Map<string, { readonly named: Named; readonly overloads: Overload[] }>();
  for (const [schema, name, type, parameters, definition] of rows) {
    const named = { schema: schema ?? '', name: name ?? '' };
    const isTable = type === 'table_macro';
    const key = `${isTable ? 'table ' : ''}${keyOf(named)}`;
    const names: unknown = JSON.parse(parameters ?? '[]');
    const overload = {
      parameters: Array.isArray(names) ? names.map(String) : [],
      definition: definition ?? '',
      isTable,
    };
    const macro = macros.get(key) ?? { named, overloads: [] };
    macro.overloads.push(overload);
    macros.set(key, macro);
  }
  const objects: SchemaObject[] = [];
  for (const [key, { named, overloads }] of macros) {
    const signatures = await signaturesOf(db, named, overloads);
    const each = overloads.map(({ definition, isTable }, at) =>
      isTable ? `(${signatures[at]}) AS TABLE (${definition})` : `(${signatures[at]}) AS (${definition})`,
    );
    objects.push({ type: 'macro', name: key, table: key, sql: `CREATE MACRO ${qualified(named)} ${each.join(', ')};` });
  }
  return objects;
}

/** No macro has a parameter of this name. */
const NOBODYS = 'overwinter_has_no_such_parameter';

async function signaturesOf(db: Db, named: Named, overloads: readonly Overload[]): Promise<string[]> {
  if (overloads.every(({ parameters }) => parameters.length === 0)) return overloads.map(() => '');
  const call = `${qualified(named)}(${NOBODYS} := 1)`;
  const isTable = overloads[0]?.isTable === true;
  const words = await refusalOf(db, isTable ? `SELECT * FROM ${call}` : `SELECT ${call}`);
  const told = /\nCandidate macros:\n([\s\S]*?)\n\nLINE 1: /.exec(words)?.[1] ?? '';
  const candidates = told.split(`\t${named.name}(`).slice(1);
  const signatures = overloads.map(({ parameters }, at) =>
    signatureIn((candidates[at] ?? '').replace(/\)\n?$/, ''), parameters),
  );
  const read = signatures.flatMap((signature) => signature ?? []);
  if (candidates.length !== overloads.length || read.length !== overloads.length)
    throw macroUnreadable(db.label, keyOf(named))();
  return read;
}

async function refusalOf(db: Db, sql: string): Promise<string> {
  try {
    await db.rows(sql);
    return '';
  } catch (error) {
    return reasonOf(error);
  }
}

/** `a b := 5, c` with names between quotes: DuckDB says them without. Undefined where the parameters are others. */
function signatureIn(told: string, parameters: readonly string[]): string | undefined {
  let rest = told;
  const parts: string[] = [];
  for (const [at, name] of parameters.entries()) {
    if (!rest.startsWith(name)) return undefined;
    const next = parameters[at + 1];
    const end = next === undefined ? rest.length : rest.indexOf(`, ${next}`, name.length);
    if (end < 0) return undefined;
    parts.push(quoted(name) + rest.slice(name.length, end));
    rest = rest.slice(end + 2);
  }
  return parts.join(', ');
}
