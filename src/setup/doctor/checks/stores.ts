import type { Check } from '../check.ts';

export const stores: Check = {
  id: 'stores',
  fine: 'the other places that are to have every backup can be written, read and tidied',
  look({ places }) {
    if (places === 'none') return undefined;
    if (places === 'not asked')
      return [{ level: 'unknown', text: 'The other places were not tried, because of --offline.' }];
    return places.map(
      ({ isFailure, text, hint }) => ({ level: isFailure ? 'failure' : 'warning', text, hint }) as const,
    );
  },
};
