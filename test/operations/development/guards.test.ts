import { expect, test } from 'vitest';
import { mustNotBeTheirs } from '../../../src/operations/development/guards.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

const onServer = (label: string) => {
  const project = projectIn(scratch());
  const database = { ...project.database, label, isElsewhere: true as const, standing: async () => 'data' as const };
  return mustNotBeTheirs(project, database);
};

test.each([
  'localhost/app',
  'localhost:5433/app',
  'LOCALHOST/app',
  '127.0.0.1/app',
  '127.1.2.3:5433/app',
  '[::1]:5433/app',
])('%s is on this machine', (label) => expect(onServer(label)).resolves.toBeUndefined());

test.each([
  'localhost.prod.example.com:5433/app',
  'localhost-db.internal/app',
  'localhost,prod.example.com/app',
  '127.example.com/app',
  '127.0.0.1.example.com/app',
  '127.0.0.1@prod.example.com/app',
  '[::1].example.com/app',
  '[::1:2]/app',
  'db.example.com/localhost',
  'md:localhost',
])('%s is elsewhere: it may be where the data is', (label) =>
  expect(onServer(label)).rejects.toMatchObject({ code: 'DATABASE_EXISTS' }),
);
