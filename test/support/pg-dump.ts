import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { postgresPrograms, type TestDatabase } from './postgres.ts';

/** What PostgreSQL's own program says of a database, without what is said anew each time. */
export function pgDump(database: TestDatabase, ...options: readonly string[]): string {
  const program = join(postgresPrograms() ?? '', 'pg_dump');
  const said = execFileSync(program, ['--no-owner', ...options, database.as('postgres')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return said
    .split('\n')
    .filter((line) => !/^\\(un)?restrict /.test(line))
    .join('\n');
}

/** A role, with what it may do. It belongs to the whole cluster. */
export function makeRole(database: TestDatabase, said: string): void {
  const [role = ''] = said.split(' ');
  database.psql(
    `SELECT pg_advisory_lock(1);
SELECT 'CREATE ROLE ${said}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') \\gexec`,
    'postgres',
  );
}
