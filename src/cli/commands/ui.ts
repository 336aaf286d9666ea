import { spawn } from 'node:child_process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { toStartPrograms } from '../../files/programs.ts';
import { type Invocation, invokeTogether, type Terminal } from '../command.ts';

interface Options {
  readonly port: number;
  readonly open: boolean;
  readonly db?: string;
}

export function addUi(program: Command, terminal: Terminal): void {
  program
    .command('ui')
    .description('open the panel in a browser, on this machine alone')
    .addOption(new Option('--port <n>', 'the port to listen on').argParser(portNumber).default(0, 'any that is free'))
    .option('--no-open', 'only print the address')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter ui
  $ overwinter ui --port 4747 --no-open

The address is good for one visit, within ten minutes. Ctrl+C ends it.`,
    )
    .action((_options: unknown, command: Command) =>
      invokeTogether(terminal, command, (all) => run(all, command.optsWithGlobals<Options>())),
    );
}

async function run(
  [{ project, output, terminal }]: readonly [Invocation, ...Invocation[]],
  { port, open, db }: Options,
): Promise<number> {
  const { servePanel, TICKET_LASTS_MS } = await import('../../panel/serve.ts');
  const { redirectFile } = await import('../../panel/redirect-file.ts');
  const { address, spent, close } = await servePanel(
    // Named as this call names it: what a database at an address is called is none. The folder of the first is that of all.
    { ...(db === undefined ? {} : { db }), dir: project.store.path },
    {
      cwd: terminal.cwd,
      env: terminal.env,
      now: terminal.now,
    },
    port,
  );
  output.result({ address }, address);
  output.say('This address is good for one visit, within ten minutes. Ctrl+C ends the panel.');
  const page = open ? await redirectFile(project.local, address, TICKET_LASTS_MS) : undefined;
  if (page !== undefined) {
    openBrowser(page.file, terminal.env);
    void spent.then(page.remove);
  }
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
  close();
  page?.remove();
  return 0;
}

/** Where there is no browser, the address is printed anyway. */
function openBrowser(file: string, env: Terminal['env']): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', file]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', file]
        : ['xdg-open', file];
  const child = spawn(command ?? 'xdg-open', args, {
    env: toStartPrograms(env),
    stdio: 'ignore',
    detached: true,
  });
  child.on('error', () => {});
  child.unref();
}

function portNumber(value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return port;
}
