import { build } from 'esbuild';
import { library } from '../../scripts/programs.ts';

/** The sources that are in some files of the library. It is bundled once more, only to be told. */
export async function bundledSources(files: Iterable<string>): Promise<readonly string[]> {
  const { metafile } = await build({ ...library, outdir: 'dist', write: false, metafile: true });
  return [...files]
    .flatMap((file) => Object.entries(metafile.outputs[`dist/${file}`]?.inputs ?? {}))
    .flatMap(([source, { bytesInOutput }]) => (bytesInOutput > 0 ? [source] : []));
}
