// Errors of the network and of TLS as a person reads them, with what to do. Pure.

const byCode: Record<string, string> = {
  ECONNREFUSED: 'the connection is refused: nothing listens there',
  ENOTFOUND: "the host's name cannot be resolved",
  EAI_AGAIN: "the host's name cannot be resolved now: the DNS does not answer",
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'the connection is not answered',
  ECONNRESET: 'the connection broke off before the answer was complete',
  EPIPE: 'the connection broke off before the answer was complete',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is self-signed: give it as --manifest-url-ca-file to trust it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is by an authority that is not trusted: give that as --manifest-url-ca-file to trust it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is by an authority that is not trusted: give that as --manifest-url-ca-file to trust it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is by an authority that is not trusted: give that as --manifest-url-ca-file to trust it',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'it wants a client certificate: give --manifest-url-client-cert-file and --manifest-url-client-key-file',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the client key is not that of the client certificate',
  HPE_HEADER_OVERFLOW: 'the headers of its answer are too large',
};

/** By what OpenSSL calls it. A server that breaks off the handshake does not say why. */
const byReason: [RegExp, string][] = [
  [
    /wrong version number|packet length too long|http request|unexpected message/,
    'it does not speak TLS: if that is meant, the URL begins with http://',
  ],
  [/protocol version|unsupported protocol/, 'it speaks a version of TLS that is too old, or too new'],
  [/alert unknown ca/, 'it does not trust the authority of the client certificate'],
  [/alert certificate expired/, 'it says that the client certificate has expired'],
  [
    /alert (bad certificate|certificate unknown|certificate revoked|unsupported certificate|access denied)/,
    'it refuses the client certificate',
  ],
  [
    /alert handshake failure/,
    'it breaks off the TLS handshake: it may want a client certificate (--manifest-url-client-cert-file), or other ciphers',
  ],
];

/** OpenSSL's whole words hold the id of a thread and places in its source: of a different run, other words. */
function explainTls(message: string): string | undefined {
  const reason = /error:[0-9A-F]+:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  if (reason === undefined) return undefined;
  return byReason.find(([pattern]) => pattern.test(reason))?.[1] ?? `TLS fails: ${reason}`;
}

/** What is ours has no code. */
export function explainNetwork(error: unknown): string {
  const {
    code,
    message = 'unknown error',
    statusCode,
  } = error as NodeJS.ErrnoException & {
    statusCode?: number;
  };
  const known = byCode[code ?? ''];
  if (known !== undefined) return known;
  const ofTls = explainTls(message);
  if (ofTls !== undefined) return ofTls;
  if (code === 'ERR_PROXY_TUNNEL')
    return statusCode === undefined
      ? 'the proxy makes no connection to it'
      : `the proxy makes no connection to it: it answers ${statusCode}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is not for that host, but for ${message.replace(/^.*altnames: /, '')}`;
  if (code?.startsWith('ERR_OSSL_')) return 'the file of a certificate or key is damaged';
  if (code?.startsWith('HPE_')) return 'its answer is no proper HTTP';
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
