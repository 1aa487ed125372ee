// Volume sources beyond the node: what each must say. Most need a few names and no more.
import type { V1ISCSIVolumeSource, V1Volume } from '../generated/shapes.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import type { SourceKind, SourceRule } from './source-rule.ts';

/** A source whose fields `names` must not be empty. */
const needs =
  <Kind extends SourceKind>(
    kind: Kind,
    ...names: (keyof NonNullable<V1Volume[Kind]> & string)[]
  ): SourceRule =>
  (volume, path, errors) => {
    const source = volume[kind] as Partial<Record<string, unknown>> | undefined;
    for (const name of names) {
      const value = source?.[name];
      if (
        value === undefined ||
        value === null ||
        value === '' ||
        (Array.isArray(value) && value.length === 0)
      )
        errors.required(path.child(name));
    }
  };

const all =
  (...rules: SourceRule[]): SourceRule =>
  (volume, path, errors) => {
    for (const rule of rules) rule(volume, path, errors);
  };

const nfs: SourceRule = ({ nfs }, path, errors) => {
  if (!nfs?.path.startsWith('/')) errors.invalid(path.child('path'), nfs?.path, 'must be an absolute path');
};

const disk =
  (kind: 'gcePersistentDisk' | 'awsElasticBlockStore'): SourceRule =>
  (volume, path, errors) => {
    const partition = volume[kind]?.partition ?? 0;
    if (partition < 0 || partition > 255)
      errors.invalid(path.child('partition'), partition, 'must be between 1 and 255, inclusive');
  };

const targetForms = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};
const isTarget = (name: string) =>
  Object.entries(targetForms).some(([prefix, form]) => name.startsWith(prefix) && form.test(name));
const targetWords = 'must be a valid name beginning with iqn, eui or naa';

const iscsi: SourceRule = ({ iscsi }, path, errors) => {
  const source = iscsi as V1ISCSIVolumeSource;
  if (source.targetPortal === '') errors.required(path.child('targetPortal'));
  if (source.iqn === '') errors.required(path.child('iqn'));
  else if (!isTarget(source.iqn)) errors.invalid(path.child('iqn'), source.iqn, targetWords);
  if (source.lun < 0 || source.lun > 255)
    errors.invalid(path.child('lun'), source.lun, 'must be between 0 and 255, inclusive');
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
    errors.required(path.child('secretRef'));
  const initiator = source.initiatorName;
  if (initiator !== undefined && !isTarget(initiator))
    errors.invalid(path.child('initiatorname'), initiator, targetWords, path.child('initiatorName'));
};

const flocker: SourceRule = ({ flocker }, path, errors) => {
  const { datasetName = '', datasetUUID = '' } = flocker ?? {};
  if (datasetName === '' && datasetUUID === '')
    errors.required(path, 'must have one of datasetName and datasetUUID');
  if (datasetName !== '' && datasetUUID !== '')
    errors.invalid(path, undefined, 'may not have both datasetName and datasetUUID');
  if (datasetName.includes('/'))
    errors.invalid(path.child('datasetName'), datasetName, "must not contain '/'");
};

const quobyte: SourceRule = ({ quobyte }, path, errors) => {
  const { registry = '', tenant = '' } = quobyte ?? {};
  const words = 'must be host:port pairs, separated by commas';
  if (registry === '') errors.required(path.child('registry'), words);
  else if (tenant.length >= 65)
    errors.required(path.child('tenant'), 'must be a UUID of at most 64 characters');
  else
    for (const pair of registry.split(','))
      if (!/^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair))
        errors.invalid(path.child('registry'), registry, words);
};

const fc: SourceRule = ({ fc }, path, errors) => {
  const { targetWWNs = [], wwids = [], lun } = fc ?? {};
  const field = path.child('targetWWNs');
  if (targetWWNs.length === 0 && wwids.length === 0)
    errors.required(field, 'must have one of targetWWNs and wwids');
  if (targetWWNs.length > 0 && wwids.length > 0)
    errors.invalid(field, undefined, 'may not have both targetWWNs and wwids');
  if (targetWWNs.length === 0) return;
  if (lun === undefined) errors.required(path.child('lun'), 'must be given beside targetWWNs');
  else if (lun < 0 || lun > 255)
    errors.invalid(path.child('lun'), lun, 'must be between 0 and 255, inclusive');
};

const flexVolume: SourceRule = ({ flexVolume }, path, errors) => {
  for (const option of Object.keys(flexVolume?.options ?? {}))
    if (/(^|\.)(kubernetes|k8s)\.io$/i.test(option.split('/', 2)[0] ?? ''))
      errors.invalid(
        path.child('options').key(option),
        option,
        'the namespaces kubernetes.io and k8s.io are reserved',
      );
};

const azureDisk: SourceRule = ({ azureDisk }, path, errors) => {
  const { cachingMode, kind, diskURI = '' } = azureDisk ?? {};
  const cachingModes = ['None', 'ReadOnly', 'ReadWrite'];
  const kinds = ['Dedicated', 'Managed', 'Shared'];
  if (cachingMode !== undefined && !cachingModes.includes(cachingMode))
    errors.unsupported(path.child('cachingMode'), cachingMode, cachingModes);
  if (kind !== undefined && !kinds.includes(kind)) errors.unsupported(path.child('kind'), kind, kinds);
  const managed = '/subscriptions/{sub-id}/resourcegroups/{group}/providers/microsoft.compute/disks/{disk}';
  const blob = 'https://{account}.blob.core.windows.net/{container}/{disk}.vhd';
  const form = kind === 'Managed' ? managed : blob;
  if (kind !== undefined && !diskURI.startsWith(kind === 'Managed' ? '/subscriptions/' : 'https://'))
    errors.unsupported(path.child('diskURI'), diskURI, [form]);
};

/** A secret that is named must have a name. */
const secretName =
  (kind: 'cinder' | 'storageos'): SourceRule =>
  (volume, path, errors) => {
    const reference = volume[kind]?.secretRef;
    if (reference && !reference.name) errors.required(path.child('secretRef', 'name'));
  };

const storageos: SourceRule = ({ storageos }, path, errors) => {
  const { volumeName, volumeNamespace } = storageos ?? {};
  if (volumeName) errors.invalidFor(isDNS1123Label(volumeName), path.child('volumeName'), volumeName);
  if (volumeNamespace)
    errors.invalidFor(isDNS1123Label(volumeNamespace), path.child('volumeNamespace'), volumeNamespace);
};

const csi: SourceRule = ({ csi }, path, errors: RuleErrors) => {
  const driver = csi?.driver ?? '';
  if (driver === '') errors.required(path.child('driver'));
  else {
    if (Buffer.byteLength(driver) > 63) errors.tooLong(path.child('driver'), 'must be no more than 63 bytes');
    errors.invalidFor(isDNS1123Subdomain(driver.toLowerCase()), path.child('driver'), driver);
  }
  const secret = csi?.nodePublishSecretRef;
  const at = path.child('nodePublishSecretRef', 'name');
  if (secret && !secret.name) errors.required(at);
  else if (secret?.name)
    errors.invalidFor(isDNS1123Subdomain(secret.name), path.child('name'), secret.name, at);
};

export const networkSources = {
  gcePersistentDisk: all(needs('gcePersistentDisk', 'pdName'), disk('gcePersistentDisk')),
  awsElasticBlockStore: all(needs('awsElasticBlockStore', 'volumeID'), disk('awsElasticBlockStore')),
  nfs: all(needs('nfs', 'server', 'path'), nfs),
  iscsi,
  glusterfs: needs('glusterfs', 'endpoints', 'path'),
  flocker,
  persistentVolumeClaim: needs('persistentVolumeClaim', 'claimName'),
  rbd: needs('rbd', 'monitors', 'image'),
  cinder: all(needs('cinder', 'volumeID'), secretName('cinder')),
  cephfs: needs('cephfs', 'monitors'),
  quobyte: all(quobyte, needs('quobyte', 'volume')),
  fc,
  flexVolume: all(needs('flexVolume', 'driver'), flexVolume),
  azureFile: needs('azureFile', 'secretName', 'shareName'),
  vsphereVolume: needs('vsphereVolume', 'volumePath'),
  photonPersistentDisk: needs('photonPersistentDisk', 'pdID'),
  portworxVolume: needs('portworxVolume', 'volumeID'),
  azureDisk: all(needs('azureDisk', 'diskName', 'diskURI'), azureDisk),
  storageos: all(needs('storageos', 'volumeName'), storageos, secretName('storageos')),
  scaleIO: needs('scaleIO', 'gateway', 'system', 'volumeName'),
  csi,
} satisfies Partial<Record<SourceKind, SourceRule>>;
