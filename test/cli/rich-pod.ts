// A Pod of everything that `describe pod` tells of, and what it tells.
import type { Pod } from '../../src/kubernetes/pod.ts';

export const nowMs = Date.UTC(2026, 0, 1, 1);
/** Seconds after the Pod's start. */
export const at = (second: number) => new Date(nowMs - 60_000 + second * 1000).toISOString();

export const rich: Pod = {
  metadata: {
    name: 'rich-n1',
    namespace: 'shop',
    uid: 'u1',
    labels: { tier: 'back', app: 'rich' },
    annotations: { 'kubernetes.io/config.source': 'file', note: 'red \u001b[31m' },
    deletionTimestamp: at(50),
    deletionGracePeriodSeconds: 5,
  },
  spec: {
    nodeName: 'n1',
    priority: 2_000_001_000,
    priorityClassName: 'system-node-critical',
    nodeSelector: { disk: 'ssd' },
    tolerations: [
      { effect: 'NoExecute', operator: 'Exists' },
      { key: 'k', value: 'v', effect: 'NoSchedule', tolerationSeconds: 300 },
    ],
    initContainers: [
      { name: 'setup', image: 'busybox', command: ['sh', '-c', 'echo a\necho b'] },
      {
        name: 'proxy',
        image: 'proxy:1',
        restartPolicy: 'Always',
        startupProbe: { grpc: { port: 9000, service: 'up' } },
      },
    ],
    containers: [
      {
        name: 'web',
        image: 'web:2',
        args: ['--port', '80'],
        ports: [
          { containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1', name: 'http' },
          { containerPort: 53, protocol: 'UDP' },
        ],
        resources: { limits: { memory: '64Mi', cpu: '1' }, requests: { cpu: '500m' } },
        livenessProbe: { httpGet: { port: 80, path: '/healthz', scheme: 'HTTPS' }, periodSeconds: 5 },
        readinessProbe: { exec: { command: ['cat', '/ready'] }, failureThreshold: 1 },
        startupProbe: { tcpSocket: { port: 'http' }, initialDelaySeconds: 2 },
        env: [
          { name: 'A', value: 'b' },
          { name: 'LONG_NAME_OF_A_POD_IP_ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k' } } },
        ],
        volumeMounts: [
          { name: 'host', mountPath: '/host', readOnly: true },
          { name: 'data', mountPath: '/data', subPath: 'in' },
        ],
      },
      { name: 'late', image: 'nowhere/late' },
    ],
    volumes: [
      { name: 'host', hostPath: { path: '/srv', type: 'Directory' } },
      { name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'facts', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      {
        name: 'all',
        projected: {
          sources: [
            {
              downwardAPI: {
                items: [{ path: 'c', resourceFieldRef: { resource: 'limits.cpu', containerName: 'web' } }],
              },
            },
          ],
        },
      },
      { name: 'picture', image: { reference: 'art:1', pullPolicy: 'IfNotPresent' } },
      { name: 'share', nfs: { server: 'nas', path: '/export' } },
    ],
  },
  status: {
    phase: 'Running',
    reason: 'Slow',
    message: 'takes\nlong',
    qosClass: 'Burstable',
    hostIP: '10.0.0.1',
    podIP: '10.1.0.2',
    podIPs: [{ ip: '10.1.0.2' }, { ip: 'fd00::2' }],
    startTime: at(0),
    conditions: [
      { type: 'Initialized', status: 'True', lastTransitionTime: at(0) },
      {
        type: 'Ready',
        status: 'False',
        reason: 'ContainersNotReady',
        message: 'containers with unready status: [late]',
      },
    ],
    initContainerStatuses: [
      {
        name: 'setup',
        image: 'busybox',
        imageID: 'sha256:1',
        containerID: 'docker://s1',
        ready: true,
        restartCount: 0,
        state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: at(1), finishedAt: at(2) } },
      },
    ],
    containerStatuses: [
      {
        name: 'web',
        image: 'web:2',
        imageID: 'sha256:2',
        containerID: 'docker://w2',
        ready: true,
        restartCount: 1,
        state: { running: { startedAt: at(9) } },
        lastState: {
          terminated: {
            exitCode: 137,
            signal: 9,
            reason: 'OOMKilled',
            message: 'too\tmuch',
            startedAt: at(3),
            finishedAt: at(8),
          },
        },
      },
      {
        name: 'late',
        image: 'nowhere/late',
        imageID: '',
        ready: false,
        restartCount: 0,
        lastState: {},
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } },
      },
    ],
  },
};

export const RICH = String.raw`Name:                      rich-n1
Namespace:                 shop
UID:                       u1
Priority:                  2000001000
Priority Class Name:       system-node-critical
Node:                      n1/10.0.0.1
Start Time:                Thu, 01 Jan 2026 00:59:00 +0000
Labels:                    app=rich
                           tier=back
Annotations:               kubernetes.io/config.source: file
                           note: red \x1b[31m
Manifest:                  /m/web.yaml
  Source:                  file:/m
  State:                   kept since Thu, 01 Jan 2026 00:58:30 +0000 (90s)
  Reason:                  line 3, column 5: spec.containers: Required value
  Runs instead:            its last good version, UID u1 since 2026-01-01T00:59:00.000Z (60s)
  /m/web.yaml:3:5: error: spec.containers: Required value:
  /m/web.yaml:4:7: note: spec.nodeSelector: No meaning on one node: nothing else to choose
Status:                    Terminating (lasts 10s)
Termination Grace Period:  5s
Reason:                    Slow
Message:                   takes\nlong
IP:                        10.1.0.2
IPs:
  IP:                      10.1.0.2
  IP:                      fd00::2
Init Containers:
  setup:
    Container ID:          docker://s1
    Image:                 busybox
    Image ID:              sha256:1
    Port:                  <none>
    Host Port:             <none>
    Command:
      sh
      -c
      echo a
      echo b
    State:                 Terminated
      Reason:              Completed
      Exit Code:           0
      Started:             Thu, 01 Jan 2026 00:59:01 +0000
      Finished:            Thu, 01 Jan 2026 00:59:02 +0000
    Ready:                 True
    Restart Count:         0
    Environment:           <none>
    Mounts:                <none>
  proxy:
    Container ID:
    Image:                 proxy:1
    Image ID:
    Port:                  <none>
    Host Port:             <none>
    Restart Policy:        Always
    Ready:                 False
    Restart Count:         0
    Startup:               grpc <pod>:9000 up delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment:           <none>
    Mounts:                <none>
Containers:
  web:
    Container ID:          docker://w2
    Image:                 web:2
    Image ID:              sha256:2
    Ports:                 80/TCP (http), 53/UDP
    Host Ports:            127.0.0.1:8080/TCP (http), 0/UDP
    Args:
      --port
      80
    State:                 Running
      Started:             Thu, 01 Jan 2026 00:59:09 +0000
    Last State:            Terminated
      Reason:              OOMKilled
      Message:             too\tmuch
      Exit Code:           137
      Signal:              9
      Started:             Thu, 01 Jan 2026 00:59:03 +0000
      Finished:            Thu, 01 Jan 2026 00:59:08 +0000
    Ready:                 True
    Restart Count:         1
    Limits:
      cpu:                 1
      memory:              64Mi
    Requests:
      cpu:                 500m
    Liveness:              http-get https://:80/healthz delay=0s timeout=1s period=5s #success=1 #failure=3
    Readiness:             exec [cat /ready] delay=0s timeout=1s period=10s #success=1 #failure=1
    Startup:               tcp-socket :http delay=2s timeout=1s period=10s #success=1 #failure=3
    Environment:
      A:                              b
      LONG_NAME_OF_A_POD_IP_ADDRESS:  10.1.0.2 (v1:status.podIP)
      CPU:                            (limits.cpu of the container)
      NONE:                           <set to the key 'k' of config map 'cm'>
    Mounts:
      /data from data (rw,path="in")
      /host from host (ro)
  late:
    Container ID:
    Image:                 nowhere/late
    Image ID:
    Port:                  <none>
    Host Port:             <none>
    State:                 Waiting
      Reason:              ImagePullBackOff
      Message:             Back-off pulling image
    Ready:                 False
    Restart Count:         0
    Environment:           <none>
    Mounts:                <none>
Conditions:
  Type         Status  Since
  Initialized  True    60s
  Ready        False          ContainersNotReady: containers with unready status: [late]
Volumes:
  host:
    Type:                  HostPath (a file or directory of the node's)
    Path:                  /srv
    HostPathType:          Directory
  data:
    Type:                  EmptyDir (lives as long as the Pod)
    Medium:                Memory
    SizeLimit:             1Mi
  facts:
    Type:                  DownwardAPI (facts of the Pod, as files)
    Items:
      metadata.labels -> l
  all:
    Type:                  Projected (several sources in one directory)
    DownwardAPI:
      limits.cpu of web -> c
  picture:
    Type:                  Image (what is in an image)
    Reference:             art:1
    PullPolicy:            IfNotPresent
  share:
    Type:                  Nfs
    Server:                nas
    Path:                  /export
QoS Class:                 Burstable
Node-Selectors:            disk=ssd
Tolerations:               :NoExecute op=Exists
                           k=v:NoSchedule for 300s
Last change:
  +0ms     0.4ms    source.event
  +1ms     3.2ms    manifest.decode  120
  +5ms     1.4s     engine.pull  nowhere/late  ! no\x1bsuch image
`;
