import { overwinter } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

export const alarms: Check = {
  id: 'alarms',
  fine: 'whoever is to hear of alarms has heard what was sent',
  look({ alarms: receivers }) {
    if (receivers.length === 0) return undefined;
    return receivers.flatMap(({ target, reason, unreachedSince, due }) => {
      if (reason === undefined) return [];
      const since = unreachedSince === undefined ? '' : ` since ${unreachedSince.slice(0, 10)}`;
      const waiting = due === 0 ? '' : `, and ${due === 1 ? 'one waits' : `${due} wait`}`;
      const text = `No alarm from here reaches ${target}${since}: ${reason}${waiting}.`;
      return [{ level: 'warning', text, fix: overwinter('notify', '--test') }];
    });
  },
};
