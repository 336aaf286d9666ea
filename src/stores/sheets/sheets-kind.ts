import { relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sheetsEncrypted, sheetsKeyMissing, sheetsNotTaken } from '../../core/problems/sheets.ts';
import { readManifest } from '../../format/read-manifest.ts';
import { dueFor } from '../due.ts';
import { type Noted, noteHandedOver, recallHandedOver } from '../handed-over.ts';
import type { Around, StoreKind } from '../kind.ts';
import type { Mailbox, Parcel } from '../store.ts';
import { readSheetsAddress, SHEETS_EXAMPLE } from './address.ts';
import { type Cell, cellsOf } from './cells.ts';
import { type GoogleKey, googleKeyIn } from './google-key.ts';
import { MOST_CELLS, SheetsRefusal, spreadsheetOf, type Web } from './spreadsheet.ts';

/** A spreadsheet that shows some tables as they are, for people. Nothing is ever restored from it. */
export function sheetsKindIn(web: Omit<Web, 'signal'>): StoreKind {
  return {
    example: SHEETS_EXAMPLE,
    parse(rest) {
      const { spreadsheet, tables, every } = readSheetsAddress(rest);
      return ({ env, local, backups, folder, forgets = false }) => {
        const label = `sheets:${spreadsheet}`;
        const id = `${label}:${relative(backups, folder).replaceAll('\\', '/')}:${tables.join()}`;
        const noted: Noted = { local, kind: 'shown', id };
        const opened = (signal: AbortSignal | undefined) =>
          spreadsheetOf(spreadsheet, keyFrom(env, label), { ...web, signal });

        async function deliver(parcel: Parcel, signal: AbortSignal | undefined) {
          if (parcel.isEncrypted) throw sheetsEncrypted(label)();
          const known = recallHandedOver(noted, { every, forgets, now: web.now() });
          const due = dueFor(parcel.content, every, known, web.now());
          if (due.is === 'sent') return { is: 'there' } as const;
          if (due.is === 'later') return { is: 'later', at: new Date(due.at) } as const;
          const shown = cellsIn(await parcel.document(), tables, label);
          const sheet = await opened(signal);
          for (const [table, cells] of shown) await sheet.show(table, cells);
          noteHandedOver(noted, { time: web.now(), content: parcel.content });
          return { is: 'handed-over' } as const;
        }

        const open = (signal?: AbortSignal): Mailbox => ({
          label,
          id,
          deliver: (parcel) => told(label, () => deliver(parcel, signal)),
        });
        const tryOut = (signal?: AbortSignal) =>
          told(label, async () => {
            await (await opened(signal)).tabs();
            return [];
          });
        return { label, id, open, tryOut, isBounded: true, sentEvery: every };
      };
    },
  };
}

export const sheetsKind = sheetsKindIn({ fetch: (...args) => fetch(...args), now: Date.now });

async function told<T>(label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SheetsRefusal ? sheetsNotTaken(label, error.message)(error) : error;
  }
}

function keyFrom(env: Around['env'], label: string): GoogleKey {
  const key = googleKeyIn(env.OVERWINTER_GOOGLE_KEY ?? '');
  if (key === undefined) throw sheetsKeyMissing(label)();
  return key;
}

type Shown = readonly (readonly [table: string, cells: readonly (readonly Cell[])[]])[];

/** Throws STORE_FAILED for a table that the backup has not, and for more cells than a spreadsheet can have. */
function cellsIn({ bytes }: { readonly bytes: Buffer }, tables: readonly string[], label: string): Shown {
  const { manifest } = readManifest('document', gunzipSync(bytes).toString('utf8'));
  const shown = tables.map((table) => {
    const data = manifest.data.get(table);
    if (data === undefined) throw sheetsNotTaken(label, `there is no table ${table}`)();
    return [table, cellsOf('rows' in data ? data.rows : [])] as const;
  });
  const cells = shown.reduce((sum, [, rows]) => sum + rows.length * (rows[0]?.length ?? 0), 0);
  if (cells > MOST_CELLS) throw sheetsNotTaken(label, 'the tables have more cells than a spreadsheet can have')();
  return shown;
}
