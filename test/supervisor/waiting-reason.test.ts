// What a Pod that does not run yet waits for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { waitingReason } from '../../src/supervisor/waiting-reason.ts';

const status = (name: string, reason: string, message?: string) => ({
  name,
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason, ...(message !== undefined && { message }) } },
});
const pod = (initContainerStatuses: object[], containerStatuses: object[]) =>
  ({ status: { initContainerStatuses, containerStatuses } }) as Pod;

test('the first container that something stands in the way of says what', () => {
  const waits = status('a', 'PodInitializing');
  const never = status('b', 'ErrImageNeverPull', 'Container image "x:1" is not present');
  const other = status('c', 'ErrImagePull', 'no such host');
  const said = 'container b: ErrImageNeverPull: Container image "x:1" is not present';
  assert.equal(waitingReason(pod([], [waits, never, other])), said);
  assert.equal(waitingReason(pod([never], [waits])), said);
});

test('while nothing stands in its way there is nothing to say', () => {
  assert.equal(waitingReason(pod([], [status('a', 'ContainerCreating')])), '');
  assert.equal(waitingReason({}), '');
});
