import type { Cause, Step, StepName } from '../../core/chain/step.ts';

/** Instead of the library's own sentence: by what is wrong with a step of the chain, or, where nothing is, by the step. */
export type Reasons = Readonly<Partial<Record<Cause | StepName, (step: Step) => string>>>;
