// What a Pod and its container say of users, privileges and profiles -> what the engine is told, or why it is not asked.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod, PodSpec } from '../../../src/kubernetes/pod.ts';
import { asksImageForUser } from '../../../src/pod/config/run-as.ts';
import { containerSecurity, sandboxSecurity, seccompWanted } from '../../../src/pod/config/security.ts';
import { container, staticPod } from '../pods.ts';

type OfContainer = NonNullable<Container['securityContext']>;
type OfPod = NonNullable<PodSpec['securityContext']>;

function scene(own: OfContainer = {}, ofPod: OfPod = {}, annotations?: Record<string, string>) {
  const main = container('main', { securityContext: own });
  const { pod } = staticPod('u1', { securityContext: ofPod, containers: [main] });
  const annotated: Pod = { ...pod, metadata: { ...pod.metadata, annotations } };
  return { main, pod: annotated };
}

type Given = { own?: OfContainer; ofPod?: OfPod; imageUser?: string; annotations?: Record<string, string> };

function result({ own, ofPod, imageUser = '', annotations }: Given) {
  const { main, pod } = scene(own, ofPod, annotations);
  return containerSecurity(pod, main, { imageUser, seccompDefault: false });
}

function security(given: Given) {
  const answer = result(given);
  assert.ok(answer.ok);
  return answer.value;
}

function refusal(given: Given) {
  const answer = result(given);
  assert.ok(!answer.ok);
  return answer.error;
}

describe('the user', () => {
  test("is the image's, unless it is given; the container's word wins over the Pod's", () => {
    assert.ok(!('user' in security({ imageUser: '7' })));
    assert.equal(security({ ofPod: { runAsUser: 1 } }).user, '1');
    assert.equal(security({ ofPod: { runAsUser: 1, runAsGroup: 2 } }).user, '1:2');
    const own = { runAsUser: 0 };
    assert.equal(security({ own, ofPod: { runAsUser: 1, runAsGroup: 2 } }).user, '0:2');
  });

  for (const [imageUser, user] of [
    ['', '0:5'],
    ['7', '7:5'],
    ['7:8', '7:5'],
    ['nobody', 'nobody:5'],
    ['nobody:wheel', 'nobody:5'],
    [':8', '0:5'],
  ] as const)
    test(`of an image whose USER is "${imageUser}", with the group 5, is ${user}`, () =>
      assert.equal(security({ own: { runAsGroup: 5 }, imageUser }).user, user));

  test('of the image is asked for only where it decides something', () => {
    const asks = (own: OfContainer, ofPod: OfPod = {}) => {
      const { main, pod } = scene(own, ofPod);
      return asksImageForUser(pod, main);
    };
    assert.equal(asks({}), false);
    assert.equal(asks({ runAsUser: 1, runAsGroup: 1, runAsNonRoot: true }), false);
    assert.equal(asks({ runAsNonRoot: false }, { runAsNonRoot: true }), false);
    assert.equal(asks({}, { runAsNonRoot: true }), true);
    assert.equal(asks({ runAsGroup: 1 }), true);
  });
});

describe('runAsNonRoot', () => {
  const runAsNonRoot = true;
  const whose = '(pod: "web-node_default(u1)", container: main)';

  test('lets a user through that is not root', () => {
    assert.equal(security({ own: { runAsNonRoot, runAsUser: 1 } }).user, '1');
  });

  test('has the user that was looked at run, not the one of whatever the image is by then', () => {
    for (const imageUser of ['1', '1:0', '65534:staff'])
      assert.equal(security({ own: { runAsNonRoot }, imageUser }).user, imageUser);
  });

  test('refuses runAsUser 0, whatever the image says', () => {
    const error = refusal({ own: { runAsNonRoot, runAsUser: 0 }, imageUser: '1' });
    assert.equal(error.code, 'ContainerConfigInvalid');
    assert.equal(error.message, `container's runAsUser breaks non-root policy ${whose}`);
  });

  for (const imageUser of ['', '0', '00', '0:1', ':1'])
    test(`refuses an image whose USER is "${imageUser}"`, () => {
      const error = refusal({ ofPod: { runAsNonRoot }, imageUser });
      assert.equal(error.code, 'ContainerConfigInvalid');
      assert.equal(error.message, `container has runAsNonRoot and image will run as root ${whose}`);
    });

  test('refuses a name, which may be root', () => {
    const words =
      'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root';
    assert.equal(refusal({ own: { runAsNonRoot }, imageUser: 'app:app' }).message, `${words} ${whose}`);
  });

  test("is the container's to take back", () =>
    assert.ok(result({ own: { runAsNonRoot: false }, ofPod: { runAsNonRoot } }).ok));
});

test('groups: fsGroup and the supplemental ones, each once', () => {
  const ofPod = { fsGroup: 5, supplementalGroups: [6, 5, 6] };
  assert.deepEqual(security({ ofPod }).supplementalGroups, [5, 6]);
  assert.deepEqual(security({}).supplementalGroups, []);
});

test('privileges are as written, and none by default', () => {
  const { supplementalGroups: _, seccomp: __, ...plain } = security({});
  assert.deepEqual(plain, {
    privileged: false,
    readOnlyRootFilesystem: false,
    noNewPrivileges: false,
    capabilitiesAdd: [],
    capabilitiesDrop: [],
  });
  const own = {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
  };
  const { readOnlyRootFilesystem, noNewPrivileges, capabilitiesAdd, capabilitiesDrop } = security({ own });
  assert.deepEqual([readOnlyRootFilesystem, noNewPrivileges], [true, true]);
  assert.deepEqual([capabilitiesAdd, capabilitiesDrop], [['NET_ADMIN'], ['ALL']]);
  assert.equal(security({ own: { privileged: true } }).privileged, true);
  assert.equal(security({ own: { allowPrivilegeEscalation: true } }).noNewPrivileges, false);
});

describe('seccomp', () => {
  const profile = (type: string, localhostProfile?: string) => ({
    seccompProfile: { type, localhostProfile },
  });
  const wanted = (own: OfContainer, ofPod: OfPod = {}, seccompDefault = false) => {
    const { main, pod } = scene(own, ofPod);
    return seccompWanted(pod, main, seccompDefault);
  };

  test('unconfined by default, RuntimeDefault with --seccomp-default', () => {
    assert.equal(wanted({}), 'unconfined');
    assert.equal(wanted({}, {}, true), 'runtime-default');
    assert.equal(wanted(profile('Unconfined'), {}, true), 'unconfined');
  });

  test("the container's profile, else the Pod's", () => {
    assert.equal(wanted({}, profile('RuntimeDefault')), 'runtime-default');
    assert.equal(wanted(profile('Unconfined'), profile('RuntimeDefault')), 'unconfined');
    assert.deepEqual(wanted(profile('Localhost', 'a/b.json')), { localhost: 'a/b.json' });
  });

  test('a privileged container has none', () => {
    for (const type of ['RuntimeDefault', 'Localhost'])
      assert.equal(wanted({ privileged: true, ...profile(type, 'a.json') }, {}, true), 'unconfined');
  });

  test("what the engine is told: unconfined, nothing for its default, or the file's JSON", () => {
    const told = (own: OfContainer, seccompProfile?: string) => {
      const { main, pod } = scene(own);
      const found = { imageUser: '', seccompDefault: false, ...(seccompProfile && { seccompProfile }) };
      const answer = containerSecurity(pod, main, found);
      return answer.ok && answer.value.seccomp;
    };
    assert.equal(told({}), 'unconfined');
    assert.equal(told(profile('RuntimeDefault')), undefined);
    assert.equal(told(profile('Localhost', 'a.json'), '{"defaultAction":"x"}'), '{"defaultAction":"x"}');
  });
});

test('AppArmor: unconfined, a loaded profile, or the engine’s default; the annotation stands between the fields', () => {
  const localhost = { type: 'Localhost', localhostProfile: 'mine' };
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/main': 'localhost/old' };
  assert.ok(!('appArmor' in security({})));
  assert.ok(!('appArmor' in security({ own: { appArmorProfile: { type: 'RuntimeDefault' } } })));
  assert.equal(security({ own: { appArmorProfile: { type: 'Unconfined' } } }).appArmor, 'unconfined');
  assert.equal(security({ ofPod: { appArmorProfile: localhost } }).appArmor, 'mine');
  assert.equal(security({ ofPod: { appArmorProfile: localhost }, annotations }).appArmor, 'old');
  assert.equal(security({ own: { appArmorProfile: localhost }, annotations }).appArmor, 'mine');
});

test("SELinux: the container's label, else the Pod's", () => {
  const [a, b] = [{ level: 's0:c1' }, { type: 't' }];
  assert.deepEqual(security({ ofPod: { seLinuxOptions: a } }).seLinux, a);
  assert.deepEqual(security({ own: { seLinuxOptions: b }, ofPod: { seLinuxOptions: a } }).seLinux, b);
});

describe('a sandbox', () => {
  const sandbox = (spec: Partial<PodSpec>) => sandboxSecurity(staticPod('u1', spec).pod);

  test("runs as the Pod's user, in its groups, with its label", () => {
    const securityContext = { runAsUser: 1, runAsGroup: 2, fsGroup: 3, seLinuxOptions: { level: 's0' } };
    assert.deepEqual(sandbox({ securityContext }), {
      ok: true,
      value: { user: '1:2', supplementalGroups: [3], seLinux: { level: 's0' } },
    });
    assert.deepEqual(sandbox({}), { ok: true, value: { supplementalGroups: [] } });
  });

  test("runs as the image's user where the Pod gives a group only", () =>
    assert.deepEqual(sandbox({ securityContext: { runAsGroup: 2 } }), {
      ok: true,
      value: { supplementalGroups: [] },
    }));

  test('with users of its own is not to be had', () => {
    const answer = sandbox({ hostUsers: false });
    assert.deepEqual(answer.ok || answer.error, {
      code: 'SandboxCreateFailed',
      message: "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    });
    assert.ok(sandbox({ hostUsers: true }).ok);
  });
});
