import type { Chain } from '../core/chain/chain.ts';
import type { Step, StepName } from '../core/chain/step.ts';
import type { Light } from '../core/decide.ts';
import { age } from '../core/words.ts';
import type { Output } from './output.ts';

const WORDS: Record<Light, string> = {
  green: 'the data is safe',
  yellow: 'have a look',
  red: 'the data is not safe',
};

const MARKS: Record<Light, string> = { green: '✓', yellow: '!', red: '✗' };

const NAMES: Record<StepName, string> = {
  saved: 'saved',
  committed: 'committed',
  pushed: 'pushed',
  drilled: 'drilled',
  boots: 'would boot',
};

const WIDTH = Math.max(...Object.values(NAMES).map(({ length }) => length));

/** The chain with the names of this call in its commands. */
export function nameChain(chain: Chain, name: (sentence: string) => string): Chain {
  const named = (step: Step): Step => ({
    ...step,
    ...(step.hint === undefined ? {} : { hint: name(step.hint) }),
    ...(step.command === undefined ? {} : { command: name(`'${step.command}'`).slice(1, -1) }),
  });
  const steps = chain.steps.map(named);
  return { ...chain, steps, first: steps.find((step) => step.name === chain.first?.name) };
}

export const lightLine = (light: Light, { paint }: Output): string => paint[light](`● ${light}: ${WORDS[light]}`);

/** The light, a line a step, and what to do first. */
export function chainLines({ light, steps, first }: Chain, output: Output, now: Date): string[] {
  const { paint } = output;
  const line = (step: Step) => {
    // Where something is amiss, the sentence says of what time it speaks.
    const when = step.date === undefined || step.light !== 'green' ? '' : `  ${paint.dim(whenOf(step.date, now))}`;
    return `  ${paint[step.light](MARKS[step.light])} ${NAMES[step.name].padEnd(WIDTH)}  ${step.text}${when}`;
  };
  return [
    lightLine(light, output),
    '',
    ...steps.map(line),
    ...(first?.hint === undefined ? [] : ['', `  First: ${first.hint}`]),
  ];
}

function whenOf(date: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(date)) / 1000;
  return seconds < -60 ? `dated ${date.slice(0, 10)}` : age(Math.max(0, seconds));
}
