import { OverwinterError, reasonOf } from '../../core/errors.ts';
import { mayNotRead, rowsHidden } from '../../core/problems/postgres-reading.ts';
import {
  databaseNotOnServer,
  encryptionOfServer,
  projectPaused,
  serverBusy,
  serverFailed,
  serverUnreachable,
  signInRefused,
  tooManyConnections,
} from '../../core/problems/server.ts';
import { codeOf } from '../../core/system-error.ts';

/** Why no session could be begun, in our words. `createdb`: what that program is called with to make the database. */
export function connectProblem(label: string, error: unknown, createdb = ['NAME']): OverwinterError {
  if (error instanceof OverwinterError) return error;
  const reason = wordsOf(error);
  const code = codeOf(error);
  // Poolers of hosts have no code of their own for it.
  if (/tenant or user not found|project .*(paused|not found)|endpoint .*(disabled|not found)/i.test(reason))
    return projectPaused(label, reason)(error);
  if (code === '3D000') return databaseNotOnServer(label, reason, createdb)(error);
  // A missing password is told by the driver alone.
  if (code.startsWith('28') || /password must be a (non-empty )?string|no password/i.test(reason)) {
    const isAboutEncryption = /no encryption|SSL off|insecure/i.test(reason);
    return (isAboutEncryption ? encryptionOfServer : signInRefused)(label, reason)(error);
  }
  if (code === '42501') return signInRefused(label, reason)(error);
  if (code.startsWith('53') || /too many (clients|connections)|max client connections/i.test(reason))
    return tooManyConnections(label, reason)(error);
  if (/SSL|TLS|certificate|insecure/i.test(`${code} ${reason}`)) return encryptionOfServer(label, reason)(error);
  return serverUnreachable(label, reason)(error);
}

/** What went wrong in a session, in our words. */
export function serverProblem(label: string, error: unknown): OverwinterError {
  if (error instanceof OverwinterError) return error;
  const code = codeOf(error);
  const reason = wordsOf(error);
  if (
    /^(08|57P0|ECONN|EPIPE|ETIMEDOUT|ERR_STREAM_)/.test(code) ||
    /^Connection (terminated|ended)|not queryable/i.test(reason)
  )
    return serverUnreachable(label, reason)(error);
  if (code === '42501') return (/row-level security/.test(reason) ? rowsHidden : mayNotRead)(label, reason)(error);
  if (code === '55P03' || code === '40P01' || code === '55006') return serverBusy(label, reason)(error);
  return serverFailed(label, reason)(error);
}

/** Where several addresses of a host were tried, each failed in its own way. */
function wordsOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return reasonOf(first).replace(/[.\s]+$/, '');
}
