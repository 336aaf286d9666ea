import { spawnSync } from 'node:child_process';

/** Why nothing can be installed here; undefined where it can. */
export function whyNoRegistry(): string | undefined {
  const { status } = spawnSync('npm', ['ping'], { stdio: 'ignore', timeout: 30_000 });
  return status === 0 ? undefined : 'no registry of packages answers here';
}
