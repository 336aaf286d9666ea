import type { Trouble } from './chain/facts.ts';

/** What to know on a host that forgets the backups written there. */
export function adviceOnHost(name: string): Required<Trouble> {
  return {
    text: `This runs on ${name}: backups written here are lost with the host unless they are pushed.`,
    hint: `'stores: ["branch:backups"]' in the configuration brings each to a branch, 'overwinter init' sets up the workflow that keeps them; OVERWINTER_HOST=none says that this disk stays.`,
  };
}
