import { codeOf } from '../../core/system-error.ts';
import type { Session } from './driver.ts';

/**
 * Which transactions are over: what changes anything has a number, which is beyond those that are known or among those under way until then.
 * Of another server, or of this one gone back in time, the numbers mean something else; so its name, its line of time and when it was
 * started stand before them. And since a host may bring back a disk without any of these showing it, none of it holds for longer than a day.
 */
const SNAPSHOT = "pg_current_snapshot(), to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')";
const OF_SERVER = `(SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint())`;
const DATABASE = '(SELECT oid FROM pg_database WHERE datname = current_database())';

const NOT_ALLOWED = '42501';

/** The same text later means that nobody wrote meanwhile. Undefined where the server does not say which one it is. */
export async function fingerprint(session: Session, isServer: boolean): Promise<string | undefined> {
  const started = isServer ? ', pg_postmaster_start_time()' : '';
  try {
    const [[text] = []] = await session.query(
      `SELECT concat_ws(' ', ${OF_SERVER}, ${DATABASE}${started}, ${SNAPSHOT})`,
    );
    return text ?? undefined;
  } catch (error) {
    if (codeOf(error) === NOT_ALLOWED) return undefined;
    throw error;
  }
}
