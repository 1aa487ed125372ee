// A tmpfs whose pages are never swapped out, where the kernel can promise that (kubelet swap.IsTmpfsNoswapOptionSupported).
import { readFile } from '../files.ts';
import { mountFilesystem } from '../mounts.ts';

/** TmpfsNoswapSupportKernelVersion. */
const noswapSince = [6, 4] as const;

export async function mountTmpfs(path: string, options: readonly string[]): Promise<void> {
  if (!knowsNoswap(await readFile('/proc/sys/kernel/osrelease', 'utf8')))
    return mountFilesystem('tmpfs', path, options);
  // Refused in a user namespace.
  return mountFilesystem('tmpfs', path, [...options, 'noswap']).catch(() =>
    mountFilesystem('tmpfs', path, options),
  );
}

export function knowsNoswap(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  return major > noswapSince[0] || (major === noswapSince[0] && minor >= noswapSince[1]);
}
