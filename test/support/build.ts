import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const TSC = 'node_modules/typescript/bin/tsc';

/**
 * Tests of the command line run what users run: the program as it is published. What tests run in processes of their own is compiled
 * too, file by file, because a process that compiles first takes four times as long to start.
 */
export function setup(): void {
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { stdio: 'inherit' });
  rmSync('dist-test', { recursive: true, force: true });
  execFileSync(process.execPath, [TSC, '-p', 'tsconfig.test.json'], { stdio: 'inherit' });
}
