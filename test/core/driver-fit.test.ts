import { expect, test } from 'vitest';
import { bringsBinary, mayEndWhatIsBuilt, runsBinary } from '../../src/core/driver-fit.ts';

test.each([
  ['', false],
  ['11.10.0', false],
  ['12.11.1', false],
  ['13.0.0', true],
  ['14.1.0', true],
])('the driver %j brings its binary: %s', (driver, brings) => {
  expect(bringsBinary(driver)).toBe(brings);
});

test.each([
  [undefined, false],
  ['9', false],
  ['10', true],
  ['11', true],
])('Node-API %s runs it: %s', (nodeApi, runs) => {
  expect(runsBinary(nodeApi)).toBe(runs);
});

test.each([
  ['v20.20.2', false],
  ['v22.23.2', false],
  ['v24.18.1', false],
  ['v24.19.0', true],
  ['v25.9.0', false],
  ['v26.3.1', false],
  ['v26.4.0', true],
  ['v27.0.0', true],
])('Node %s may end over what is built for it: %s', (node, ends) => {
  expect(mayEndWhatIsBuilt(node)).toBe(ends);
});
