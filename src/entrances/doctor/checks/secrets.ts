import { lineToKeep } from '../../../operations/secrets.ts';
import type { Check } from '../check.ts';

export const secrets: Check = {
  id: 'secrets',
  fine: 'no column holds what looks private without the configuration saying so',
  look({ suspects, hasRows, privacy }) {
    if (!hasRows || suspects === undefined) return undefined;
    if (suspects.length === 0) return [];
    const columns = suspects.map(({ table, column, kind }) => `${table}.${column} (${kind})`).join(', ');
    const hint = `If backups may hold it, say so in overwinter.config.ts: ${lineToKeep(suspects, privacy)}; if not, say the same with 'redact'.`;
    return [{ level: 'warning', text: `Backups hold what looks private: ${columns}.`, hint }];
  },
};
