// What a container's security context has looked up in the image and on the host, and when it has not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine, ImageStatus } from '../../src/engine/engine.ts';
import { fail, ok, type Result } from '../../src/errors.ts';
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';
import { lookUpSecurity } from '../../src/pod/look-up-security.ts';
import { noHost, run, stage } from './acting.ts';
import { container, staticPod } from './pods.ts';

type Given = { image?: Result<ImageStatus>; profile?: Result<string>; spec?: Partial<PodSpec> };

const imageOf = (user: string): Result<ImageStatus> =>
  ok({ id: 'sha256:1', ref: 'sha256:1', user, stopSignal: 'SIGTERM' });

/** With what was asked for on the way. */
async function lookUp(securityContext: Container['securityContext'], given: Given = {}) {
  const asked: string[] = [];
  const engine = {
    ensureImage: async (image: string, policy: string) => {
      asked.push(`${policy} ${image}`);
      return given.image ?? imageOf('');
    },
  } as unknown as Engine;
  const host = {
    ...noHost,
    seccompProfile: async (path: string) => {
      asked.push(path);
      return given.profile ?? ok('{}');
    },
  };
  const main = container('main', securityContext && { securityContext });
  const { pod } = staticPod('v1', { ...given.spec, containers: [main] });
  return { asked, answer: await lookUpSecurity({ engine, host, seccompDefault: false }, pod, main) };
}

test('an ordinary container asks for nothing', async () => {
  const every = {
    runAsUser: 1,
    runAsGroup: 2,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  for (const context of [undefined, {}, every])
    assert.deepEqual((await lookUp(context)).asked, [], JSON.stringify(context));
});

test('the image is asked for its user, and never pulled for it', async () => {
  const { asked, answer } = await lookUp({ runAsGroup: 5 }, { image: imageOf('nobody') });
  assert.deepEqual(asked, ['Never busybox:1']);
  assert.equal(answer.ok && answer.value.user, 'nobody:5');
});

test('an image that is not there has to be pulled first; other trouble is told as it is', async () => {
  const codeWith = async (image: Result<ImageStatus>) => {
    const { answer } = await lookUp({ runAsNonRoot: true }, { image });
    return answer.ok || answer.error.code;
  };
  assert.equal(await codeWith(fail('ImageNeverPull', 'absent')), 'NoSuchImage');
  assert.equal(await codeWith(fail('EngineUnavailable', 'away')), 'EngineUnavailable');
  assert.equal(await codeWith(imageOf('0')), 'ContainerConfigInvalid');
});

test('a seccomp profile comes from the host, or the container is not made', async () => {
  const seccompProfile = { type: 'Localhost', localhostProfile: 'a.json' };
  const found = await lookUp({ seccompProfile }, { profile: ok('{"a":1}') });
  assert.deepEqual(found.asked, ['a.json']);
  assert.equal(found.answer.ok && found.answer.value.seccomp, '{"a":1}');
  const missing = await lookUp({ seccompProfile }, { profile: fail('ContainerCreateFailed', 'missing') });
  assert.equal(missing.answer.ok || missing.answer.error.message, 'missing');
  assert.deepEqual((await lookUp({ seccompProfile, privileged: true })).asked, []);
});

test('a Pod whose image has to be pulled before its user is known runs all the same', async () => {
  const on = stage();
  on.engine.images.set('other:1', { present: false, user: '1000' });
  const main = container('main', { image: 'other:1', securityContext: { runAsNonRoot: true } });
  on.actor().desire(run(staticPod('v1', { containers: [main] })), 1);
  await on.run(5_000);
  assert.equal(on.published.at(-1)?.pod?.status?.phase, 'Running');
  assert.equal(on.engine.pullCounts.get('other:1'), 1);
});

test('one whose image is root waits, and is tried again', async () => {
  const on = stage();
  const main = container('main', { securityContext: { runAsNonRoot: true } });
  on.actor().desire(run(staticPod('v1', { containers: [main] })), 1);
  await on.run(5_000);
  const waiting = on.published.at(-1)?.pod?.status?.containerStatuses?.[0]?.state?.waiting;
  assert.equal(waiting?.reason, 'CreateContainerConfigError');
  assert.match(waiting?.message ?? '', /image will run as root/);
  on.engine.images.set('busybox:1', { present: true, user: '1' });
  await on.run(60_000);
  assert.equal(on.published.at(-1)?.pod?.status?.phase, 'Running');
});
