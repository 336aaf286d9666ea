import type { Check, Finding, Level } from './check.ts';
import { alarms } from './checks/alarms.ts';
import { lookedAt, parts, pointer, readable } from './checks/backups.ts';
import { chain } from './checks/chain.ts';
import { database } from './checks/database.ts';
import { hook } from './checks/hook.ts';
import { hookRuns, prepareScript } from './checks/hook-runs.ts';
import { lineEnds } from './checks/line-ends.ts';
import { driverFits, gitInstalled, nodeVersion } from './checks/machine.ts';
import { notKept } from './checks/not-kept.ts';
import { installed, repository } from './checks/repository.ts';
import { secrets } from './checks/secrets.ts';
import { stores } from './checks/stores.ts';
import { superuser } from './checks/superuser.ts';
import { leftovers, mergeDriver } from './checks/this-clone.ts';
import { backupsIgnored, databasePlace, databaseTracked } from './checks/tracked.ts';
import { visibility } from './checks/visibility.ts';
import { schedule, workflow } from './checks/workflow.ts';
import type { Facts } from './facts.ts';

/** Every check, in the order in which trouble is best cleared: the later ones stand on the earlier. */
const CHECKS: readonly Check[] = [
  nodeVersion,
  driverFits,
  gitInstalled,
  repository,
  installed,
  hook,
  hookRuns,
  prepareScript,
  database,
  superuser,
  notKept,
  databasePlace,
  databaseTracked,
  backupsIgnored,
  lineEnds,
  lookedAt,
  readable,
  parts,
  ...chain,
  leftovers,
  pointer,
  mergeDriver,
  visibility,
  stores,
  secrets,
  workflow,
  schedule,
  alarms,
];

/** What is so of a project, however many databases it has. */
const OF_THE_PROJECT: readonly Check[] = [
  nodeVersion,
  driverFits,
  gitInstalled,
  repository,
  installed,
  hook,
  hookRuns,
  prepareScript,
  leftovers,
  mergeDriver,
  workflow,
  schedule,
  alarms,
];

export type Scope = 'all' | 'project' | 'database';

export interface Examined {
  readonly id: string;
  readonly fine: string;
  readonly level: 'fine' | Level;
  readonly findings: readonly Finding[];
}

const WORST: readonly Level[] = ['failure', 'warning', 'unknown'];

/** What each check says, or only those of the project or of one of its databases; questions that do not arise are left out. */
export function examine(facts: Facts, scope: Scope = 'all'): Examined[] {
  const asked = CHECKS.filter((each) => scope === 'all' || OF_THE_PROJECT.includes(each) === (scope === 'project'));
  return asked.flatMap(({ id, fine, look }) => {
    const findings = look(facts);
    if (findings === undefined) return [];
    const level = WORST.find((each) => findings.some((finding) => finding.level === each)) ?? 'fine';
    return [{ id, fine, level, findings }];
  });
}
