// Who the push endpoint is, and who may push: certificate, key, client authorities and tokens, from files that may be
// replaced at any time: each is looked at when it is needed. Main thread; the files are small and local.
import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { RunOptions } from '../../config/options.ts';
import { StartupError } from '../../config/startup-error.ts';
import type { Log } from '../../telemetry/log.ts';
import { FreshFiles } from './fresh-files.ts';

export type CredentialFiles = Pick<
  RunOptions,
  'tlsCertFile' | 'tlsPrivateKeyFile' | 'clientCaFile' | 'manifestPushTokenFile'
>;

/** `generation`: another whenever they have changed. */
type Authorities = { pem: Buffer; generation: number };

export class Credentials {
  readonly #identity: FreshFiles<{ cert: Buffer; key: Buffer }>;
  readonly #authorities: FreshFiles<Authorities> | undefined;
  readonly #tokens: FreshFiles<Buffer[]> | undefined;

  /** Throws a StartupError that says which flag and why. */
  constructor(files: CredentialFiles, { clock, log }: { clock: Clock; log: Log }) {
    const { tlsCertFile, tlsPrivateKeyFile, clientCaFile, manifestPushTokenFile } = files;
    if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined)
      throw new StartupError(
        '--manifest-push-port needs --tls-cert-file and --tls-private-key-file: manifests are pushed over TLS only',
      );
    if (clientCaFile === undefined && manifestPushTokenFile === undefined)
      throw new StartupError(
        '--manifest-push-port needs --manifest-push-token-file or --client-ca-file: who may push?',
      );
    // While one of two files has been replaced they do not belong together: the pair before is used meanwhile.
    this.#identity = new FreshFiles({
      files: [
        { flag: '--tls-cert-file', path: tlsCertFile },
        { flag: '--tls-private-key-file', path: tlsPrivateKeyFile },
      ],
      parse: ([cert, key]) => pair(cert as Buffer, key as Buffer),
      clock,
      log,
    });
    let generation = 0;
    this.#authorities =
      clientCaFile === undefined
        ? undefined
        : new FreshFiles({
            files: [{ flag: '--client-ca-file', path: clientCaFile }],
            parse: ([pem]) => ({ pem: certificates(pem as Buffer), generation: ++generation }),
            clock,
            log,
          });
    // A token that is withdrawn must not live on in memory.
    this.#tokens =
      manifestPushTokenFile === undefined
        ? undefined
        : new FreshFiles({
            files: [{ flag: '--manifest-push-token-file', path: manifestPushTokenFile, secret: true }],
            parse: ([text]) => tokens(text as Buffer),
            whenBad: [],
            clock,
            log,
          });
  }

  /** The same object until it changes. */
  identity(): { cert: Buffer; key: Buffer } {
    return this.#identity.now();
  }

  /** The same object until they change. Undefined: no client certificate is asked for. */
  authorities(): Authorities | undefined {
    return this.#authorities?.now();
  }

  /** In a time that says nothing of how much of it is right. */
  acceptsToken(token: string): boolean {
    const given = digest(token);
    let isOne = false;
    for (const known of this.#tokens?.now() ?? []) if (timingSafeEqual(known, given)) isOne = true;
    return isOne;
  }
}

function pair(cert: Buffer, key: Buffer): { cert: Buffer; key: Buffer } {
  new X509Certificate(cert);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const mismatch = (error as NodeJS.ErrnoException).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    throw mismatch ? new Error('they do not belong together: the key is of another certificate') : error;
  }
  return { cert, key };
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Without any, Node would take every authority that browsers trust. */
function certificates(pem: Buffer): Buffer {
  const found = pem.toString('latin1').match(pemCertificate) ?? [];
  if (found.length === 0) throw new Error('there is no certificate in it');
  for (const one of found) new X509Certificate(one);
  return Buffer.from(found.join('\n'));
}

/** RFC 6750 */
const bearerToken = /^[\w.~+/-]+=*$/;

function tokens(text: Buffer): Buffer[] {
  const lines = text.toString('utf8').split('\n');
  const found = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const bad = found.findIndex((token) => !bearerToken.test(token));
  // Never the token itself.
  if (bad >= 0)
    throw new Error('a token may have letters, digits and -._~+/ only, with = at its end, one token a line');
  if (found.length === 0) throw new Error('there is no token in it');
  return found.map(digest);
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
