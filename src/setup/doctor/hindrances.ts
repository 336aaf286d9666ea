import { isHindrance } from '../../core/damage.ts';
import { hintOf, reasonOf } from '../../core/errors.ts';
import type { Hint } from '../../core/hint.ts';

export interface Trouble {
  readonly text: string;
  readonly hint: Hint;
}

/** Whoever examines everything goes past what cannot be read, and tells of each once. */
export function hindrances() {
  const found = new Map<string, Trouble>();
  const note = (error: unknown): void => {
    const text = reasonOf(error);
    found.set(text, { text, hint: hintOf(error) });
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
