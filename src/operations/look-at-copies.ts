import type { CopyFacts } from '../core/chain/facts.ts';
import type { Light } from '../core/decide.ts';
import { knownCopy } from '../local/copied.ts';
import type { Entry } from './catalog.ts';
import type { Project } from './project.ts';

/** Green: it has the newest backup, or one was handed over when it was due. Yellow: not yet, as far as is known. Red: the last try failed. */
export interface StoreStatus {
  readonly store: string;
  readonly light: Light;
  /** Nothing can be read from it: whether what was handed over arrived nobody knows. */
  readonly handedOver?: true;
  /** The newest backup that got there, and when. */
  readonly last: { readonly name: string; readonly date: string } | undefined;
  /** What is amiss, and since when nothing got there. */
  readonly problem: { readonly message: string; readonly since: string } | undefined;
}

export function storeStatus({ label, isNewest, handedOver, last, failure }: CopyFacts): StoreStatus {
  const problem = failure && { message: failure.text, since: failure.since };
  const isFine = handedOver === undefined ? isNewest : !handedOver.isDue;
  const light = failure === undefined ? (isFine ? 'green' : 'yellow') : 'red';
  return { store: label, light, ...(handedOver === undefined ? {} : { handedOver: true }), last, problem };
}

/** A mail that is a little late is none that is missing. */
const LATE_BY = 1.25;

/** What this machine knows of the other places. */
export function copyFacts({ remotes = [], local, store, now }: Project, newest: Entry | undefined): CopyFacts[] {
  return remotes.map(({ label, id, sentEvery }) => {
    const { name, date, failure } = knownCopy(local, store.id, id);
    const isNewest = newest !== undefined && name === newest.name;
    const age = date === undefined ? Number.POSITIVE_INFINITY : now().getTime() - Date.parse(date);
    return {
      label,
      isNewest,
      ...(sentEvery === undefined ? {} : { handedOver: { isDue: !isNewest && age > sentEvery * LATE_BY } }),
      last: name === undefined || date === undefined ? undefined : { name, date },
      failure: failure && { text: failure.message, hint: failure.hint, since: failure.since },
    };
  });
}
