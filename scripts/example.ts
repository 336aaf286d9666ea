import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { seedBudget } from '../examples/budget/seed.ts';

/** Makes the example's database, unless there is one: a database with data is never touched. */
const db = join(import.meta.dirname, '../examples/budget/budget.db');
if (existsSync(db)) console.log(`${db} is there already.`);
else {
  seedBudget(db);
  console.log(`Made ${db}. Its next commit is saved into backups/ by the hook.`);
}
