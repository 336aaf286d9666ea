import type { Check } from '../check.ts';

export const key: Check = {
  id: 'key',
  fine: 'a key here opens the newest backup',
  look({ key: found }) {
    if (found === undefined) return undefined;
    if (found === 'fits') return [];
    // Whoever only makes backups needs none.
    return [
      {
        level: 'warning',
        text: `${found.message} An app on this machine could not restore it.`,
        hint: found.hint,
      },
    ];
  },
};
