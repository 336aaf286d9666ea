import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { seedBudget } from '../examples/budget/seed.ts';

/**
 * Starts the example. Where it has no database, its own boot restores this repository's backup; where there is none either, it begins
 * with made-up rows.
 */
const root = join(import.meta.dirname, '..');
const db = join(root, 'examples/budget/budget.db');
if (!existsSync(db) && !existsSync(join(root, 'backups/latest_backup.json'))) seedBudget(db);
await import('../examples/budget/main.ts');
