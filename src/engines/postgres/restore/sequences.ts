import { membersOf } from '../../../core/json.ts';
import type { Saved } from '../../../core/manifest.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import type { SliceSource } from '../../engine.ts';
import { SEQUENCES } from '../codec.ts';
import type { Session } from '../driver.ts';
import { literal, namedBy, qualified } from '../names.ts';
import { piecesOf } from './survey.ts';

interface Standing {
  readonly sequence: string;
  readonly last: bigint;
  readonly isCalled: boolean;
}

/** Where sequences stand in a backup. */
async function* standings(content: Saved, slices: SliceSource): AsyncGenerator<Standing> {
  if (!content.data.has(SEQUENCES)) return;
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(slices(SEQUENCES))) pieces.push(piece);
  for (const line of Buffer.concat(pieces).toString('utf8').split('\n')) if (line !== '') yield standingIn(line);
}

function standingIn(line: string): Standing {
  try {
    const members = membersOf(line);
    const said = (name: string) => members.get(name) ?? '';
    return {
      sequence: JSON.parse(said('sequence')),
      last: BigInt(said('last_value')),
      isCalled: JSON.parse(said('is_called')),
    };
  } catch (error) {
    throw restoreInexact('with the sequences', `${line} says of none where it stands`)(error);
  }
}

/** Sets each as it stood; of those that are not there any more nobody asks. Where rows move in, none is set back. */
export async function setSequences(
  session: Session,
  content: Saved,
  slices: SliceSource,
  how: 'exactly' | 'forward',
): Promise<void> {
  for await (const { sequence, last, isCalled } of standings(content, slices)) {
    const name = qualified(namedBy(sequence));
    const [[kind = ''] = []] = await session.query(
      `SELECT c.relkind FROM pg_class c WHERE c.oid = to_regclass(${literal(name)})`,
    );
    if (kind === 'S') {
      // One that counts down is behind where it is greater: then it is set, too.
      const isBehind =
        how === 'exactly'
          ? 'true'
          : `CASE WHEN seqincrement > 0 THEN last_value <= ${last} ELSE last_value >= ${last} END`;
      await session.query(
        `SELECT setval(${literal(name)}, ${last}, ${how === 'exactly' ? isCalled : `${isCalled} OR is_called AND last_value = ${last}`}) FROM ${name}, pg_sequence
         WHERE seqrelid = ${literal(name)}::regclass AND ${isBehind}`,
      );
    } else if (how === 'exactly') throw restoreInexact(`with the sequence '${sequence}'`, 'it is not there')();
  }
}
