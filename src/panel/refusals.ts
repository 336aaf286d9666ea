import type { AuditEntry } from './audit.ts';

type Refusal = Omit<AuditEntry, 'time'>;

const SINGLY_A_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Refusals for the log: each by itself, and where there are too many in a minute, how many more. */
export function createRefusals(write: (entry: Refusal) => Promise<void>) {
  let noted = 0;
  let more = 0;
  let minute: NodeJS.Timeout | undefined;
  const endMinute = () => {
    minute = undefined;
    noted = 0;
    if (more === 0) return;
    const entry: Refusal = { who: 'nobody', action: 'requests', about: `${more} more`, outcome: 'refused' };
    more = 0;
    void write(entry);
  };
  return {
    async note(entry: Refusal): Promise<void> {
      minute ??= setTimeout(endMinute, MINUTE_MS).unref();
      if (noted < SINGLY_A_MINUTE) {
        noted++;
        await write(entry);
      } else more++;
    },
    close() {
      clearTimeout(minute);
      endMinute();
    },
  };
}
