import type { LeftOut } from '../../../core/privacy/left-out.ts';
import type { Reading, Select, Standing } from '../../engine.ts';
import type { Scope } from '../catalog/scope.ts';
import type { Connect, Session } from '../driver.ts';

/** A database that rows are to be put into, as far as that needs it. */
export interface RestoreTarget {
  readonly label: string;
  readonly scope: Scope;
  readonly connect: Connect;
  /** A session with another database of the same server, where there is a server. */
  readonly connectTo?: (database: string) => Promise<Session>;
  /** The only server where backups may be tried, where one is named for it. */
  readonly drillOn?: DrillServer | undefined;
  /** What others see there. */
  standing(ignore: readonly string[]): Promise<Standing>;
  /** Reads inside of the transaction that is open in a session, and leaves both open. */
  readWithin(session: Session, select?: Select): Promise<Reading>;
}

/** A server that databases may be made on, to be looked at and thrown away. */
export interface DrillServer {
  readonly label: string;
  readonly connect: Connect;
  readonly connectTo: (database: string) => Promise<Session>;
}

/** Tables that a backup leaves out whole: they stay where they are. */
export const leftWhole = ({ excluded = {} }: LeftOut): string[] =>
  Object.keys(excluded).filter((table) => excluded[table] === 'whole');
