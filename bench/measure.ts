import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly stdout?: string;
  /** Readies the ground before each run; not timed. */
  readonly before?: () => void;
}

/** Runs a command as people do, a whole process, and returns its wall time in seconds. */
export function time(command: Command): number {
  command.before?.();
  const input = command.stdin === undefined ? 'ignore' : openSync(command.stdin, 'r');
  const output = command.stdout === undefined ? 'ignore' : openSync(command.stdout, 'w');
  const [program = '', ...args] = command.argv;
  const begun = performance.now();
  const { status, stderr } = spawnSync(program, args, { stdio: [input, output, 'pipe'] });
  const seconds = (performance.now() - begun) / 1000;
  for (const file of [input, output]) if (typeof file === 'number') closeSync(file);
  if (status !== 0) throw new Error(`${command.argv.join(' ')} failed: ${stderr}`);
  return seconds;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export interface Comparison {
  readonly name: string;
  readonly ours: number;
  readonly theirs: number;
  /** The median of the ratios of each pair of runs: what holds when the machine's speed drifts. */
  readonly ratio: number;
}

/** Runs both in turn, so that a slow minute of the machine is slow for both. */
export function compare(name: string, ours: Command, theirs: Command, runs: number): Comparison {
  time(ours);
  time(theirs);
  const pairs = Array.from({ length: runs }, () => ({ theirs: time(theirs), ours: time(ours) }));
  return {
    name,
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
    ratio: median(pairs.map((pair) => pair.ours / pair.theirs)),
  };
}

const REPORT_PEAK = "process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))";

/** The most memory a Node program takes, in bytes. */
export function peakMemory(argv: readonly string[]): number {
  const [program = '', ...args] = argv;
  const { stderr } = spawnSync(
    program,
    ['--import', `data:text/javascript,${encodeURIComponent(REPORT_PEAK)}`, ...args],
    {
      encoding: 'utf8',
    },
  );
  return Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) * 1024;
}
