// Looks at the arguments of every process that is started: everybody on a machine can list them. Whose words they must not hold stands in a variable, in
// base64, so that it is not found there itself.
import children from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Programs that were started with a secret among their arguments. */
export const told = [];

const words = () => JSON.parse(Buffer.from(process.env.TEST_SECRET_WORDS ?? 'W10=', 'base64').toString('utf8'));

for (const name of ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'exec', 'execSync', 'fork']) {
  const real = children[name];
  const spied = function (...given) {
    const texts = [given[0], ...(Array.isArray(given[1]) ? given[1] : [])].map(String);
    if (words().some((word) => texts.some((text) => text.includes(word)))) told.push(texts[0]);
    return Reflect.apply(real, this, given);
  };
  children[name] = Object.defineProperties(spied, Object.getOwnPropertyDescriptors(real));
}
syncBuiltinESMExports();

export const TOLD = 'a secret stands in the arguments of';

if (process.env.TEST_SPY_ALONE === '1')
  process.on('exit', () => {
    for (const program of told) process.stderr.write(`${TOLD} ${program}\n`);
  });
