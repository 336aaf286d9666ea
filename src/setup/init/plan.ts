/** What would be done, as data: `--dry-run` prints it, `apply.ts` does it. */
export interface Plan {
  readonly edits: readonly FileEdit[];
  readonly settings: readonly GitSetting[];
  /** What only the user can do, or should know. */
  readonly notes: readonly Note[];
}

export interface FileEdit {
  readonly path: string;
  /** For people: what it is for. */
  readonly what: string;
  readonly before: string | undefined;
  /** Undefined: the file goes. */
  readonly after: string | undefined;
  readonly executable?: boolean;
}

export interface GitSetting {
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface Note {
  readonly text: string;
  /** Lines to copy, or a command to run. */
  readonly lines?: readonly string[];
}

export const EMPTY_PLAN: Plan = { edits: [], settings: [], notes: [] };

export function joinPlans(...plans: readonly Plan[]): Plan {
  return {
    edits: plans.flatMap((plan) => plan.edits),
    settings: plans.flatMap((plan) => plan.settings),
    notes: plans.flatMap((plan) => plan.notes),
  };
}

/** Without what is so already: the plan of a second run is empty. */
export function onlyChanges(plan: Plan): Plan {
  return {
    edits: plan.edits.filter((edit) => edit.before !== edit.after),
    settings: plan.settings.filter((setting) => setting.before !== setting.after),
    notes: plan.notes,
  };
}
