import { type Scope, scopeSql } from '../catalog/scope.ts';
import type { Session } from '../driver.ts';
import { quoted } from '../names.ts';

/**
 * Within a transaction that is open, and for it alone: the user's schemas have other names, and empty ones have theirs. No table is
 * touched and nobody waits; when the transaction ends, nothing was. Throws what the server says where a role may not do so.
 */
export async function beginShadow(session: Session, scope: Scope): Promise<void> {
  const schemas = (await session.query(`WITH ${scopeSql(scope)} SELECT nspname FROM ns ORDER BY 1`)).map(
    ([name]) => name ?? '',
  );
  const extensions = await session.query(
    `SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY 1`,
  );
  for (const [at, name] of schemas.entries())
    await session.query(`ALTER SCHEMA ${quoted(name)} RENAME TO ${quoted(`overwinter_aside_${at}`)}`);
  if (schemas.includes('public')) await session.query('CREATE SCHEMA public');
  for (const [extension, schema] of extensions) {
    if (!schemas.includes(schema ?? '')) continue;
    await session.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema ?? '')}`);
    await session.query(`ALTER EXTENSION ${quoted(extension ?? '')} SET SCHEMA ${quoted(schema ?? '')}`);
  }
}
