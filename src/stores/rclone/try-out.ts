import { hint, hintText, overwinter, program } from '../../core/hint.ts';
import { rcloneMissing, rcloneSaid } from '../../core/problems/rclone.ts';
import type { Shortcoming, WritableStore } from '../store.ts';
import type { Run } from './run.ts';

const PROBE = 'doctor_probe.txt';
const BYTES = Buffer.from(`${hintText(hint`${overwinter('doctor')} writes, reads and removes this.`)}\n`);

/** Before it, rclone itself wrote files under their own names, and left half of one where it died. */
const SAFE: Version = [1, 63];
/** Before it, it does not know a list of files as it is given one. */
const OLDEST: Version = [1, 55];

type Version = readonly [number, number];

interface Trial {
  readonly label: string;
  readonly run: Run;
  readonly store: WritableStore;
  readonly signal: AbortSignal | undefined;
}

/** Tries all that is needed of a remote, and of the program. Throws STORE_FAILED. */
export async function tryRclone({ label, run, store, signal }: Trial): Promise<Shortcoming[]> {
  const found = aboutVersion(label, await versionOf(label, run, signal));
  if (found.some(({ isFailure }) => isFailure)) return found;
  await store.batch(async (batch) => {
    await batch.publish(PROBE, BYTES);
    if (!(await batch.read(PROBE))?.equals(BYTES))
      throw rcloneSaid(label, 'it gave something else than was written there', program('rclone', 'version'))();
    await batch.remove([PROBE]);
  });
  return found;
}

async function versionOf(label: string, run: Run, signal: AbortSignal | undefined): Promise<Version | undefined> {
  const ran = await run(['version'], signal);
  if ('failed' in ran && ran.failed === 'missing') throw rcloneMissing(label)();
  const [, major, minor] = ('stdout' in ran && /^rclone v(\d+)\.(\d+)/.exec(ran.stdout.toString('utf8'))) || [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

export function aboutVersion(label: string, version: Version | undefined): Shortcoming[] {
  if (version === undefined || !isBefore(version, SAFE)) return [];
  const name = version.join('.');
  const next = hint`Install a newer one from https://rclone.org/install; ${program('rclone', 'version')} says which it is.`;
  if (isBefore(version, OLDEST))
    return [
      {
        isFailure: true,
        text: `rclone ${name} is too old for ${label}: ${OLDEST.join('.')} is the oldest that will do.`,
        hint: next,
      },
    ];
  const text = `rclone ${name} leaves half files where it is interrupted; 1.63 and newer do not. Nothing in ${label} counts before it is whole, but halves of it may stay there for some days.`;
  return [{ isFailure: false, text, hint: next }];
}

const isBefore = ([major, minor]: Version, [other, than]: Version) =>
  major < other || (major === other && minor < than);
