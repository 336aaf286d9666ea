import { readNote, writeNote } from '../local/notes.ts';
import { asIfSent, type Remembered } from './due.ts';

/** Where this machine notes what was handed over to a mailbox. */
export interface Noted {
  readonly local: string;
  readonly kind: 'mailed' | 'shown';
  readonly id: string;
}

/** How often something is handed over, and whether the host forgets at each start what was. */
interface Rhythm {
  readonly every: number;
  readonly forgets: boolean;
  readonly now: number;
}

/** What was handed over last, as far as anybody knows; where a host forgets, as if something had been when it was last time. */
export function recallHandedOver({ local, kind, id }: Noted, { every, forgets, now }: Rhythm): Remembered | undefined {
  const known = rememberedIn(readNote(local, kind, id) ?? {});
  if (known !== undefined || !forgets) return known;
  const started = asIfSent(every, now);
  // Else what is due would be later at every look.
  writeNote(local, kind, id, started);
  return started;
}

export const noteHandedOver = ({ local, kind, id }: Noted, remembered: Remembered): void =>
  writeNote(local, kind, id, remembered);

function rememberedIn({ time, content, tooLarge }: Readonly<Record<string, unknown>>): Remembered | undefined {
  if (typeof time !== 'number') return undefined;
  const large: { readonly time?: unknown; readonly bytes?: unknown } = Object(tooLarge);
  return {
    time,
    ...(typeof content === 'string' ? { content } : {}),
    ...(typeof large.time === 'number' && typeof large.bytes === 'number'
      ? { tooLarge: { time: large.time, bytes: large.bytes } }
      : {}),
  };
}
