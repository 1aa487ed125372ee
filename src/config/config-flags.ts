// The flags that name configuration files; what these say comes before the defaults and after all other flags.
import * as value from './values.ts';

export const configFlags = {
  config: {
    flags: '--config <file>',
    help: 'a KubeletConfiguration (v1beta1) in YAML or JSON; other flags win over it',
    parse: value.path,
  },
  configDir: {
    flags: '--config-dir <directory>',
    help: 'directory of drop-ins (*.conf), merged over --config in the order of their names',
    parse: value.path,
  },
};
