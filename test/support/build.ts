import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { program, THREADS } from '../../scripts/programs.ts';
import { notInstalled } from './installed.ts';
import { nameCluster, removeCluster } from './postgres.ts';

const TSC = 'node_modules/typescript/bin/tsc';

/**
 * Tests of the command line run what users run: the program as it is published. What tests run in processes of their own is compiled
 * too, file by file, because a process that compiles first takes four times as long to start.
 */
export async function setup(): Promise<() => void> {
  nameCluster();
  for (const line of notInstalled()) console.warn(line);
  rmSync('dist-test', { recursive: true, force: true });
  await Promise.all([
    done(spawn(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { stdio: 'inherit' })),
    done(spawn(process.execPath, [TSC, '-p', 'tsconfig.test.json'], { stdio: 'inherit' })),
    build({ ...program, entryPoints: THREADS, outdir: 'dist-test/src/engines/sqlite' }),
  ]);
  return removeCluster;
}

async function done(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
}
