import type { Sql } from './sql.ts';

export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly password_hash: string | null;
}

export interface Entry {
  readonly day: string;
  readonly what: string;
  readonly note: string | null;
  readonly cents: number;
}

export interface Goal {
  readonly id: number;
  readonly title: string;
  readonly target_cents: number;
  readonly saved_cents: number;
}

export interface Share {
  readonly category: string;
  readonly cents: number;
}

/** What a user's page shows. */
export interface Overview {
  readonly balance: number;
  readonly entries: readonly Entry[];
  readonly shares: readonly Share[];
  readonly goals: readonly Goal[];
}

export const userById = async (db: Sql, id: number) =>
  (await db.all<User>('SELECT * FROM users WHERE id = $1 AND active = 1', id))[0];

export const userByEmail = async (db: Sql, email: string) =>
  (await db.all<User>('SELECT * FROM users WHERE email = $1 AND active = 1', email))[0];

/** Whether accounts came back without their passwords, as they do from a backup. */
export const lacksPasswords = async (db: Sql) =>
  (await db.all('SELECT 1 FROM users WHERE password_hash IS NULL AND active = 1 LIMIT 1')).length > 0;

/** Whoever reads an address's mail has its account, and gets one where there is none. */
export async function setPassword(db: Sql, email: string, hash: string): Promise<void> {
  await db.run(
    `INSERT INTO users(email, name, password_hash) VALUES ($1, $2, $3)
     ON CONFLICT(email) DO UPDATE SET password_hash = excluded.password_hash`,
    email,
    email.split('@')[0] ?? email,
    hash,
  );
}

export async function overviewOf(db: Sql, user: number): Promise<Overview> {
  const [balance] = await db.all<{ cents: number }>('SELECT cents FROM balance WHERE user_id = $1', user);
  return {
    balance: balance?.cents ?? 0,
    entries: await db.all<Entry>(
      `SELECT spent_on AS day, category AS what, note, -amount_cents AS cents, id FROM expenses WHERE user_id = $1
         UNION ALL SELECT received_on, source, CAST(NULL AS TEXT), amount_cents, id FROM income_entries WHERE user_id = $1
         ORDER BY day DESC, id DESC LIMIT 20`,
      user,
    ),
    shares: await db.all<Share>(
      `SELECT category, CAST(sum(amount_cents) AS BIGINT) AS cents FROM expenses WHERE user_id = $1
         GROUP BY category ORDER BY cents DESC LIMIT 6`,
      user,
    ),
    goals: await db.all<Goal>('SELECT * FROM savings_goals WHERE user_id = $1 ORDER BY id', user),
  };
}

export const addExpense = (db: Sql, user: number, { what, note, cents, day }: Entry) =>
  db.run(
    'INSERT INTO expenses(user_id, category, note, amount_cents, spent_on) VALUES ($1, $2, $3, $4, $5)',
    user,
    what,
    note,
    cents,
    day,
  );

export const addIncome = (db: Sql, user: number, { what, cents, day }: Entry) =>
  db.run(
    'INSERT INTO income_entries(user_id, source, amount_cents, received_on) VALUES ($1, $2, $3, $4)',
    user,
    what,
    cents,
    day,
  );

export const addGoal = (db: Sql, user: number, title: string, target: number) =>
  db.run('INSERT INTO savings_goals(user_id, title, target_cents) VALUES ($1, $2, $3)', user, title, target);

export const save = (db: Sql, user: number, goal: number, cents: number) =>
  db.run('UPDATE savings_goals SET saved_cents = saved_cents + $1 WHERE id = $2 AND user_id = $3', cents, goal, user);
