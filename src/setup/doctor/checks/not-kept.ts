import { hint } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

const NAMED = 10;

export const notKept: Check = {
  id: 'not-kept',
  fine: 'backups keep everything that is defined in the database',
  look({ notKept: names }) {
    if (names === undefined) return undefined;
    if (names.length === 0) return [];
    const some = names.slice(0, NAMED).join(', ');
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    const text = `No backup keeps these, and no row needs them: ${some}${more}.`;
    return [{ level: 'warning', text, hint: hint`Keep what makes them beside the code, as a migration or a script.` }];
  },
};
