import type { Fold } from './privacy/shape.ts';

/**
 * Tables that empty by themselves and whose rows nobody would miss. A word counts only where it cannot well be data: `jobs` is a
 * queue, and `job_applications` is not; `sessions` is a login's, and `training_sessions` is not.
 */
const SHORT_LIVED = [
  /^((user|auth|login|web|express|django|flask|next|oauth)_?)?sessions?(_store)?$/,
  /^(failed|delayed|queued|background|pending|scheduled|apscheduler|oban|delayed_job|good|que)_?jobs?$|^jobs$|^job_batches$/,
  /^(pgboss|solid_queue|solid_cache|solid_cable|telescope|pulse|horizon|celery|django_celery|bull|bullmq|agenda)_/,
  /(^|_)(cache|caches|queue|queues|locks|nonces|otps|heartbeats|outbox)$/,
  /(^|_)cache_entries$|(^|_)rate_?limits?$|(^|_)throttles?$/,
  /(^|_)(verification|reset|refresh|access|csrf|session|auth|login|invite|confirmation)_?tokens?$|^tokens$/,
  /^_?(tmp|temp)_|_(tmp|temp)$/,
];

/** `VerificationToken` and `verification_token` are one name. */
const plain = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase();

/** Whether rows of a table may go at any time, as its name tells. */
export const isShortLived = (table: string): boolean => SHORT_LIVED.some((pattern) => pattern.test(plain(table)));

/** The same, as the configuration says it. */
export function amongTables(names: readonly string[], fold: Fold): (table: string) => boolean {
  const folded = new Set(names.map(fold));
  return (table) => folded.has(fold(table));
}
