// The labels that every node has (kubelet initialNode), and their text on the command line. Pure.

const architectures: Record<string, string> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  loong64: 'loong64',
};

/** As Go names them: `linux`, `amd64`. */
export function wellKnownLabels(
  nodeName: string,
  { platform, arch }: { platform: string; arch: string },
): Record<string, string> {
  const architecture = architectures[arch] ?? arch;
  return {
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': platform,
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': platform,
    'beta.kubernetes.io/arch': architecture,
  };
}
