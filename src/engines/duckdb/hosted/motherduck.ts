import { OverwinterError, reasonOf } from '../../../core/errors.ts';
import { motherduckUnreachable, tokenMissing } from '../../../core/problems/motherduck.ts';
import { openInstance } from '../driver.ts';
import { firstLine } from '../duckdb-problem.ts';
import { type Host, hostOver } from './host.ts';

/** What MotherDuck's own programs read. */
const VARIABLES = ['motherduck_token', 'MOTHERDUCK_TOKEN'] as const;

/** A database at MotherDuck. The token comes from the environment alone. */
export function onMotherduck(name: string, env: Readonly<Record<string, string | undefined>>): Host {
  const label = `md:${name}`;
  const secret = VARIABLES.map((variable) => env[variable]).find((value) => value !== undefined && value !== '') ?? '';
  return hostOver({
    label,
    id: label,
    catalog: name,
    secret,
    async open() {
      if (secret === '') throw tokenMissing(label)();
      try {
        // Alone: what else the account has is not attached, and what is attached here is not remembered there.
        return await openInstance(`${label}?attach_mode=single`, { motherduck_token: secret });
      } catch (error) {
        if (error instanceof OverwinterError) throw error;
        const reason = firstLine(reasonOf(error)).replaceAll(secret, '…');
        throw motherduckUnreachable(label, reason)(new Error(reason));
      }
    },
  });
}
