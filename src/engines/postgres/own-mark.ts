import { codeOf } from '../../core/system-error.ts';
import type { Marked, OwnMark } from '../engine.ts';
import type { Session } from './driver.ts';
import { literal, quoted } from './names.ts';
import { whichDatabase } from './which-database.ts';

/*
 * A database says of itself what it was made for in its comment: only its owner may write that, everybody may read it, it comes and goes with the
 * transaction, and neither a backup nor a tool for migrations sees it. A setting of our own (`ALTER DATABASE … SET overwinter.…`) would be more
 * out of the way, but no owner may make one, only a superuser. What somebody else wrote in the comment stays.
 */

const BEGINS = 'Overwinter: ';

interface Comment {
  readonly database: string;
  readonly text: string;
}

const SQL = `SELECT d.datname, coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), '')
  FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()`;

async function readComment(session: Session): Promise<Comment> {
  const [[database, text] = []] = await session.query(SQL);
  return { database: database ?? '', text: text ?? '' };
}

const isOurs = (line: string) => line.startsWith(BEGINS);
const markIn = ({ text }: Comment) => text.split('\n').find(isOurs)?.slice(BEGINS.length);

/** What the database says in the moment that is open. */
export async function readOwnMark(session: Session): Promise<OwnMark> {
  const text = markIn(await readComment(session));
  return { place: await whichDatabase(session), ...(text === undefined ? {} : { text }) };
}

/** The same, only where it says something. */
export async function markThere(session: Session): Promise<(OwnMark & { readonly text: string }) | undefined> {
  const text = markIn(await readComment(session));
  return text === undefined ? undefined : { place: await whichDatabase(session), text };
}

const NOT_ALLOWED = '42501';

/** Makes it say so, or with null no more, once the transaction that is open is through. */
export async function writeOwnMark(session: Session, mark: string | null): Promise<Marked> {
  const comment = await readComment(session);
  if ((markIn(comment) ?? null) !== mark) {
    const others = comment.text.split('\n').filter((line) => !isOurs(line));
    const lines = [
      ...others.filter((line, at) => at > 0 || line !== ''),
      ...(mark === null ? [] : [`${BEGINS}${mark}`]),
    ];
    const text = lines.length === 0 ? 'NULL' : literal(lines.join('\n'));
    await session.query('SAVEPOINT own_mark');
    try {
      await session.query(`COMMENT ON DATABASE ${quoted(comment.database)} IS ${text}`);
    } catch (error) {
      // Hosts have rules of their own, so the server is asked by trying; all else that was done stays.
      if (codeOf(error) !== NOT_ALLOWED) throw error;
      await session.query('ROLLBACK TO SAVEPOINT own_mark');
      return { isSaid: false };
    }
  }
  return { isSaid: true, place: await whichDatabase(session) };
}
