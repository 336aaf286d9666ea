import type { Chain } from '../core/chain/chain.ts';
import type { Step, StepName } from '../core/chain/step.ts';
import type { Light } from '../core/decide.ts';
import { commandsOf, hintText, type Namer } from '../core/hint.ts';
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

/** A step as it is told: with the names of this call in its commands. */
interface ToldStep extends Omit<Step, 'hint' | 'command'> {
  readonly hint?: string;
  readonly command?: string;
}

export interface ToldChain extends Omit<Chain, 'steps' | 'first'> {
  readonly steps: readonly ToldStep[];
  readonly first: ToldStep | undefined;
}

export function toldChain(chain: Chain, name: Namer): ToldChain {
  const steps = chain.steps.map(({ hint, command, ...step }): ToldStep => {
    const [typed] = command === undefined ? [] : commandsOf(name([command]));
    return {
      ...step,
      ...(hint === undefined ? {} : { hint: hintText(name(hint)) }),
      ...(typed === undefined ? {} : { command: typed }),
    };
  });
  return { ...chain, steps, first: steps.find((step) => step.name === chain.first?.name) };
}

export const lightLine = (light: Light, { paint }: Output): string => paint[light](`● ${light}: ${WORDS[light]}`);

/** The light, a line a step, and what to do first. */
export function chainLines({ light, steps, first }: ToldChain, output: Output, now: Date): string[] {
  const { paint } = output;
  const line = (step: ToldStep) => {
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
