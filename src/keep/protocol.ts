import type { Config } from '../core/config.ts';
import type { Problem } from '../core/errors.ts';
import type { KeepEvent } from './events.ts';
import type { Timing } from './schedule.ts';

/** What the app's thread and the one that works say to each other. */
export interface Setup {
  readonly flags: Config;
  readonly cwd: string;
  readonly timing: Timing;
  /** How long the last backup may be tried for. */
  readonly deadline: number;
  readonly heartbeat?: string;
  /**
   * Where the number of the last answer is put, for someone who cannot wait for messages: shared memory, or, between processes,
   * a file.
   */
  readonly answered: Int32Array<SharedArrayBuffer> | string;
}

export type Asked =
  | { readonly kind: 'start'; readonly setup: Setup }
  | { readonly kind: 'backup' | 'flush' | 'stop'; readonly id: number }
  /** The app says that it wrote. */
  | { readonly kind: 'changed' };

export type Told =
  | { readonly kind: 'ready' }
  /** What somebody should know before anything happens. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'cannot'; readonly problem: Problem }
  | { readonly kind: 'event'; readonly event: KeepEvent }
  | { readonly kind: 'pending'; readonly pending: boolean }
  | { readonly kind: 'answer'; readonly id: number; readonly event?: KeepEvent };
