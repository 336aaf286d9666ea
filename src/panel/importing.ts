import { readUpload } from './body.ts';
import type { Job } from './jobs.ts';
import { seeOther } from './respond.ts';
import { showRestore } from './restoring.ts';
import { begin, fields, mustBeFree, showJob, type Visit } from './visit.ts';

/** Takes a document and shows what importing it would do. */
export async function tryUpload(visit: Visit): Promise<Response> {
  const { backend, view, settled, request, caller } = visit;
  const { t } = view;
  const refused = await mustBeFree(visit);
  if (refused !== undefined) return refused;
  const leave = backend.sending.enter(caller.name);
  if (leave === undefined) return again(visit, t.crowded, 503);
  const found = await readUpload(request, settled.largestUpload).finally(leave);
  if (found === 'too-large') {
    await backend.note({ who: caller.name, action: 'import', about: '', outcome: 'refused', code: 'TOO_LARGE' });
    return again(visit, t.tooLarge(view.format.size(settled.largestUpload)), 413);
  }
  if (found === 'unreadable' || found === 'too-slow')
    return again(visit, t.unreadableForm, found === 'too-slow' ? 408 : 400);
  if (found.bytes.length === 0) return again(visit, t.chooseFile, 422);
  const label = labelOf(found.name) || t.document;
  const file = await backend.uploads.keep(found.bytes);
  const answer = await begin(visit, { name: 'trial', args: { file, label } }, label);
  if (answer.status !== 303) await backend.uploads.drop(file);
  return answer;
}

/** Imports what was looked at, with the document's name typed. */
export async function importTried(visit: Visit): Promise<Response> {
  const { view } = visit;
  const form = await fields(visit);
  const tried = triedIn(visit, form);
  if (tried === undefined) return again(visit, view.t.lookFirstAtDocument, 409);
  const { args, id } = tried;
  if ((form.get('confirm') ?? '').trim() !== args.label) return showJob({ ...visit, param: id }, view.t.confirmWrong);
  return begin(visit, { name: 'import', args }, args.label);
}

export async function dropTried(visit: Visit): Promise<Response> {
  const { backend, view } = visit;
  const tried = triedIn(visit, await fields(visit));
  if (tried !== undefined) await backend.uploads.drop(tried.args.file);
  return seeOther(view.at('restore'));
}

/** What was tried by the job that the form names, as long as its document waits. */
function triedIn({ backend }: Visit, form: URLSearchParams) {
  const job: Job | undefined = backend.jobs.find(form.get('preview') ?? '');
  if (job?.order.name !== 'trial' || job.state !== 'done' || !backend.uploads.isWaiting(job.order.args.file))
    return undefined;
  return { id: job.id, args: job.order.args };
}

const again = (visit: Visit, error: string, status: number) => showRestore(visit, undefined, error, status);

/** A file's name as people may read it and type it. */
const labelOf = (name: string) =>
  name
    .replace(/[\p{C}/\\]/gu, '_')
    .replace(/ +/g, ' ')
    .slice(-100)
    .trim();
