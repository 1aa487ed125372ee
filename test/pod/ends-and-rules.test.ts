// activeDeadlineSeconds, a container's own restart policy and its rules, termination messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '../../src/errors.ts';
import { Life } from './life.ts';
import { container, staticPod } from './pods.ts';

const signals = (life: Life) => life.of('kill').map(({ container: name, signal }) => `${name} ${signal}`);

test('activeDeadlineSeconds: all stop gracefully, the Pod has failed, and nothing starts again', () => {
  const life = Life.running(staticPod('v1', { activeDeadlineSeconds: 60 }));
  life.pass(59_999);
  assert.deepEqual(signals(life), []);
  life.pass(1);
  assert.deepEqual(signals(life), ['main SIGTERM']);
  assert.equal(life.state.current?.failed?.reason, 'DeadlineExceeded');
  life.ends('main', 0);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
  life.pass(3_600_000);
  assert.equal(life.of('create-container').length, 1);
});

test('a deadline that passes while an init container runs, or in back-off, ends the Pod too', () => {
  const init = Life.running(
    staticPod('v1', { activeDeadlineSeconds: 60, initContainers: [container('init')] }),
  );
  init.pass(60_000);
  assert.deepEqual(signals(init), ['init SIGTERM']);
  const backOff = Life.running(staticPod('v1', { activeDeadlineSeconds: 15 }));
  for (let times = 0; times < 3; times++) {
    if (backOff.slot('main').phase.at === 'running') backOff.ends('main', 1);
    backOff.go();
    backOff.pass(6000);
  }
  assert.equal(backOff.state.current?.stage, 'finished');
});

for (const [podPolicy, own, exitCode, again] of [
  ['Always', 'Never', 1, false],
  ['Always', 'OnFailure', 0, false],
  ['Always', 'OnFailure', 1, true],
  ['Never', 'Always', 0, true],
  ['Never', 'OnFailure', 1, true],
] as const) {
  test(`the container's own ${own} wins over the Pod's ${podPolicy}: exit code ${exitCode}`, () => {
    const life = Life.running(
      staticPod('v1', {
        restartPolicy: podPolicy,
        containers: [container('main', { restartPolicy: own }), container('other')],
      }),
    );
    life.ends('main', exitCode);
    life.go();
    assert.equal(life.slot('main').phase.at, again ? 'running' : 'exited');
    assert.equal(life.state.current?.stage, 'active', 'the other one runs');
  });
}

for (const [operator, values, exitCode, again] of [
  ['In', [42, 43], 43, true],
  ['In', [42], 1, false],
  ['NotIn', [1], 42, true],
  ['NotIn', [42], 42, false],
] as const) {
  test(`a rule that restarts if the exit code is ${operator} [${values}]: ${exitCode}`, () => {
    const life = Life.running(
      staticPod('v1', {
        restartPolicy: 'Never',
        containers: [
          container('main', {
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values: [...values] } }],
          }),
        ],
      }),
    );
    life.ends('main', exitCode);
    life.go();
    assert.equal(life.slot('main').phase.at, again ? 'running' : 'exited');
    assert.equal(life.state.current?.stage, again ? 'active' : 'finished');
  });
}

const restartAll = (exitCode: number) => ({
  restartPolicy: 'Never' as const,
  restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [exitCode] } }],
});

test('RestartAllContainers: all stop without hooks or long grace, and the Pod starts over in its sandbox', () => {
  const life = Life.running(
    staticPod('v1', {
      restartPolicy: 'Never',
      initContainers: [container('init')],
      containers: [
        container('watcher', restartAll(88)),
        container('main', { lifecycle: { preStop: { sleep: { seconds: 5 } } } }),
      ],
    }),
  );
  life.ends('init', 0);
  life.go();
  life.ends('watcher', 88);
  life.go();
  assert.deepEqual(signals(life), ['main SIGTERM']);
  assert.deepEqual(life.of('run-hook'), []);
  life.pass(2000);
  assert.deepEqual(signals(life), ['main SIGTERM', 'main SIGKILL']);
  life.ends('main', 137);
  life.go();
  assert.equal(life.slot('init').phase.at, 'running', 'init containers run again');
  assert.equal(life.of('create-sandbox').length, 1);
  life.ends('init', 0);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  assert.deepEqual(
    ['init', 'watcher', 'main'].map((name) => life.slot(name).restartCount),
    [1, 1, 1],
  );
  assert.equal(life.slot('main').last?.reason, 'RestartingAllContainers');
});

test('RestartAllContainers asked for by a sidecar: what stops for it has not ended the Pod, though it may never restart', () => {
  const life = Life.running(
    staticPod('v1', {
      restartPolicy: 'Never',
      initContainers: [container('side', { ...restartAll(88), restartPolicy: 'Always' })],
    }),
  );
  life.ends('side', 88);
  life.go();
  life.ends('main', 143);
  life.go();
  assert.equal(life.state.current?.stage, 'active');
  for (const name of ['side', 'main']) assert.equal(life.slot(name).phase.at, 'running', name);
});

test('RestartAllContainers whose sandbox dies meanwhile: a Pod that may never restart has ended', () => {
  const life = Life.running(
    staticPod('v1', {
      restartPolicy: 'Never',
      initContainers: [container('side', { ...restartAll(88), restartPolicy: 'Always' })],
    }),
  );
  life.ends('side', 88);
  life.go();
  life.ends('POD', 137);
  life.ends('main', 143);
  life.go();
  assert.equal(life.state.current?.stage, 'finished');
});

test('one that asks for it again and again waits longer and longer', () => {
  const life = Life.running(
    staticPod('v1', { restartPolicy: 'Never', containers: [container('main', restartAll(88))] }),
  );
  life.ends('main', 88);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running');
  life.ends('main', 88);
  life.go();
  assert.equal(life.slot('main').phase.at, 'exited');
  life.pass(10_000);
  assert.equal(life.slot('main').phase.at, 'running');
});

test('the termination message is asked for once, and follows the end wherever that has gone', () => {
  const life = new Life();
  life.held.add('read-message');
  life.want(staticPod('v1'));
  life.go();
  life.ends('main', 3);
  life.go();
  assert.equal(life.slot('main').phase.at, 'running', 'nothing waits for it');
  life.answer(life.waiting('read-message'), ok('out of cheese'));
  assert.equal(life.slot('main').last?.message, 'out of cheese');
  life.go();
  assert.equal(life.of('read-message').length, 1);
});

test('a termination message that comes after two further ends belongs to none of them', () => {
  const life = new Life();
  life.held.add('read-message');
  life.want(staticPod('v1'));
  life.go();
  for (const exitCode of [1, 2]) {
    life.ends('main', exitCode);
    life.go();
    life.pass(10_000);
  }
  life.answer(life.waiting('read-message'), ok('of the first'));
  assert.equal(life.slot('main').last?.exitCode, 2);
  assert.equal(life.slot('main').last?.message, '');
});

test('OOMKilled: what is heard after the end counts for it, unless it has ended well', () => {
  for (const [exitCode, before, after] of [
    [137, 'Error', 'OOMKilled'],
    [0, 'Completed', 'Completed'],
  ] as const) {
    const life = Life.running(staticPod('v1', { restartPolicy: 'Never' }));
    life.ends('main', exitCode);
    const reason = () => {
      const { phase } = life.slot('main');
      return phase.at === 'exited' && phase.exit.reason;
    };
    assert.equal(reason(), before);
    const seen = life.engine.get(life.idOf('main'));
    assert.ok(seen);
    life.send({ type: 'observed', observation: { ...seen, oomKilled: true } });
    assert.equal(reason(), after);
  }
});
