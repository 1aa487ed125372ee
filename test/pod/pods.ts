// Static Pods for tests: one main container under Always, unless said otherwise.
import type { Container, PodSpec } from '../../src/kubernetes/pod.ts';
import type { StaticPod } from '../../src/manifest/static-pod.ts';

export const podKey = 'default/web-node';

export function staticPod(uid: string, spec: Partial<PodSpec> = {}): StaticPod {
  return {
    key: podKey,
    uid,
    source: 'file',
    origin: `/m/${uid}.yaml`,
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-node', namespace: 'default', uid },
      spec: {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        containers: [container('main')],
        ...spec,
      },
    },
  };
}

export const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'busybox:1',
  imagePullPolicy: 'IfNotPresent',
  ...more,
});

export const withHostPort = (name: string, hostPort = 8080): Container =>
  container(name, { ports: [{ containerPort: 80, hostPort }] });
