import type { FakesConfig } from './fake-kinds.ts';
import type { Exclusion, Replacement } from './left-out.ts';

/** What a project may say about what its backups leave out, and about copies for development. Names are those of the schema, whatever their case. */
export interface PrivacyConfig {
  /**
   * Columns that backups leave out, besides those that look like credentials: `{ users: ['ssn'] }`. A restore leaves them NULL, or
   * what is said here: `{ users: { name: 'someone', ssn: null } }`.
   */
  readonly redact?: Readonly<Record<string, readonly string[] | Readonly<Record<string, Replacement | null>>>>;
  /** Columns that look like credentials or personal data and are saved all the same: `{ files: ['hash'] }`. */
  readonly keep?: Readonly<Record<string, readonly string[]>>;
  /** Which rows of a table backups hold, as SQL: `{ users: 'active = 1' }`. */
  readonly include?: Readonly<Record<string, string>>;
  /** Tables whose `rows` backups leave out, or which they leave out `whole`: `{ sessions: 'rows' }`. */
  readonly exclude?: Readonly<Record<string, Exclusion>>;
  /**
   * What stands in a database that `restore --for development` makes, in place of what is private: `{ users: { email: 'email', ssn: null },
   * sessions: 'empty' }`. Backups are not changed by it.
   */
  readonly fake?: FakesConfig;
}
