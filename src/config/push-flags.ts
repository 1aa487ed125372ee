// Flags of the endpoint that manifests are pushed to: --manifest-push-* are monopod's own, the others the kubelet's for
// its serving port.
import * as value from './values.ts';

export const pushFlags = {
  manifestPushPort: {
    flags: '--manifest-push-port <port>',
    help: 'port to which manifests can be pushed, over TLS; 0 is off',
    parse: value.port,
    default: 0,
  },
  manifestPushAddress: {
    flags: '--manifest-push-address <ip>',
    help: 'address of that port',
    parse: value.ip,
    default: '127.0.0.1',
  },
  manifestPushTokenFile: {
    flags: '--manifest-push-token-file <path>',
    help: 'bearer tokens that may push, one a line; readable by the user of monopod alone',
    parse: value.path,
  },
  clientCaFile: {
    flags: '--client-ca-file <path>',
    help: 'whoever has a client certificate of one of these authorities may push',
    parse: value.path,
  },
  tlsCertFile: {
    flags: '--tls-cert-file <path>',
    help: 'certificate of the push port, with intermediate ones after it',
    parse: value.path,
  },
  tlsPrivateKeyFile: {
    flags: '--tls-private-key-file <path>',
    help: 'its key',
    parse: value.path,
  },
  tlsMinVersion: {
    flags: '--tls-min-version <version>',
    help: 'oldest TLS that the push port speaks: VersionTLS12 or VersionTLS13',
    parse: value.tlsVersion,
    default: 'VersionTLS12',
  },
};
