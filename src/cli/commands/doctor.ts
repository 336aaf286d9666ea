import type { Command } from 'commander';
import { commandsOf, type Hint, type HintPiece, hint, hintText, type Namer, overwinter } from '../../core/hint.ts';
import { count } from '../../core/words.ts';
import { driver } from '../../engines/index.ts';
import type { LocalProject } from '../../operations/project.ts';
import { openProjects } from '../../project/open-project.ts';
import type { Level } from '../../setup/doctor/check.ts';
import type { Examined } from '../../setup/doctor/examine.ts';
import type { Facts } from '../../setup/doctor/facts.ts';
import { headingOf, invokeTogether, type Terminal } from '../command.ts';
import { whole } from '../fit.ts';
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
      return invokeTogether(terminal, command, ([{ output }]) => run(terminal, options, output));
    });
}

interface Patient {
  readonly project: LocalProject;
  readonly facts: Facts;
  readonly examined: readonly Examined[];
}

interface Examination {
  /** What is said of the project, where there are several databases. */
  readonly common: readonly Examined[];
  readonly patients: readonly [Patient, ...Patient[]];
}

async function run(terminal: Terminal, options: Options, output: Output): Promise<number> {
  // No other command needs them.
  const { repair } = await import('../../setup/doctor/repair.ts');
  let found = await examineAll(terminal, options);
  const repaired = new Map<string, Hint>();
  for (const { project, facts, examined } of options.fix ? found.patients : []) {
    const isFirst = project === found.patients[0].project;
    const wanted = [...(isFirst ? found.common : found.common.map(onlyPointer)), ...examined];
    for (const done of await repair(project, facts, wanted, terminal.env)) repaired.set(hintText(done), done);
  }
  if (repaired.size > 0) {
    for (const done of repaired.values()) output.say(done);
    found = await examineAll(terminal, options);
  }
  const { common, patients } = found;
  const [first, ...others] = patients;
  const all = [...common, ...patients.flatMap(({ examined }) => examined)];
  const ok = !all.some(({ level }) => level === 'failure');
  const about = { ok, root: first.facts.root, repaired: [...repaired.keys()] };
  if (others.length === 0) {
    output.result(
      { ...about, checks: documentOf(first) },
      [...linesOf(first.examined, first, output), '', summary(all, first.facts.named)].join('\n'),
    );
    return ok ? 0 : 1;
  }
  const each = patients.map((patient) => [patient.project.identity.name, { checks: documentOf(patient) }]);
  const lines = patients.flatMap((patient) => [
    '',
    headingOf(patient.project, output),
    ...linesOf(patient.examined, patient, output),
  ]);
  output.result(
    { ...about, checks: documentOf({ ...first, examined: common }), databases: Object.fromEntries(each) },
    [...linesOf(common, first, output), ...lines, '', summary(all, first.facts.named)].join('\n'),
  );
  return ok ? 0 : 1;
}

/** A conflict of the project's may be in any database's pointer. */
const onlyPointer = (examined: Examined): Examined => ({
  ...examined,
  findings: examined.findings.filter(({ repair }) => repair === 'pointer'),
});

async function examineAll(terminal: Terminal, { db, dir, offline = false }: Options): Promise<Examination> {
  const [{ gather }, { examine }] = await Promise.all([
    import('../../setup/doctor/facts.ts'),
    import('../../setup/doctor/examine.ts'),
  ]);
  const given = { ...(db === undefined ? {} : { db }), ...(dir === undefined ? {} : { dir }) };
  const opened = await openProjects(terminal, given);
  const isOne = opened.projects.length === 1;
  const look = async (project: LocalProject, another?: Facts): Promise<Patient> => {
    const named = isOne ? given : { ...given, db: project.identity.name };
    const asking = { env: terminal.env, machine: await machineHere(), offline, given: named };
    const facts = await gather({ ...opened, project }, asking, another);
    return { project, facts, examined: examine(facts, isOne ? 'all' : 'database') };
  };
  const [project, ...more] = opened.projects;
  const first = await look(project);
  const others: Patient[] = [];
  for (const each of more) others.push(await look(each, first.facts));
  return { common: isOne ? [] : examine(first.facts, 'project'), patients: [first, ...others] };
}

const machineHere = async () => ({
  node: process.version,
  nodeApi: process.versions.napi,
  platform: process.platform,
  driver: await driver.version(),
});

const MARKS: Record<'fine' | Level, string> = { fine: '✓', failure: '✗', warning: '!', unknown: '–' };
const COLOURS = { fine: 'green', failure: 'red', warning: 'yellow', unknown: 'dim' } as const;

/** A finding in the words of this call, as a program reads it. */
const documentOf = ({ examined, facts: { named } }: Patient) =>
  examined.map((each) => ({
    ...each,
    findings: each.findings.map(({ fix, hint, ...finding }) => ({
      ...finding,
      ...(fix === undefined ? {} : { fix: typed(fix, named) }),
      ...(hint === undefined ? {} : { hint: hintText(named(hint)) }),
    })),
  }));

const typed = (fix: HintPiece, named: Namer) => commandsOf(named([fix])).join();

function linesOf(examined: readonly Examined[], { facts: { named } }: Patient, { paint }: Output): string[] {
  const mark = (level: 'fine' | Level) => paint[COLOURS[level]](MARKS[level]);
  return examined.flatMap(({ fine, findings }) => {
    if (findings.length === 0) return [`${mark('fine')} ${fine.replace(/^./, (c) => c.toUpperCase())}`];
    return findings.flatMap(({ level, text, fix, hint }) => [
      `${mark(level)} ${text}`,
      ...(fix === undefined ? [] : [`    ${paint.bold(whole(typed(fix, named)))}`]),
      ...(hint === undefined
        ? []
        : hintText(named(hint))
            .split('\n')
            .map((line) => `    ${paint.dim(line)}`)),
    ]);
  });
}

function summary(examined: readonly Examined[], named: Namer): string {
  const all = examined.flatMap(({ findings }) => findings);
  const failures = all.filter(({ level }) => level === 'failure').length;
  const warnings = all.filter(({ level }) => level === 'warning').length;
  if (failures + warnings === 0) return 'No problems found.';
  const said = [
    ...(failures === 0 ? [] : [`${count(failures, 'thing')} would fail`]),
    ...(warnings === 0 ? [] : [`${count(warnings, 'thing')} to know`]),
  ].join(', ');
  const safe = all.some((finding) => finding.repair !== undefined);
  return `${said}.${safe ? ` ${hintText(named(hint`${overwinter('doctor', '--fix')} does what can do no harm.`))}` : ''}`;
}
