import { program } from '../../core/hint.ts';
import {
  rcloneFull,
  rcloneLocked,
  rcloneMissing,
  rcloneNoRemote,
  rcloneOutOfReach,
  rcloneSaid,
  rcloneShut,
  rcloneSilent,
  rcloneTooOld,
} from '../../core/problems/rclone.ts';
import { labelOfRclone, type RcloneAddress } from './address.ts';
import type { Run } from './run.ts';

/** What of the world a remote needs. */
export interface World {
  /** How rclone is run for whoever is asked about by these. `patience`: how long nothing may move, in milliseconds. */
  readonly run: (base: string, env: Readonly<Record<string, string | undefined>>, patience: number) => Run;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly now: () => number;
  readonly patience: number;
}

/** What rclone answers with when it did what it was told; undefined where there is no such folder. */
export type Ask = (args: readonly string[]) => Promise<Buffer | undefined>;

const TRIES = 4;
const LONGEST_PAUSE = 20_000;

/** Nothing that a terminal shows, questions to nobody, and a word about what moves every other second. */
const ALWAYS = [
  '--retries=1',
  '--contimeout=15s',
  '--timeout=60s',
  '--ask-password=false',
  '--log-level=NOTICE',
  '--use-json-log',
  '--stats=2s',
  '--stats-log-level=NOTICE',
];

const NO_FOLDER = 3;

/**
 * Runs rclone, and again where the other side had too much to do or was not reached, with growing pauses. Throws STORE_FAILED with the reason,
 * and ends with `signal`.
 */
export function askRclone(
  address: RcloneAddress,
  run: Run,
  world: Pick<World, 'sleep' | 'random' | 'patience'>,
  signal?: AbortSignal,
): Ask {
  const label = labelOfRclone(address);
  const shown = program('rclone', 'lsd', `${address.remote}:${address.path}`, '-vv');
  return async (args) => {
    for (let tries = 1; ; tries++) {
      const ran = await run([...args, ...ALWAYS], signal);
      if ('failed' in ran) {
        if (ran.failed === 'missing') throw rcloneMissing(label)();
        throw rcloneSilent(label, Math.round(world.patience / 1000), shown)();
      }
      if (ran.code === 0) return ran.stdout;
      if (ran.code === NO_FOLDER) return undefined;
      const said = whyNot(ran.log);
      if (said === 'passing') {
        if (tries >= TRIES || signal?.aborted) throw rcloneOutOfReach(label, tries, shown)();
        await world.sleep((0.5 + world.random() / 2) * Math.min(LONGEST_PAUSE, 1000 * 2 ** tries), signal);
        continue;
      }
      if (said === 'old') throw rcloneTooOld(label)();
      if (said === 'unknown') throw rcloneNoRemote(label, address.remote)();
      if (said === 'locked') throw rcloneLocked(label)();
      if (said === 'shut') throw rcloneShut(label, address.remote)();
      if (said === 'full') throw rcloneFull(label)();
      throw rcloneSaid(label, `rclone ended with ${ran.code}`, shown)();
    }
  };
}

type WhyNot = 'old' | 'unknown' | 'locked' | 'shut' | 'full' | 'passing' | undefined;

const REASONS: readonly (readonly [Exclude<WhyNot, undefined>, RegExp])[] = [
  ['old', /unknown (shorthand )?flag|unknown command/i],
  ['unknown', /didn't find section in config file/i],
  ['locked', /unable to decrypt configuration|RCLONE_CONFIG_PASS/i],
  [
    'full',
    /no space left|insufficient[ _]?(storage|space)|storageQuotaExceeded|quota has been exceeded|disk quota|\b507\b/i,
  ],
  ['passing', /too[ _]many[ _]requests|rate.?limit|\b429\b|\b50[0234]\b|slow ?down/i],
  [
    'shut',
    /unauthori[sz]ed|unable to authenticate|couldn't fetch token|invalid_grant|expired_access_token|permission denied|forbidden|\b40[13]\b|knownhosts|host key/i,
  ],
  [
    'passing',
    /connection (refused|reset)|no such host|i\/o timeout|timed? ?out|deadline exceeded|broken pipe|unexpected EOF|network is unreachable|no route to host|temporary failure|server misbehaving/i,
  ],
];

function whyNot(log: string): WhyNot {
  const failures = log.split('\n').flatMap(failureIn).join('\n');
  return REASONS.find(([, words]) => words.test(failures))?.[0];
}

/** Levels of lines that tell how it goes on: figures stand there, of bytes and of lines of its own source. */
const NO_FAILURES = ['debug', 'info', 'notice', 'warning'];

/** What a line says that went wrong. What it says before it reads its options, and when it ends, is no JSON. */
function failureIn(line: string): readonly string[] {
  if (!line.startsWith('{"')) return [line];
  try {
    const { level, msg }: { level?: unknown; msg?: unknown } = JSON.parse(line);
    return typeof msg !== 'string' || NO_FAILURES.includes(String(level)) ? [] : [msg];
  } catch {
    return [];
  }
}
