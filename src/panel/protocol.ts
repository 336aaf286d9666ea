import type { Config } from '../core/config.ts';
import type { Problem } from '../core/errors.ts';
import type { Phase } from '../operations/project.ts';
import type { Act, Asks } from './worker/acts.ts';

/** What the panel and the process that works for it say to each other. */
export type Asked =
  | { readonly kind: 'open'; readonly flags: Config; readonly cwd: string }
  | { readonly kind: 'act'; readonly id: number; readonly name: Act; readonly args: Asks[Act][0] }
  /** Ends an act at the next place where it can be ended without a trace; one that is past the last of them goes on. */
  | { readonly kind: 'stop'; readonly id: number };

export interface Progress {
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  /** Of several things, how many are done. */
  readonly step?: { readonly done: number; readonly of: number };
}

/** Throws Stopped where it is to end. */
export type OnWork = (phase: Phase, done: number, total: number, step?: Progress['step']) => void;

export type Told =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  /** The answer as JSON. */
  | { readonly kind: 'answer'; readonly id: number; readonly text: string }
  | { readonly kind: 'failed'; readonly id: number; readonly problem: Problem }
  /** It stops, and cleans up. */
  | { readonly kind: 'stopping'; readonly id: number }
  | { readonly kind: 'stopped'; readonly id: number };

/** Work that ended because it was told to. */
export class Stopped extends Error {}
