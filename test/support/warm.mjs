// The program compiled file by file, started once for many commands: what it does for each is what dist/main.cjs does, in the folder and with the
// variables of that command, without starting node and loading everything again.
import { Writable } from 'node:stream';
import { main } from '../../dist-test/src/cli/program.js';
import { recall } from '../../dist-test/src/local/unchanged.js';
import { TOLD, told } from './spied-arguments.mjs';

class Collected extends Writable {
  text = '';
  _write(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
}

async function run({ cwd, argv, env }) {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = 0;
  const [out, err] = [new Collected(), new Collected()];
  const call = { argv, cwd, env };
  const words = argv[0] === 'backup' ? await recall(call) : undefined;
  if (words === undefined) await main({ ...call, now: () => new Date(), out, err });
  const code = process.exitCode;
  process.exitCode = 0;
  process.chdir('/');
  for (const program of told.splice(0)) err.text += `${TOLD} ${program}\n`;
  return words === undefined ? { code, stdout: out.text, stderr: err.text } : { code: 0, ...words };
}

let before = Promise.resolve();
process.on('message', ({ call }) => {
  before = before.then(async () => {
    process.send({ ran: await run(call).catch((error) => ({ code: 1, stdout: '', stderr: String(error?.stack) })) });
  });
});
process.on('disconnect', () => process.exit());
