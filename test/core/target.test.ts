import { expect, test } from 'vitest';
import { prismaSource } from '../../src/core/prisma.ts';
import { parseTarget } from '../../src/core/target.ts';

const file = (path: string, more: object = {}) => ({ kind: 'sqlite', file: path, byUrl: false, ...more });
const byUrl = (path: string) => file(path, { byUrl: true });

test.each([
  ['data/app.db', file('data/app.db')],
  ['/var/data/app.db', file('/var/data/app.db')],
  ['100%?#.db', file('100%?#.db')],
  ['C:\\data\\app.db', file('C:\\data\\app.db')],
  ['file:./dev.db', byUrl('./dev.db')],
  ['file:dev.db?connection_limit=1&socket_timeout=5', byUrl('dev.db')],
  ['file:/abs/dev.db#main', byUrl('/abs/dev.db')],
  ['file:///abs/my%20notes.db', byUrl('/abs/my notes.db')],
  ['file://localhost/abs/dev.db', byUrl('/abs/dev.db')],
  ['file:///C:/data/app.db', byUrl('C:/data/app.db')],
  ['file:what%3Fnow%23.db', byUrl('what?now#.db')],
  ['file:100%.db', byUrl('100%.db')],
  ['FILE:dev.db', byUrl('dev.db')],
  ['sqlite:dev.db', file('dev.db')],
  ['sqlite:./dev.db?mode=rwc', file('./dev.db')],
  ['sqlite:/abs/dev.db', file('/abs/dev.db')],
  ['sqlite://dev.db', file('dev.db')],
  ['sqlite:///site.db', file('site.db')],
  ['sqlite:///./data/site.db', file('./data/site.db')],
  ['sqlite:///data/site.db', file('data/site.db', { orElse: '/data/site.db' })],
  ['sqlite:////data/site.db', file('/data/site.db')],
  ['sqlite+aiosqlite:///site.db', file('site.db')],
  ['postgres://u:p@host/db', { kind: 'postgres', url: 'postgres://u:p@host/db' }],
  ['postgresql+psycopg://host/db', { kind: 'postgres', url: 'postgresql://host/db' }],
  ['pglite:./pgdata', { kind: 'pglite', folder: './pgdata' }],
  ['duckdb:facts.db', { kind: 'duckdb', file: 'facts.db' }],
  ['data/facts.duckdb', { kind: 'duckdb', file: 'data/facts.duckdb' }],
  ['md:facts', { kind: 'motherduck', name: 'facts' }],
  ['env:DATABASE_URL', { kind: 'variable', name: 'DATABASE_URL' }],
])('%s is read', (text, target) => {
  expect(parseTarget(text)).toEqual(target);
});

test.each([
  ':memory:',
  '',
  'file::memory:?cache=shared',
  'file:',
  'file:cache?mode=memory',
  'sqlite::memory:',
  'sqlite://',
])("'%s' is a database in memory, which is no file", (text) => {
  expect(() => parseTarget(text)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('in memory') }),
  );
});

test.each([
  ['postgers://ada:s3cret@host/db', "'postgers:'", "Did you mean 'postgres:'?"],
  ['sqlite3:dev.db', "'sqlite3:'", "Did you mean 'sqlite:'?"],
  ['prisma+postgres://accelerate?api_key=s3cret', "'prisma+postgres:'", 'It knows data/app.db'],
  ['mongodb://ada:s3cret@host/db', "'mongodb:'", 'It knows data/app.db'],
  ['file://host/s3cret.db', 'another machine', 'three slashes'],
  ['md:facts?motherduck_token=s3cret', "What stands after 'md:'", 'md:NAME'],
  ['md:', "What stands after 'md:'", 'MOTHERDUCK_TOKEN'],
  ['file:a%00.db', 'a character that no path can', 'Name an SQLite file'],
])('%s is refused, and only its scheme is repeated', (text, message, hint) => {
  try {
    parseTarget(text);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE' });
    const { message: said, hint: advice } = error as { message: string; hint: string };
    expect(said).toContain(message);
    expect(advice).toContain(hint);
    expect(said + advice).not.toContain('s3cret');
  }
});

test.each([
  [
    'datasource db {\n  provider = "sqlite"\n  url = env("DATABASE_URL")\n}',
    { provider: 'sqlite', url: { variable: 'DATABASE_URL' } },
  ],
  [
    'datasource db {\n  url      = "file:./dev.db"\n  provider = "sqlite"\n}',
    { provider: 'sqlite', url: { text: 'file:./dev.db' } },
  ],
  ['datasource db {\n  provider = "sqlite"\n}', { provider: 'sqlite' }],
  [
    'datasource db {\n  provider = "postgresql"\n  shadowDatabaseUrl = env("S")\n  // url = env("OLD")\n}',
    { provider: 'postgresql' },
  ],
  ['model User { id Int @id }', undefined],
])("a schema of Prisma's says where its address is", (schema, source) => {
  expect(prismaSource(schema)).toEqual(source);
});
