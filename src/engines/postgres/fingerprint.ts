import { codeOf } from '../../core/system-error.ts';
import type { Session } from './driver.ts';
import { OF_DATABASE, OF_SERVER, STARTED, utc } from './which-database.ts';

/**
 * Which transactions are over: what changes anything has a number, which is beyond those that are known or among those under way until then.
 * Of another server, or of this one gone back in time, the numbers mean something else; so its name, its line of time and when it was
 * started stand before them, and the numbers of its own processes. And since a host may bring back a disk without any of these showing it, none
 * of it holds for longer than a day.
 */
const SNAPSHOT = `pg_catalog.pg_current_snapshot(), ${utc('now', 'YYYY-MM-DD')}`;

/**
 * Where one of its programs is killed, a server starts all of them anew, but not itself: what was committed without waiting for the disk is gone
 * then, and whoever writes next gets its numbers.
 */
const PROCESSES = `(SELECT pg_catalog.string_agg(pid::pg_catalog.text, ',' ORDER BY pid) FROM pg_catalog.pg_stat_get_activity(NULL) WHERE datid IS NULL AND usesysid IS NULL)`;

/** Who may not see one gets nothing, and no error. */
const LAST = `CASE WHEN pg_catalog.has_sequence_privilege(seqrelid, 'SELECT, USAGE') THEN pg_catalog.pg_sequence_last_value(seqrelid) END`;

/**
 * A number that is drawn from a sequence has no transaction to it, but for every thirty-second. The view `pg_sequences` says the same, and takes a
 * new session twice as long to think through.
 */
const SEQUENCES = `(SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws(':', seqrelid, ${LAST}), ',' ORDER BY seqrelid))
  FROM pg_catalog.pg_sequence JOIN pg_catalog.pg_class ON oid OPERATOR(pg_catalog.=) seqrelid WHERE NOT pg_catalog.pg_is_other_temp_schema(relnamespace))`;

export function fingerprintSql(isServer: boolean): string {
  const started = isServer ? `, ${STARTED}, ${PROCESSES}` : '';
  return `SELECT pg_catalog.concat_ws(' ', ${OF_SERVER}, ${OF_DATABASE}${started}, ${SNAPSHOT}, ${SEQUENCES})`;
}

const NOT_ALLOWED = '42501';

/** The same text later means that nobody wrote meanwhile. Undefined where the server does not say which one it is. */
export async function fingerprint(session: Session, isServer: boolean): Promise<string | undefined> {
  try {
    const [[text] = []] = await session.query(fingerprintSql(isServer));
    return text ?? undefined;
  } catch (error) {
    if (codeOf(error) === NOT_ALLOWED) return undefined;
    throw error;
  }
}
