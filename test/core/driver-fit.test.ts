import { expect, test } from 'vitest';
import { cannotRun, mayEndTheProcess } from '../../src/core/driver-fit.ts';

test.each([
  ['9', '12.11.1', false],
  ['9', '13.0.0', true],
  ['9', '14.1.0', true],
  ['10', '13.2.0', false],
  ['137', '13.2.0', false],
])('with Node-API %s the driver %s cannot run: %s', (nodeApi, driver, cannot) => {
  expect(cannotRun(driver, { node: 'v22.0.0', nodeApi })).toBe(cannot);
});

test.each([
  ['v20.20.2', '12.11.1', false],
  ['v22.23.2', '12.11.1', false],
  ['v24.18.1', '12.11.1', false],
  ['v24.19.0', '12.11.1', true],
  ['v25.9.0', '12.11.1', false],
  ['v26.3.1', '12.11.1', false],
  ['v26.4.0', '11.10.0', true],
  ['v27.0.0', '12.11.1', true],
  ['v24.19.0', '13.2.0', false],
  ['v27.0.0', '13.2.0', false],
])('Node %s may end with the driver %s: %s', (node, driver, ends) => {
  expect(mayEndTheProcess(driver, { node, nodeApi: '10' })).toBe(ends);
});
