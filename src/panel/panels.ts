import { reasonOf } from '../core/errors.ts';
import { type Calling, type Helper, type StartHelper, startHelper } from './helper.ts';
import type { SettledPanel } from './options.ts';
import { type OpenPanel, openPanel, relativeTo } from './panel.ts';

/**
 * A panel for each database of the project: the first where the app mounted it, each other under `/db/NAME` there. Which there are is asked
 * once, of a process, because the configuration is code; where that fails, the one panel there is says why.
 */
export function openPanels(settled: SettledPanel, calling: Calling, now: () => Date): OpenPanel {
  const helpers = passOn(calling.start ?? startHelper);
  const whole = openPanel(settled, { ...calling, start: helpers.start }, now);
  let opening: Promise<Panels> | undefined;

  const open = async (): Promise<Panels> => {
    const names = await helpers.ask(calling);
    if (names.length < 2) return new Map([['', whole]]);
    const siblings = names.map((name, at) => ({ name, under: at === 0 ? '' : `/db/${name}` }));
    return new Map(
      siblings.map(({ name, under }) => {
        const { withDatabaseClosed: close } = settled;
        const own = { ...settled, withDatabaseClosed: close && ((work: () => Promise<void>) => close(work, name)) };
        const about = { ...calling, flags: { ...calling.flags, db: name }, start: helpers.start };
        return [under, openPanel(own, about, now, { name, under, siblings })];
      }),
    );
  };

  const opened = (): Promise<Panels> => {
    opening ??= open().catch((error: unknown): Panels => {
      // It is asked again at the next request; the panel of one says what is wrong to whoever may know it.
      opening = undefined;
      settled.logger.warn(`overwinter: the panel could not ask for the databases of the project: ${reasonOf(error)}`);
      return new Map();
    });
    return opening;
  };

  return {
    async respond(request, context, base) {
      const panels = await opened();
      const panel = panels.get(placeIn(request, base)) ?? panels.get('') ?? whole;
      return panel.respond(request, context, base);
    },
    close() {
      helpers.close();
      whole.close();
      void opening?.then((panels) => {
        for (const panel of panels.values()) if (panel !== whole) panel.close();
      });
    },
  };
}

/** The process that was asked for the databases is the first that works for one of them. */
function passOn(begin: StartHelper) {
  let spare: Helper | undefined;
  return {
    start(calling: Calling): Helper {
      const helper = spare;
      spare = undefined;
      helper?.open(calling);
      return helper ?? begin(calling);
    },
    async ask(calling: Calling): Promise<readonly string[]> {
      const helper = begin(calling);
      void helper.ended.then(() => {
        if (spare === helper) spare = undefined;
      });
      try {
        const names = await helper.ask('databases', undefined);
        spare = helper;
        return names;
      } catch (error) {
        helper.release();
        throw error;
      }
    },
    close: () => spare?.kill(),
  };
}

/** By the part of the path that leads there. */
type Panels = ReadonlyMap<string, OpenPanel>;

/** `/db/NAME`, where the path begins so; a server may hand on what is no address, which is for the panel to say. */
function placeIn({ url }: Request, base: string): string {
  if (!URL.canParse(url)) return '';
  return /^\/db\/[^/]+(?=\/|$)/.exec(relativeTo(base, new URL(url).pathname))?.[0] ?? '';
}
