import { CONFIG, hint } from '../../../core/hint.ts';
import { lineToKeep } from '../../../operations/secrets.ts';
import { inDefinitions, OUT_OF_DEFINITIONS } from '../../../project/privacy-words.ts';
import type { Check, Finding } from '../check.ts';

export const secrets: Check = {
  id: 'secrets',
  fine: 'nothing that is saved looks private without the configuration saying so',
  look({ secrets: found, hasRows, privacy }) {
    if (!hasRows || found === undefined) return undefined;
    const { columns, definitions } = found;
    const findings: Finding[] = [];
    if (columns.length > 0) {
      const all = columns.map(({ table, column, kind }) => `${table}.${column} (${kind})`).join(', ');
      const next = hint`If backups may hold it, say so in ${CONFIG}: ${lineToKeep(columns, privacy)}; if not, say the same with 'redact'.`;
      findings.push({ level: 'warning', text: `Backups hold what looks private: ${all}.`, hint: next });
    }
    if (definitions.length > 0)
      findings.push({ level: 'warning', text: inDefinitions(definitions), hint: OUT_OF_DEFINITIONS });
    return findings;
  },
};
