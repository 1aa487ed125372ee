// Which file tells of the node's DNS where `--resolv-conf` does not say. On the main thread, once.
import { readFileSync } from 'node:fs';

const usual = '/etc/resolv.conf';
const ofSystemdResolved = '/run/systemd/resolve/resolv.conf';

/**
 * /etc/resolv.conf, but for one that names systemd-resolved's own server alone: nobody answers there in a Pod's network.
 * Then the file with the servers that it asks, as kubeadm has the kubelet take it, and Docker by itself.
 */
export function resolvConfPath(
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): string {
  try {
    const servers = [...read(usual).matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, server]) => server);
    if (servers.length === 0 || servers.some((server) => server !== '127.0.0.53')) return usual;
    read(ofSystemdResolved);
    return ofSystemdResolved;
  } catch {
    return usual;
  }
}
