import type Database from 'better-sqlite3';

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

export const userById = (db: Database.Database, id: number) =>
  db.prepare<[number], User>('SELECT * FROM users WHERE id = ? AND active = 1').get(id);

export const userByEmail = (db: Database.Database, email: string) =>
  db.prepare<[string], User>('SELECT * FROM users WHERE email = ? AND active = 1').get(email);

/** Whether accounts came back without their passwords, as they do from a backup. */
export const lacksPasswords = (db: Database.Database) =>
  db.prepare('SELECT 1 FROM users WHERE password_hash IS NULL AND active = 1').get() !== undefined;

/** Whoever reads an address's mail has its account, and gets one where there is none. */
export function setPassword(db: Database.Database, email: string, hash: string): void {
  db.prepare(
    `INSERT INTO users(email, name, password_hash) VALUES (?, ?, ?)
     ON CONFLICT(email) DO UPDATE SET password_hash = excluded.password_hash`,
  ).run(email, email.split('@')[0] ?? email, hash);
}

export function overviewOf(db: Database.Database, user: number): Overview {
  return {
    balance: db.prepare<[number], number>('SELECT cents FROM balance WHERE user_id = ?').pluck().get(user) ?? 0,
    entries: db
      .prepare<[number, number], Entry>(
        `SELECT spent_on AS day, category AS what, note, -amount_cents AS cents, id FROM expenses WHERE user_id = ?
         UNION ALL SELECT received_on, source, NULL, amount_cents, id FROM income_entries WHERE user_id = ?
         ORDER BY day DESC, id DESC LIMIT 20`,
      )
      .all(user, user),
    shares: db
      .prepare<[number], Share>(
        'SELECT category, sum(amount_cents) AS cents FROM expenses WHERE user_id = ? GROUP BY category ORDER BY cents DESC LIMIT 6',
      )
      .all(user),
    goals: db.prepare<[number], Goal>('SELECT * FROM savings_goals WHERE user_id = ? ORDER BY id').all(user),
  };
}

export function addExpense(db: Database.Database, user: number, each: Entry): void {
  db.prepare('INSERT INTO expenses(user_id, category, note, amount_cents, spent_on) VALUES (?, ?, ?, ?, ?)').run(
    user,
    each.what,
    each.note,
    each.cents,
    each.day,
  );
}

export function addIncome(db: Database.Database, user: number, each: Entry): void {
  db.prepare('INSERT INTO income_entries(user_id, source, amount_cents, received_on) VALUES (?, ?, ?, ?)').run(
    user,
    each.what,
    each.cents,
    each.day,
  );
}

export function addGoal(db: Database.Database, user: number, title: string, target: number): void {
  db.prepare('INSERT INTO savings_goals(user_id, title, target_cents) VALUES (?, ?, ?)').run(user, title, target);
}

export function save(db: Database.Database, user: number, goal: number, cents: number): void {
  db.prepare('UPDATE savings_goals SET saved_cents = saved_cents + ? WHERE id = ? AND user_id = ?').run(
    cents,
    goal,
    user,
  );
}
