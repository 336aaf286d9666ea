import type { Command } from 'commander';
import { EXIT_CODES, exitCodeOf, reasonOf } from '../../core/errors.ts';
import { count } from '../../core/words.ts';
import { projectRoot } from '../../local/place.ts';
import { checkKeys, type KeyCheck } from '../../operations/check-keys.ts';
import { rotate } from '../../operations/rotate.ts';
import { findConfigFile } from '../../project/config-file.ts';
import { nameOfConfig } from '../../project/named-commands.ts';
import { newIdentity } from '../../project/new-identity.ts';
import { invokeEach, outputOf, type Terminal } from '../command.ts';
import { table } from '../fit.ts';

const HELP = `
Examples:
  $ overwinter keys new
  $ overwinter keys check
  $ overwinter keys rotate

Secret keys are taken from OVERWINTER_IDENTITY, from the file OVERWINTER_IDENTITY_FILE names, or else from your
~/.config/overwinter/identities; a passphrase from OVERWINTER_PASSPHRASE. docs/guides/encryption.md tells more.`;

const { WRONG_KEY } = EXIT_CODES;

/** Three commands around the keys of encrypted backups. None of them ever shows a secret. */
export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program.command('keys').description('make, change and try the keys of encrypted backups');
  keys.addHelpText('after', HELP);
  keys
    .command('new')
    .description('write a new secret key into your home, and say what to do with its public key')
    .option('--to <file>', 'write it there instead; never into the project')
    .addHelpText('after', '\nExamples:\n  $ overwinter keys new\n  $ overwinter keys new --to /media/stick/shop.txt')
    .action((options: { to?: string }, command: Command) => runNew(terminal, command, options.to));
  keys
    .command('rotate')
    .description('encrypt every backup anew, to whom the configuration names now')
    .addHelpText('after', '\nExamples:\n  $ overwinter keys rotate\n  $ overwinter keys rotate --json')
    .action((_options: unknown, command: Command) => runRotate(terminal, command));
  keys
    .command('check')
    .description('try the keys that are here on every backup')
    .addHelpText('after', '\nExamples:\n  $ overwinter keys check\n  $ overwinter keys check --json')
    .action((_options: unknown, command: Command) => runCheck(terminal, command));
  for (const command of keys.commands) {
    command.exitOverride();
    for (const option of program.options) if (option.long !== '--version') command.addOption(option);
  }
}

/** It needs no database and no configuration: it is what comes before both. */
async function runNew(terminal: Terminal, command: Command, to: string | undefined): Promise<void> {
  const output = outputOf(terminal, command.optsWithGlobals());
  const root = projectRoot(terminal.cwd);
  const { recipient, file } = await newIdentity(root, terminal.env, terminal.now(), to);
  const configFile = findConfigFile(root);
  const isJson = configFile?.endsWith('.json') === true;
  const config = isJson ? `"encrypt": { "recipients": ["${recipient}"] }` : `encrypt: { recipients: ['${recipient}'] }`;
  const where = configFile === undefined ? 'overwinter.config.ts' : nameOfConfig(configFile);
  output.say(`The secret key is in ${file}, which only you can read.
Keep a copy where you keep passwords: without it, nobody can open the backups.
In ${where}:  ${config}
For CI and production:  gh secret set OVERWINTER_IDENTITY < ${file}
Its public key:`);
  output.result({ recipient, file, config }, recipient);
}

function runRotate(terminal: Terminal, command: Command): Promise<void> {
  return invokeEach(terminal, command, async ({ project, output }) => {
    const result = await rotate(project, output.progress);
    const whom = result.recipients.join(', ');
    output.say(
      result.rotated.length === 0
        ? `Every backup is encrypted to ${whom} already.`
        : `${count(result.rotated.length, 'backup')} encrypted anew to ${whom}. What was committed before stays in git's history.`,
    );
    output.result(result, result.rotated.map(({ to }) => to).join('\n'));
    return 0;
  });
}

function runCheck(terminal: Terminal, command: Command): Promise<void> {
  return invokeEach(
    terminal,
    command,
    async ({ project, output }) => {
      const checks = await checkKeys(project);
      const documents = checks.map(({ error, ...check }) => ({
        ...check,
        ...(check.opens ? {} : { problem: reasonOf(error) }),
      }));
      output.result({ backups: documents }, tableOf(checks, output.width));
      const shut = checks.find(({ error }) => exitCodeOf(error) === WRONG_KEY) ?? checks.find(({ opens }) => !opens);
      if (shut === undefined) return 0;
      if (!output.json) throw shut.error;
      return exitCodeOf(shut.error);
    },
    { backupsAlone: true },
  );
}

function tableOf(checks: readonly KeyCheck[], width: number): string {
  const rows = checks.map(({ name, recipients, held, opens, error }) => {
    if (recipients.length === 0 && opens) return [name, 'plain', '', ''];
    const state = opens ? 'opens' : exitCodeOf(error) === WRONG_KEY ? 'no key here' : 'damaged';
    return [name, state, held.join(', '), recipients.filter((each) => !held.includes(each)).join(', ')];
  });
  return table(['NAME', 'STATE', 'OPENED BY', 'ALSO FOR'], rows, [], width);
}
