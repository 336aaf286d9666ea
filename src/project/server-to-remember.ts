import { lineageOf } from '../local/lineage.ts';
import type { Call } from '../local/unchanged.ts';
import type { AddressPlace, Server } from '../local/unchanged-server.ts';
import type { Project } from '../operations/project.ts';
import type { Settings } from './open-project.ts';
import { variableOf } from './variables.ts';

interface About extends Pick<Settings, 'which' | 'root'> {
  readonly project: Pick<Project, 'database' | 'local' | 'privacy'>;
  /** The name of the backup that says what the database says. */
  readonly backup: string;
}

/**
 * What tells later that nobody wrote to a database at an address since it said what its backup says; undefined where nothing does. A condition may
 * mean other rows tomorrow.
 */
export function serverToRemember({ project, which, root, backup }: About, call: Call): Server | undefined {
  const address = addressPlace(which, root, call);
  if (address === undefined || Object.keys(project.privacy?.include ?? {}).length > 0) return undefined;
  const lineage = lineageOf(project.local, project.database.id);
  const isOfBackup = lineage?.name === backup && lineage.stamp !== undefined;
  return isOfBackup ? { kind: 'postgres', address, fingerprint: lineage.stamp } : undefined;
}

/** Where an address is said, in so many words; undefined for a database that has none, and where a configuration says it. */
function addressPlace({ target, variables }: Settings['which'], root: string, call: Call): AddressPlace | undefined {
  if (target.kind !== 'postgres') return undefined;
  const argument = call.argv.indexOf(target.url);
  if (argument !== -1) return { argument };
  for (const variable of ['OVERWINTER_DB', ...variables]) {
    const said = variableOf(variable, call.env, root);
    if (said?.value === target.url) return { variable, ...(said.file === undefined ? {} : { file: said.file }) };
  }
  return undefined;
}
