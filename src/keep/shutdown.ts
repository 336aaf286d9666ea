/** Something that has data to save before the process ends. */
export interface Closing {
  flush(): Promise<void>;
  /** Stops this thread until it is done: nothing else can be waited for at the very end. */
  finish(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const open = new Set<Closing>();
let isFlushing = false;
let hasDrained = false;

const flushAll = () => Promise.all([...open].map((closing) => closing.flush()));

/**
 * The app's own listeners do what they do, and what they write is saved at the exit. Where there are none, the signal does what it
 * would have done, once everything is saved; a second one does it at once.
 */
async function onSignal(signal: NodeJS.Signals): Promise<void> {
  // Asked now: a listener for one time only is gone as soon as it was called. That is why ours comes first.
  const appListens = process.listenerCount(signal) > 1;
  const isImpatient = isFlushing;
  isFlushing = true;
  if (!isImpatient) await flushAll();
  if (appListens) {
    isFlushing = false;
    return;
  }
  remove();
  process.kill(process.pid, signal);
}

/** Nothing is left to do in the app; once, because flushing is something to do. */
function onDrained(): void {
  if (hasDrained) return;
  hasDrained = true;
  void flushAll();
}

function onExit(): void {
  for (const closing of open) closing.finish();
}

function install(): void {
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  process.on('beforeExit', onDrained);
  process.on('exit', onExit);
}

function remove(): void {
  for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  process.removeListener('beforeExit', onDrained);
  process.removeListener('exit', onExit);
}

export function atShutdown(closing: Closing): () => void {
  if (open.size === 0) install();
  open.add(closing);
  return () => {
    open.delete(closing);
    if (open.size === 0) remove();
  };
}
