import type { SchemaObject, Settings } from '../../../core/manifest.ts';
import type { Shapes } from '../../../core/privacy/select.ts';
import type { Defined } from '../../engine.ts';
import { stage } from './stage.ts';
import type { RestoreTarget } from './target.ts';

/** What definitions say, as a database without rows tells it that is made of them beside this one. */
export async function defined(
  target: RestoreTarget,
  schema: readonly SchemaObject[],
  settings: Settings,
  scratch: string,
): Promise<Defined> {
  const staged = stage(target, 'replace', scratch);
  const found: Shapes[] = [];
  const none = async function* (): AsyncGenerator<Uint8Array> {};
  try {
    await staged.load({ schema, settings, data: new Map() }, none, () => {});
    const reading = await staged.read(scratch, (shapes) => {
      found.push(shapes);
      return {};
    });
    await reading.close();
  } finally {
    await staged.discard();
  }
  const [shapes] = found;
  if (shapes === undefined) throw new Error('nothing was read');
  return { shapes, empty: new Map() };
}
