import { adviceOnHost } from '../core/advice.ts';
import type { Project } from '../operations/project.ts';

/** One message for whoever writes backups where they do not last: writing goes on, because a volume may be there that nobody saw. */
export function noteOnHost({ runsOn }: Project): string | undefined {
  if (runsOn?.forgets !== true) return undefined;
  const { text, hint } = adviceOnHost(runsOn.name);
  return `${text} ${hint}`;
}
