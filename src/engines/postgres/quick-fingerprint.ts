import { addressOf, type Environment, passwordIn } from './address.ts';
import { fingerprintSql } from './fingerprint.ts';
import { askPlainly } from './plain-question.ts';

/** Who takes longer, is asked by those who say what the matter is. */
const PATIENCE = 2_000;

/** The fingerprint of a database on a server, in one question, with as little loaded as the server allows. Throws whatever stands in the way. */
export async function quickFingerprint(url: string, env: Environment): Promise<string | undefined> {
  const sql = fingerprintSql(true);
  const asked = () => ({ address: addressOf(url, env), password: passwordIn(url, env) });
  const answer = isPlain(url, env) ? await askPlainly(asked(), sql, PATIENCE) : undefined;
  if (answer !== undefined) return answer.value;
  const { askByDriver } = await import('./driver-question.ts');
  return askByDriver(url, sql, PATIENCE);
}

/** Whether an address and its variables say nothing besides where to go and who goes there. Whoever is asked says itself which one it is. */
function isPlain(url: string, { PGSSLMODE = '', PGOPTIONS = '' }: Environment): boolean {
  return PGSSLMODE + PGOPTIONS === '' && PLAIN.test(url);
}

const PLAIN = /^postgres(?:ql)?:\/\/(?:[^@/?#]+@)?[^@/?#]*\/[^@/?#]*(?:\?host=[^&#]*)?$/;
