import { isHindrance } from '../../core/damage.ts';
import { OverwinterError, reasonOf } from '../../core/errors.ts';

export interface Trouble {
  readonly text: string;
  readonly hint: string;
}

/** Whoever examines everything goes past what cannot be read, and tells of each once. */
export function hindrances() {
  const found = new Map<string, Trouble>();
  const note = (error: unknown): void => {
    const text = reasonOf(error);
    found.set(text, { text, hint: error instanceof OverwinterError ? error.hint : '' });
  };
  return {
    note,
    /** What the work comes to, or what holds where something kept it from its end. Throws every other failure. */
    async past<T>(work: Promise<T>, otherwise: T): Promise<T> {
      try {
        return await work;
      } catch (error) {
        if (!isHindrance(error)) throw error;
        note(error);
        return otherwise;
      }
    },
    get found(): readonly Trouble[] {
      return [...found.values()];
    },
  };
}
