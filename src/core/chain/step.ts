import type { Light } from '../decide.ts';
import { type Command, type Hint, hint } from '../hint.ts';
import type { Trouble } from './facts.ts';

/** Each stands on the ones before it. */
export type StepName = 'saved' | 'committed' | 'pushed' | 'drilled' | 'boots';

/** Why a step is not green, for whoever tells the same in other words. */
export type Cause =
  | 'database'
  | 'empty'
  | 'store'
  | 'hold'
  | 'development'
  | 'attempt'
  | 'settings'
  | 'no-backup'
  | 'not-checked-out'
  | 'behind'
  | 'changed'
  | 'unknown'
  | 'future'
  | 'passed-over'
  | 'not-writable'
  | 'no-repository'
  | 'no-git'
  | 'ignored'
  | 'uncommitted'
  | 'no-remote'
  | 'unpushed'
  | 'not-copied'
  | 'conflict'
  | 'host'
  | 'damaged'
  | 'no-key'
  | 'drill-failed'
  | 'never-drilled'
  | 'unreadable'
  | 'pointer'
  | 'other-backup'
  | 'refuses';

export interface Step {
  readonly name: StepName;
  readonly light: Light;
  /** A sentence. */
  readonly text: string;
  /** The backup for which the step was last done, and when; ISO 8601. */
  readonly backup?: string;
  readonly date?: string;
  /** What mends it: a sentence with the command, and the command alone where there is one. */
  readonly hint?: Hint;
  readonly command?: Command;
  /** Rows that are known to be in no backup, where that is what is wrong. */
  readonly unsaved?: number;
  /** Set unless it is green. */
  readonly cause?: Cause;
}

/** Something that speaks against green. */
export interface Fault extends Trouble {
  readonly light: 'yellow' | 'red';
  readonly cause: Cause;
  readonly command?: Command;
  readonly unsaved?: number;
}

type Told = Omit<Step, 'name' | 'light' | 'cause' | 'text' | 'hint' | 'command' | 'unsaved'>;

/** The step as its worst fault has it: of several, the first. */
export function stepOf(name: StepName, faults: readonly (Fault | undefined)[], fine: string, about: Told = {}): Step {
  const real = faults.filter((each) => each !== undefined);
  const worst = real.find(({ light }) => light === 'red') ?? real[0];
  return worst === undefined ? { name, light: 'green', text: fine, ...about } : { name, ...worst, ...about };
}

/** A command that mends something, and what stands behind it in the sentence. */
export const mend = (command: Command, then: string | Hint) => ({ command, hint: hint`${command} ${then}` });
