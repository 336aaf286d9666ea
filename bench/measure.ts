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
  // Nobody is to wait for what the one before left to be written.
  spawnSync('sync');
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

export interface Race {
  /** The median of our seconds. */
  readonly ours: number;
  /** For each of the others the median of our seconds ÷ theirs; undefined where it failed. */
  readonly ratios: readonly (number | undefined)[];
}

/** Runs all in turn, so that a slow minute of the machine is slow for all; what counts is the ratio within a turn. */
export function race(ours: Command, others: readonly Command[], runs: number): Race {
  const seconds: number[] = [];
  const ratios = others.map((): number[] => []);
  const failed = new Set<number>();
  // The first of several turns only warms the disk's cache.
  for (let turn = runs > 1 ? 0 : 1; turn <= runs; turn++) {
    const mine = time(ours);
    if (turn > 0) seconds.push(mine);
    for (const [at, other] of others.entries()) {
      if (failed.has(at)) continue;
      try {
        const ratio = mine / time(other);
        if (turn > 0) ratios[at]?.push(ratio);
      } catch {
        failed.add(at);
      }
    }
  }
  return { ours: median(seconds), ratios: ratios.map((each, at) => (failed.has(at) ? undefined : median(each))) };
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
