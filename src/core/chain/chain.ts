import { type Light, worstOf } from '../decide.ts';
import { boots } from './boots.ts';
import { committed } from './committed.ts';
import { drilled } from './drilled.ts';
import type { ChainFacts } from './facts.ts';
import { pushed } from './pushed.ts';
import { saved } from './saved.ts';
import type { Step } from './step.ts';

/** From the rows of now to a start of the app elsewhere: saved, committed, pushed or copied, drilled, would boot. */
export interface Chain {
  /** The worst of the steps: green is earned by all of them. */
  readonly light: Light;
  readonly steps: readonly Step[];
  /** What to do first: the first that is red, or else yellow. */
  readonly first: Step | undefined;
}

export function chainOf(facts: ChainFacts): Chain {
  const steps = [saved, committed, pushed, drilled, boots].map((judge) => judge(facts));
  const first = steps.find(({ light }) => light === 'red') ?? steps.find(({ light }) => light === 'yellow');
  return { light: worstOf(steps.map(({ light }) => light)), steps, first };
}
