import type { Target } from '../../core/target.ts';
import type { Engine } from '../engine.ts';
import { duckdbCodec } from './codec.ts';

export const motherduck: Engine<Extract<Target, { readonly kind: 'motherduck' }>> = {
  codec: duckdbCodec,
  async open({ name }) {
    const [{ hostedDatabase }, { onMotherduck }] = await Promise.all([
      import('./hosted/hosted-database.ts'),
      import('./hosted/motherduck.ts'),
    ]);
    return hostedDatabase(onMotherduck(name, process.env));
  },
};

export const duckdb: Engine<Extract<Target, { readonly kind: 'duckdb' }>> = {
  codec: duckdbCodec,
  files: {
    begins: (beginning) => beginning.slice(8, 12) === 'DUCK',
    named: /\.duckdb$/i,
    besides: /\.wal$|-overwinter/,
  },
  async open({ file }, { wait }) {
    const { duckdbDatabase } = await import('./database.ts');
    return duckdbDatabase(file, { wait });
  },
};
