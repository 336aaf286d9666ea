import type { Proof } from './scram.ts';

/** What to say to a server that wants to know who asks; nothing, where it is content. Undefined where only a driver knows. */
export type Login = (wanted: Buffer) => Promise<readonly Buffer[] | undefined>;

/** Names of mechanisms and what they say follow the number of what is wanted. */
const CODE_BYTES = 4;
const LET_IN = 0;
const PROVE = 10;
const GO_ON = 11;
const PROVED = 12;

/** A password is proved and never told. */
export function loginWith(password: string | undefined): Login {
  let proof: Proof | undefined;
  let isMutual = false;
  return async (wanted) => {
    const code = wanted.readInt32BE(0);
    const said = wanted.toString('latin1', CODE_BYTES);
    if (code === LET_IN) return proof === undefined || isMutual ? [] : undefined;
    if (code === PROVE && password !== undefined) {
      // What it needs takes as long to load as all the rest.
      const { MECHANISM, proofOf } = await import('./scram.ts');
      if (!said.split('\0').includes(MECHANISM)) return undefined;
      proof = proofOf(password);
      return proof && [Buffer.from(`${MECHANISM}\0`), lengthOf(proof.first), Buffer.from(proof.first)];
    }
    if (code === GO_ON) {
      const answer = proof?.answer(said);
      return answer === undefined ? undefined : [Buffer.from(answer)];
    }
    isMutual = code === PROVED && proof?.isMutual(said) === true;
    return isMutual ? [] : undefined;
  };
}

function lengthOf(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length);
  return length;
}
