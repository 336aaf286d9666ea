import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { megabytes, type Section } from './report.ts';

const FILE = new URL('./results.md', import.meta.url);
/** Machines differ, and so do quiet and busy minutes of one. */
const WORSE_BY = 1.5;

export function keep(sections: readonly Section[]): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${megabytes(totalmem())} memory, Node ${process.versions.node}`;
  const text = sections.map(({ title, text }) => `## ${title}\n\n${text}\n`).join('\n');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(FILE, `# Results\n\n${PREFACE}\n\n${date}, ${machine}.\n\n${text}`);
}

const PREFACE = `Made by \`npm run bench\`; do not edit. Each figure under "÷" is our time divided by the other's: below 1 we are faster. The others save
the whole database whatever has changed; \`cp\` is what the disk can do. "Ten lines" is bench/ten-lines.mjs, the script everyone writes first. Restoring
from the copies is one \`cp\`; ours and that from \`.dump\` make the database anew, and ours checks it, too.`;

/** Throws if a ratio to \`.dump\` is worse by half than the one of a database as large in the kept results. */
export function mustHold({ ratios, title }: Section): void {
  const size = /^\d+ MB/.exec(title)?.[0] ?? '';
  const [, kept = ''] = readFileSync(FILE, 'utf8').split(`## ${size} database`);
  const worse = [...(ratios ?? [])].flatMap(([what, ratio]) => {
    const line = kept.split('\n').find((each) => each.startsWith(`| ${what} |`));
    const before = Number(line?.split('|')[2]);
    return ratio <= before * WORSE_BY ? [] : [`${what}: ${ratio.toFixed(2)} × .dump, kept ${before.toFixed(2)}`];
  });
  if (worse.length > 0) throw new Error(`Slower than what bench/results.md says:\n${worse.join('\n')}`);
}
