import type { Target } from '../core/target.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The fingerprint of a database at an address, with nothing loaded but what asks, for whoever only wants to know whether it is as it was. It gives up
 * soon, and throws whatever stands in the way.
 */
export const quickFingerprintOf: {
  readonly [Kind in Target['kind']]?: (
    target: Extract<Target, { readonly kind: Kind }>,
    env: Environment,
  ) => Promise<string | undefined>;
} = {
  postgres: async ({ url }, env) => (await import('./postgres/quick-fingerprint.ts')).quickFingerprint(url, env),
};
