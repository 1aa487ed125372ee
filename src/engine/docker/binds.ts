// Mounts -> HostConfig.Binds and HostConfig.Mounts. Pure. Follows dockershim's generateMountBindings.
import type { HostConfig, MountSettings } from 'dockerode';
import type { Mount } from '../engine.ts';

/**
 * What becomes of mounts below a read-only one, in the words of API 1.44. Engines before it leave them as they are, and
 * know no words for it; those after it make them read-only as well, where they can, unless told.
 */
export type Below = 'ReadOnlyNonRecursive' | 'ReadOnlyForceRecursive';

export type BoundMount = Mount & { below?: Below };

/**
 * `Binds` create a missing host path as a directory, as a hostPath without a type wants it; but their syntax has no
 * room for a colon in a path, nor for `below`, so such a one goes into `Mounts`.
 */
export function binds(mounts: BoundMount[]): Pick<HostConfig, 'Binds' | 'Mounts'> {
  const isPlain = ({ hostPath, containerPath, below }: BoundMount) =>
    below === undefined && !`${hostPath}${containerPath}`.includes(':');
  const [plain, others] = [mounts.filter(isPlain), mounts.filter((mount) => !isPlain(mount))];
  return {
    ...(plain.length > 0 && { Binds: plain.map(bind) }),
    ...(others.length > 0 && { Mounts: others.map(mountSettings) }),
  };
}

/**
 * `private` is left unsaid: it is the engine's default, except for a directory that holds the engine's own (`/`, say),
 * where it is refused when asked for, and the default is `rslave`.
 */
const asked = ({ propagation }: Mount) => (propagation === 'private' ? undefined : propagation);

const bind = (mount: Mount): string => {
  const propagation = asked(mount);
  const options = [
    mount.readOnly ? 'ro' : 'rw',
    ...(propagation === undefined ? [] : [propagation]),
    ...(mount.relabel ? ['z'] : []),
  ];
  return `${mount.hostPath}:${mount.containerPath}:${options.join(',')}`;
};

function mountSettings(mount: BoundMount): MountSettings {
  const { below } = mount;
  // By force it is to be private in so many words.
  const propagation = below === 'ReadOnlyForceRecursive' ? 'rprivate' : asked(mount);
  const options = {
    ...(propagation !== undefined && { Propagation: propagation }),
    // As `Binds` do. Who knows of `below` knows of this.
    ...(below !== undefined && { [below]: true, CreateMountpoint: true }),
  };
  return {
    Type: 'bind',
    Source: mount.hostPath,
    Target: mount.containerPath,
    ReadOnly: mount.readOnly,
    ...(Object.keys(options).length > 0 && { BindOptions: options as MountSettings['BindOptions'] }),
  };
}
