// Images with the names that kubeadm's manifests ask for. In them a server of each name that takes its flags and answers
// its probes: over TLS on --secure-port, etcd in the clear on --listen-metrics-urls. One image: busybox and openssl.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dockerApi } from './docker-api.ts';
import { image } from './images.ts';
import { installPackages, program } from './packages.ts';
import { tar as archive, type TarEntry } from './tar.ts';

const controlPlaneImages = [
  'registry.k8s.io/etcd:3.6.6-0',
  'registry.k8s.io/kube-apiserver:v1.36.0',
  'registry.k8s.io/kube-controller-manager:v1.36.0',
  'registry.k8s.io/kube-scheduler:v1.36.0',
  /** For an upgrade. */
  'registry.k8s.io/kube-apiserver:v1.36.1',
];

/**
 * Runs as process 1, which is deaf to SIGTERM unless it says otherwise. As the real ones, those that are given no
 * certificate make one, and etcd writes below its --data-dir: a probe is answered while there is a file of its name.
 */
const server = `#!/bin/sh
for arg; do
  value=\${arg#*=}
  case "$arg" in
    --secure-port=*) port=$value ;;
    --bind-address=*) address=$value ;;
    --advertise-address=*) address=$value ;;
    --tls-cert-file=*) cert=$value ;;
    --tls-private-key-file=*) key=$value ;;
    --data-dir=*) data=$value ;;
    --listen-metrics-urls=*) listen=\${value#http://} ;;
  esac
done
directory=\${data:-/tmp}/member
mkdir -p "$directory" && cd "$directory" || exit 1
for path in livez readyz healthz; do echo ok > $path; done
if [ -n "$listen" ]; then
  httpd -f -p "$listen" -h "$directory" &
else
  if [ -z "$cert" ]; then
    cert=/tmp/tls.crt key=/tmp/tls.key
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \\
      -keyout $key -out $cert || exit 1
  fi
  openssl s_server -quiet -WWW -accept "$address:$port" -cert "$cert" -key "$key" < /dev/null &
fi
child=$!
trap 'echo stopping; kill $child; exit 0' TERM
wait $child
`;

/** What a run that was killed has left is told from someone's own by it. */
const label = 'monopod.test.control-plane';

/** Answers with what takes them away again. Someone's own image of such a name is not replaced: that is an error. */
export async function makeControlPlaneImages(endpoint: string): Promise<() => Promise<void>> {
  const docker = dockerApi(endpoint);
  for (const name of controlPlaneImages) {
    const found = await docker.image(name);
    if (found && !found.Config.Labels?.[label])
      throw new Error(`the engine has an image ${name} that is not of this test: remove it, or its tag`);
    await docker.removeImage(name);
  }
  const container = await docker.create('', { Image: image.busybox, Cmd: ['true'] });
  await docker.putArchive(container, archive(files()));
  const [first = '', ...others] = controlPlaneImages;
  const { repo, tag } = split(first);
  await docker.commit(container, repo, tag, { Labels: { [label]: 'yes' } });
  await docker.remove(container);
  for (const name of others) {
    const other = split(name);
    await docker.tagImage(first, other.repo, other.tag);
  }
  return async () => {
    for (const name of controlPlaneImages) await docker.removeImage(name);
  };
}

function split(name: string): { repo: string; tag: string } {
  const colon = name.lastIndexOf(':');
  return { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function files(): TarEntry[] {
  if (!program('openssl')) installPackages(['openssl']);
  const openssl = program('openssl') ?? '';
  const listed = spawnSync('ldd', [openssl], { encoding: 'utf8' }).stdout;
  const libraries = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const executable = (path: string, content: Buffer): TarEntry => ({
    type: 'file',
    path: path.slice(1),
    mode: 0o755,
    content,
  });
  return [
    executable('/bin/openssl', readFileSync(openssl)),
    ...libraries.map((path) => executable(path, readFileSync(path))),
    ...names.map((name) => executable(`/bin/${name}`, Buffer.from(server))),
    // What `openssl req` reads, wherever it was built to look for it.
    ...['/usr/lib/ssl/openssl.cnf', '/etc/pki/tls/openssl.cnf'].map((path) =>
      executable(path, Buffer.from('[req]\ndistinguished_name = name\n[name]\n')),
    ),
  ];
}
