import type { Texts } from './english.ts';
import { browse } from './german/browse.ts';
import { compare } from './german/compare.ts';
import { frame } from './german/frame.ts';
import { jobs } from './german/jobs.ts';
import { now } from './german/now.ts';
import { problems } from './german/problems.ts';
import { restore } from './german/restore.ts';
import { timeline } from './german/timeline.ts';

/** The same in German: what English says and this does not, does not compile. */
export const german: Texts = {
  ...frame,
  ...now,
  ...timeline,
  ...browse,
  ...restore,
  ...compare,
  ...jobs,
  ...problems,
};
