import type { Target } from '../../core/target.ts';
import type { Engine } from '../engine.ts';
import { postgresCodec } from './codec.ts';

export const postgres: Engine<Extract<Target, { readonly kind: 'postgres' }>> = {
  codec: postgresCodec,
  async open({ url }, { wait }) {
    const [{ postgresDatabase }, { onServer }] = await Promise.all([import('./database.ts'), import('./server.ts')]);
    return postgresDatabase(onServer(url, process.env, wait));
  },
};

export const pglite: Engine<Extract<Target, { readonly kind: 'pglite' }>> = {
  codec: postgresCodec,
  async open({ folder }, { wait }) {
    const [{ postgresDatabase }, { inFolder }] = await Promise.all([import('./database.ts'), import('./folder.ts')]);
    return postgresDatabase(inFolder(folder, wait));
  },
};
