/** What an alarm can be about. */
export const SUBJECTS = ['backup', 'copy', 'verify', 'boot'] as const;
export type Subject = (typeof SUBJECTS)[number];

/**
 * `failure`, `stale` and `recovery` are changes of state, and said once. `success` and `started` are for monitors that raise an alarm when they
 * hear nothing.
 */
export const ALARM_EVENTS = ['failure', 'stale', 'recovery', 'success', 'started', 'test'] as const;
export type AlarmEvent = (typeof ALARM_EVENTS)[number];

/** Whose alarm it is. */
export interface Whose {
  /** The folder of the project. */
  readonly project: string;
  /** The database, as the project calls it. */
  readonly database: string;
  readonly environment: string;
}

/** What somebody is to hear. There are names in it that people gave, times and codes, and nothing of what is in the database. */
export interface Alarm extends Whose {
  /** The same for the same alarm, however often it is sent. */
  readonly id: string;
  readonly event: AlarmEvent;
  readonly subject: Subject;
  /** ISO 8601. */
  readonly time: string;
  /** The place that is to have every backup, where it is about one. */
  readonly store?: string;
  /** The code of the problem. */
  readonly code?: string;
  /** Since when it fails or is out of date, or was until now. */
  readonly since?: string;
  /** Nothing else of the project fails or is out of date. */
  readonly calm: boolean;
}
