import { isHindrance } from '../../core/damage.ts';
import { OverwinterError, reasonOf } from '../../core/errors.ts';
import type { Skipped } from '../catalog.ts';
import type { Version } from './timeline.ts';

/** A backup's state beside the state before it; undefined where it is the first. */
export interface Neighbours<S> {
  readonly version: Version;
  readonly before: S | undefined;
  readonly after: S;
}

/**
 * Goes back in time, each backup with the one before it of the same environment: a laptop's rows are not what production's were. The
 * first of an environment began with what was newest then, whosesoever that was. What is damaged, or shut without its key, is gone around, and
 * told; where nothing can be read, throws why.
 */
export async function* neighbours<S>(
  versions: readonly Version[],
  stateOf: (version: Version) => Promise<S>,
  onSkipped: (skipped: Skipped) => void,
): AsyncGenerator<Neighbours<S>> {
  const states = new Map<number, Promise<{ readonly state: S } | undefined>>();
  let failure: unknown;
  let isAnyRead = false;
  const read = async (version: Version) => {
    try {
      const state = await stateOf(version);
      isAnyRead = true;
      return { state };
    } catch (error) {
      if (!(error instanceof OverwinterError) || isHindrance(error)) throw error;
      failure ??= error;
      onSkipped({ name: version.name, reason: reasonOf(error) });
      return undefined;
    }
  };
  const stateAt = (at: number, version: Version) => {
    const known = states.get(at) ?? read(version);
    states.set(at, known);
    return known;
  };
  const before = async (at: number, among: (version: Version) => boolean) => {
    for (const [other, version] of versions.entries()) {
      const found = other > at && among(version) ? await stateAt(other, version) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const [at, version] of versions.entries()) {
    const found = await stateAt(at, version);
    // Only what is older is asked for from here on.
    states.delete(at);
    if (found === undefined) continue;
    const { environment } = version.metadata.origin;
    const own = await before(at, ({ metadata }) => metadata.origin.environment === environment);
    const older = own ?? (await before(at, () => true));
    yield { version, before: older?.state, after: found.state };
  }
  if (!isAnyRead && failure !== undefined) throw failure;
}
