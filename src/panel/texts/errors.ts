import type { ErrorCode } from '../../core/errors.ts';

/** What is said before the library's own sentence, which is in English: by what failed. */
export type Errors = Readonly<Partial<Record<ErrorCode, string>>>;
