import { nearest } from '../core/nearest.ts';
import { storeUnknown } from '../core/problems/stores.ts';
import type { Around, StoreKind, StoreKinds } from './kind.ts';
import type { Remote } from './store.ts';

/** Every kind of place that backups can be brought to, by the scheme of its addresses. */
export type Scheme = 'branch' | 'folder' | 'gist' | 'mailto' | 'rclone' | 's3' | 'sheets';

/** A new kind is a folder or a file here, and a line. */
const stores: Readonly<Record<Scheme, () => Promise<StoreKind>>> = {
  branch: async () => (await import('./git/branch-kind.ts')).branchKind,
  folder: async () => (await import('./folder/folder-kind.ts')).folderKind,
  gist: async () => (await import('./git/gist-kind.ts')).gistKind,
  mailto: async () => (await import('./mail/mail-kind.ts')).mailKind,
  rclone: async () => (await import('./rclone/rclone-kind.ts')).rcloneKind,
  s3: async () => (await import('./s3/s3-kind.ts')).s3Kind,
  sheets: async () => (await import('./sheets/sheets-kind.ts')).sheetsKind,
};

/** The places that addresses name, in their order. Nobody is asked. Throws CONFIG_INVALID. */
export function remotesAt(addresses: readonly string[], around: Around, kinds: StoreKinds = stores): Promise<Remote[]> {
  return Promise.all(addresses.map(async (address) => ({ address, ...(await readAddress(address, kinds))(around) })));
}

async function readAddress(address: string, kinds: StoreKinds): Promise<ReturnType<StoreKind['parse']>> {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9]*):(.*)$/is.exec(address) ?? [];
  const name = scheme.toLowerCase();
  const load = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (load !== undefined) return (await load()).parse(rest);
  const examples = await Promise.all(Object.values(kinds).map(async (kind) => (await kind()).example));
  throw storeUnknown(scheme, nearest(name, Object.keys(kinds)), examples)();
}
