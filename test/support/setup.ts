import { afterAll, afterEach } from 'vitest';
// Nothing else is imported: what is loaded here cannot be replaced by a test.
import { endFile, endTest } from './endings.ts';

afterEach(endTest);
afterAll(endFile);
