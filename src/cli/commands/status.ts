import type { Command } from 'commander';
import { type Light, worstOf } from '../../core/decide.ts';
import { hint, overwinter } from '../../core/hint.ts';
import { metricsText } from '../../core/metrics.ts';
import { leftOutInWords } from '../../core/privacy/left-out.ts';
import { usage } from '../../core/problems/usage.ts';
import { age, count, moment, number, size } from '../../core/words.ts';
import { receiverMetrics } from '../../notify/metrics.ts';
import { type ReceiverNow, receiversNow } from '../../notify/receivers-now.ts';
import type { StoreStatus } from '../../operations/look-at-copies.ts';
import { metricsOf, type Standing } from '../../operations/metrics.ts';
import { type Status, status } from '../../operations/status.ts';
import { chainLines, lightLine, type ToldChain, toldChain } from '../chain-lines.ts';
import { type Invocation, invokeEach, invokeTogether, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';
import { withStore } from '../store-option.ts';

export function addStatus(program: Command, terminal: Terminal): void {
  withStore(program.command('status'))
    .description('say how safe the data is and why: green, yellow or red')
    .option('--check', 'end with 1 where the light is red, for scripts and monitors')
    .option('--metrics', 'the figures in the text format of Prometheus')
    .addHelpText(
      'after',
      `
Green is earned: the rows of now are saved, committed, pushed (or copied), in a backup that was restored on trial, and a start
elsewhere would bring them back. What is not so says what mends it. Nobody is asked over a network: of a remote counts what git
was last told.

Examples:
  $ overwinter status
  $ overwinter status --json
  $ overwinter status --check
  $ overwinter status --metrics > /var/lib/node_exporter/overwinter.prom`,
    )
    .action((options: Options, command: Command) => {
      if (options.metrics) return invokeTogether(terminal, command, (all) => showMetrics(all, options));
      const lights: Light[] = [];
      const summary = (output: Output) => {
        const light = worstOf(lights);
        if (!output.json) output.result({}, `\n${lightLine(light, output)}`);
        return { light };
      };
      return invokeEach(
        terminal,
        command,
        async ({ at: project, settled, output, name, siblings }) => {
          const looked = await status(project);
          const alarms = receiversNow(settled.notify, project.local, terminal.env);
          const about = { ...looked, chain: toldChain(looked.chain, name) };
          const found = alarms.length === 0 ? about : { ...about, alarms };
          const now = terminal.now();
          const whole = () => [
            ...chainLines(found.chain, output, now),
            '',
            ...aboutLines(found, output, now),
            ...alarmLines(alarms, now),
          ];
          output.result(found, (siblings === 1 ? whole() : shortly(found, output)).join('\n'));
          lights.push(found.light);
          return options.check && found.light === 'red' ? 1 : 0;
        },
        { summary },
      );
    });
}

interface Options {
  readonly check?: boolean;
  readonly metrics?: boolean;
  readonly store?: string;
}

async function showMetrics(all: readonly [Invocation, ...Invocation[]], { store }: Options): Promise<number> {
  const [{ output, settled, project, terminal }] = all;
  if (output.json)
    throw usage(
      '--metrics and --json exclude each other.',
      hint`${overwinter('status', '--json')} has the figures, too.`,
    )();
  if (store !== undefined)
    throw usage(
      '--metrics and --store exclude each other.',
      hint`${overwinter('status', '--metrics')} has a light for each store.`,
    )();
  const standings: Standing[] = [];
  for (const { project: each } of all) standings.push({ database: each.identity.name, status: await status(each) });
  const receivers = receiversNow(settled.notify, project.local, terminal.env);
  terminal.out.write(metricsText([...metricsOf(standings), ...receiverMetrics(receivers)]));
  return 0;
}

interface Told extends Omit<Status, 'chain'> {
  readonly chain: ToldChain;
}

/** A line for one database of several, and what is wrong with it; `status --db NAME` tells everything. */
function shortly({ light, chain, backups }: Told, output: Output): string[] {
  const faults = chain.steps.filter((step) => step.light !== 'green');
  const { first } = chain;
  return [
    `${lightLine(light, output)}${output.paint.dim(`  ${count(backups, 'backup')}`)}`,
    ...faults.map(({ text }) => `  ${text}`),
    ...(first?.hint === undefined ? [] : [`  ${output.paint.dim(first.hint)}`]),
  ];
}

function aboutLines(
  { database, newest, backups, leftOut, environment, host, boot, stores }: Told,
  output: Output,
  now: Date,
): string[] {
  const left = leftOutInWords(leftOut);
  return [
    `  database  ${database.path} (${databaseInWords(database, now)})`,
    ...(newest === undefined
      ? ['  backups   none']
      : [
          `  backups   ${number(backups)}, the newest ${age(newest.ageSeconds)}: ${newest.name}`,
          `  origin    ${newest.metadata.origin.environment}, ${newest.metadata.origin.trigger}`,
        ]),
    ...(left === undefined ? [] : [`  left out  ${left}`]),
    ...stores.map((each, at) => `  ${at === 0 ? 'stores' : '      '}    ${storeLine(each, output, now)}`),
    `  here      ${environment}${host === undefined ? '' : `, on ${host.name}`}`,
    `  boot      would ${boot}`,
  ];
}

function databaseInWords({ isThere, bytes, rows, tables, modified }: Status['database'], now: Date): string {
  if (!isThere) return 'missing';
  const said = [
    ...(bytes === undefined ? [] : [size(bytes)]),
    ...(rows === undefined
      ? []
      : [tables === 0 ? 'no tables' : `${count(rows, 'row')} in ${count(tables ?? 0, 'table')}`]),
    ...(modified === undefined ? [] : [`written ${age(secondsSince(modified, now))}`]),
  ];
  return said.length === 0 ? 'cannot be read' : said.join(', ');
}

function storeLine({ store, light, handedOver, last, problem }: StoreStatus, { paint }: Output, now: Date): string {
  if (handedOver) {
    const when =
      last === undefined
        ? 'nothing handed over yet'
        : `handed over ${last.name} ${age(secondsSince(last.date, now))}; whether it arrived only its reader knows`;
    return `${paint[light]('●')} ${store}: ${problem === undefined ? '' : `not taken since ${moment(problem.since)} UTC; `}${when}`;
  }
  const when = last === undefined ? 'has none yet' : `had ${last.name} ${age(secondsSince(last.date, now))}`;
  const since = problem === undefined ? when : `takes nothing since ${moment(problem.since)} UTC; ${when}`;
  return `${paint[light]('●')} ${store}: ${light === 'green' ? 'has the newest' : since}`;
}

function alarmLines(alarms: readonly ReceiverNow[], now: Date): string[] {
  return alarms.map(({ target, reason, unreachedSince, reached }, at) => {
    const last = reached === undefined ? 'nothing sent yet' : `last reached ${age(secondsSince(reached, now))}`;
    const since = unreachedSince === undefined ? '' : `, since ${age(secondsSince(unreachedSince, now))}`;
    const how = reason === undefined ? last : `not reached${since}: ${reason}`;
    return `  ${(at === 0 ? 'alarms' : '').padEnd(8)}  ${target} (${how})`;
  });
}

const secondsSince = (date: string, now: Date) => Math.max(0, (now.getTime() - Date.parse(date)) / 1000);
