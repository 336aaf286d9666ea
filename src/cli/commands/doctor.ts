import type { Command } from 'commander';
import { count } from '../../core/words.ts';
import { driverVersion } from '../../engines/sqlite/driver.ts';
import { openProject } from '../../project/open-project.ts';
import type { Level } from '../../setup/doctor/check.ts';
import type { Examined } from '../../setup/doctor/examine.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';

interface Options {
  readonly fix?: boolean;
  readonly offline?: boolean;
  readonly db?: string;
  readonly dir?: string;
}

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('find what would fail later, with the command that fixes it')
    .option('--fix', 'do what can do no harm: what init writes, heal parts, set the pointer right')
    .option('--offline', 'ask nobody on a network whether the remote is public')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter doctor
  $ overwinter doctor --fix
  $ overwinter doctor --offline --json

✗ is what will fail or lose data, ! is worth knowing, – could not be found out. It ends with 1 where there is a ✗, else with 0.`,
    )
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      return invoke(terminal, command, (invocation) => run(invocation, options));
    });
}

async function run(invocation: Invocation, options: Options): Promise<number> {
  const { output, terminal } = invocation;
  const { db, dir } = options;
  const flags = { ...(db === undefined ? {} : { db }), ...(dir === undefined ? {} : { dir }) };
  const asking = {
    env: terminal.env,
    machine: {
      node: process.version,
      nodeApi: process.versions.napi,
      platform: process.platform,
      driver: driverVersion(),
    },
    offline: options.offline === true,
    flags: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
  };
  // No other command needs them.
  const [{ gather }, { examine, wouldFail }, { repair }] = await Promise.all([
    import('../../setup/doctor/facts.ts'),
    import('../../setup/doctor/examine.ts'),
    import('../../setup/doctor/repair.ts'),
  ]);
  const opened = await openProject(terminal, flags);
  let facts = await gather(opened, asking);
  let examined = examine(facts);
  const repaired = options.fix ? await repair(opened.project, facts, examined, terminal.env) : [];
  if (repaired.length > 0) {
    for (const text of repaired) output.say(text);
    facts = await gather(await openProject(terminal, flags), asking);
    examined = examine(facts);
  }
  const ok = !wouldFail(examined);
  output.result({ ok, root: facts.root, repaired, checks: examined }, textOf(examined, output));
  return ok ? 0 : 1;
}

const MARKS: Record<'fine' | Level, string> = { fine: '✓', failure: '✗', warning: '!', unknown: '–' };
const COLOURS = { fine: 'green', failure: 'red', warning: 'yellow', unknown: 'dim' } as const;

function textOf(examined: readonly Examined[], { paint }: Output): string {
  const mark = (level: 'fine' | Level) => paint[COLOURS[level]](MARKS[level]);
  const lines = examined.flatMap(({ fine, findings }) => {
    if (findings.length === 0) return [`${mark('fine')} ${fine.replace(/^./, (c) => c.toUpperCase())}`];
    return findings.flatMap(({ level, text, fix, hint }) => [
      `${mark(level)} ${text}`,
      ...(fix === undefined ? [] : [`    ${paint.bold(fix)}`]),
      ...(hint === undefined ? [] : hint.split('\n').map((line) => `    ${paint.dim(line)}`)),
    ]);
  });
  return [...lines, '', summary(examined)].join('\n');
}

function summary(examined: readonly Examined[]): string {
  const all = examined.flatMap(({ findings }) => findings);
  const failures = all.filter(({ level }) => level === 'failure').length;
  const warnings = all.filter(({ level }) => level === 'warning').length;
  if (failures + warnings === 0) return 'Nothing would fail.';
  const said = [
    ...(failures === 0 ? [] : [`${count(failures, 'thing')} would fail`]),
    ...(warnings === 0 ? [] : [`${count(warnings, 'thing')} to know`]),
  ].join(', ');
  const safe = all.some((finding) => finding.repair !== undefined);
  return `${said}.${safe ? " 'npx overwinter doctor --fix' does what can do no harm." : ''}`;
}
