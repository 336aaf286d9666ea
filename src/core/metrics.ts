import type { Light } from './decide.ts';
import { visible } from './visible.ts';

/** One figure with several values, each told from the others by its labels. */
export interface Metric {
  /** Without what all begin with. Ends in its unit. */
  readonly name: string;
  /** A sentence. */
  readonly help: string;
  readonly values: readonly MetricValue[];
}

export interface MetricValue {
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined where it is not known: then there is no such line. */
  readonly value: number | undefined;
}

const PREFIX = 'overwinter';

/** Figures in the text format of Prometheus, version 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, values }) => {
      const lines = values.flatMap(({ labels, value }) =>
        value === undefined ? [] : [`${PREFIX}_${name}${labelsText(labels)} ${value}\n`],
      );
      return lines.length === 0
        ? ''
        : `# HELP ${PREFIX}_${name} ${help}\n# TYPE ${PREFIX}_${name} gauge\n${lines.join('')}`;
    })
    .join('');
}

const labelsText = (labels: Readonly<Record<string, string>>) =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(visible(value))}"`)
    .join(',')}}`;

const escaped = (value: string) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

/** So that an alarm is raised by what is above nothing. */
export const lightValue = (light: Light): number => ({ green: 0, yellow: 1, red: 2 })[light];

/** ISO 8601 in seconds since 1970. */
export const secondsOf = (date: string | undefined): number | undefined => {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : time / 1000;
};
