import type { Session } from './driver.ts';

/** Whatever a role or a database is set to: the same text, of the system's own functions. */
export const utc = (time: string, format: string) =>
  `pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.${time}()), '${format}')`;

/** A server's name, and its line of time: where it goes back, or another one takes over, that is another. */
export const OF_SERVER =
  '(SELECT system_identifier FROM pg_catalog.pg_control_system()), (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint())';
/** A database that is dropped and made anew has another number. */
export const OF_DATABASE =
  '(SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())';
export const STARTED = utc('pg_postmaster_start_time', 'YYYY-MM-DD HH24:MI:SS.US');

/** To be refused would end the transaction that it is asked in, so whether it is allowed is asked first. */
const MAY_ASK = ['system', 'checkpoint']
  .map((of) => `pg_catalog.has_function_privilege('pg_catalog.pg_control_${of}()', 'EXECUTE')`)
  .join(' AND ');

/**
 * Tells a database from every other, also from one that is reached at the same address later. Where a role may not ask for the server's name, it
 * is known by when it was started: after that nobody knows it again.
 */
export async function whichDatabase(session: Session): Promise<string> {
  const [[mayAsk] = []] = await session.query(`SELECT ${MAY_ASK}`);
  const server = mayAsk === 't' ? OF_SERVER : STARTED;
  const [[name] = []] = await session.query(`SELECT pg_catalog.concat_ws('/', ${server}, ${OF_DATABASE})`);
  return name ?? '';
}
