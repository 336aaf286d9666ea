import { reasonOf } from '../../../core/errors.ts';
import { definitionFailed } from '../../../core/problems/postgres.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { Across } from '../../across.ts';
import { serverProblem } from '../connect-problem.ts';
import type { Connect, Session } from '../driver.ts';
import { scratchInMemory } from '../restore/scratch-in-memory.ts';
import type { RestoreTarget } from '../restore/target.ts';
import { beginWriting } from '../restore/transaction.ts';
import { make } from './make.ts';
import { tell } from './tell.ts';
import { types } from './types.ts';

/** How a PostgreSQL database is copied to other kinds, and takes what was in others. `connect` is undefined where it is not there yet. */
export function postgresAcross(target: RestoreTarget, connect: () => Connect | undefined, wait: number): Across {
  const { label, scope } = target;
  return {
    tell: async (schema) => tell(schema),
    types,
    async make(tables) {
      const session = await sessionFor(target, connect());
      try {
        await beginWriting(session, wait);
        return await make(session, label, scope, tables);
      } catch (error) {
        throw /^(0A|2|42|54)/.test(codeOf(error))
          ? definitionFailed(label, 'schema', reasonOf(error))(error)
          : serverProblem(label, error);
      } finally {
        // What was made goes with its transaction.
        await session.close();
      }
    },
  };
}

/** To look at what would be made, a folder that is not there need not be. */
async function sessionFor(target: RestoreTarget, connect: Connect | undefined): Promise<Session> {
  if (connect !== undefined) return connect();
  const { session, close } = await scratchInMemory(target, []);
  await session.query('ROLLBACK');
  return { ...session, close };
}
