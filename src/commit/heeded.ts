/** Something that is waited for later, and may fail before. */
export function heeded<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
