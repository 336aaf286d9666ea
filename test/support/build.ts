import { execFileSync } from 'node:child_process';

/** Tests of the command line run what users run: the compiled program. */
export function setup(): void {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}
