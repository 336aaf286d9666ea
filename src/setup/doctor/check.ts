import type { Command, Hint } from '../../core/hint.ts';
import type { Facts } from './facts.ts';

/** `failure`: something will be lost or will not work. `warning`: worth knowing. `unknown`: could not be found out. */
export type Level = 'failure' | 'warning' | 'unknown';

export interface Finding {
  readonly level: Level;
  /** A sentence. */
  readonly text: string;
  /** The command that fixes it, meant from the project's root. */
  readonly fix?: Command;
  /** Where no command does: a sentence that helps. */
  readonly hint?: Hint;
  /** What `--fix` does about it; only what cannot do harm has one. */
  readonly repair?: Repair;
}

/**
 * `init`: what `overwinter init` would write. `parts`: heal them from git. `rows`: back up, which writes parts that are gone. The
 * others: write a file anew, or tidy one.
 */
export type Repair = 'init' | 'parts' | 'rows' | 'pointer' | 'attributes' | 'resync';

/** One thing that can go wrong later. It only judges facts that were gathered before. */
export interface Check {
  readonly id: string;
  /** What is so where nothing was found. */
  readonly fine: string;
  /** Undefined where the question does not arise. */
  look(facts: Facts): readonly Finding[] | undefined;
}
