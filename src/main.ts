// Wires the stages in reading order: root directory, telemetry, engine thread, Pods of the run before, sources, servers.
// Runs on the main thread and hands messages on; nothing here waits for the engine.
import { release } from 'node:os';
import { Spares } from './actors/spares.ts';
import { spawn } from './actors/thread.ts';
import { sleep, systemClock } from './clock.ts';
import type { ConfigInUse } from './config/kubelet/in-use.ts';
import type { RunOptions } from './config/options.ts';
import { prepareRootDirectory } from './config/root-directory.ts';
import { StartupError } from './config/startup-error.ts';
import { version } from './config/version.ts';
import type { ImageSettings } from './engine/service.ts';
import type { WatchEvent } from './engine/subscriptions.ts';
import { hasAppArmor } from './host/app-armor.ts';
import { hasPodCgroups } from './host/has-pod-cgroups.ts';
import { hostAddresses } from './host/host-addresses.ts';
import { formerNodeNames } from './host/node-names.ts';
import { nodeCapacity } from './host/node-resources.ts';
import { resolvConfPath } from './host/resolv-conf-path.ts';
import { allowedSysctls, sysctlPatternError } from './kubernetes/allowed-sysctls.ts';
import { wellKnownLabels } from './kubernetes/node-labels.ts';
import { withAllocatable } from './kubernetes/node-resources.ts';
import type { StaticPod } from './manifest/static-pod.ts';
import type { PodParent, PodThread } from './pod/service.ts';
import type { NodeView, Notice, SourceStanding } from './server/node-view.ts';
import { Credentials } from './server/push/credentials.ts';
import { startServers } from './server/servers.ts';
import { configuredSources, ownerOf, pushedDirectory } from './sources/configured.ts';
import { countPushed } from './sources/push/pushed-files.ts';
import { sourceIdOf } from './sources/service.ts';
import type { NodeFacts } from './supervisor/admit/rule.ts';
import type { ConfigWatch, ConfigWatchOptions } from './supervisor/config-watch.ts';
import { EngineLink } from './supervisor/engine-link.ts';
import { LogLink } from './supervisor/log-link.ts';
import { manifestRecords } from './supervisor/manifest-records.ts';
import { NodeTable } from './supervisor/node-table.ts';
import { NodeTally } from './supervisor/node-tally.ts';
import { Orphans } from './supervisor/orphans.ts';
import { SourceLink } from './supervisor/source-link.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { startRecording } from './telemetry/recorder.ts';
import type { SpanRecord } from './telemetry/span-record.ts';
import { TraceStore } from './telemetry/store.ts';

const spareThreads = 1;
/** By then a Pod that took the spare has started. */
const refillAfterMs = 1000;
const engineFirstAnswerMs = 500;

export type Running = { stop(reason: string): Promise<void>; stopped: Promise<void> };

/** `config`: the files that the options are from, where they are. */
export async function run(options: RunOptions, config?: ConfigInUse): Promise<Running> {
  const clock = systemClock;
  const startedAtMs = clock.now();
  const log = createLog({
    format: options.logFormat,
    verbosity: options.verbosity,
    write: (line) => process.stderr.write(line),
    now: clock.now,
  });
  if (config) logConfig(config, options, log);
  const sysctls = allowedSysctlsOf(options);
  const credentials = options.manifestPushPort === 0 ? undefined : new Credentials(options, { clock, log });
  const root = prepareRootDirectory(options.rootDir);
  const traces = new TraceStore();
  const table = new NodeTable();
  const tally = new NodeTally(clock, (key) => table.get(key));
  table.subscribe((change) => tally.changed(change));
  const onSpans = (spans: SpanRecord[]) => {
    traces.add(spans);
    tally.spans(spans);
  };
  startRecording({ thread: 'main', sink: onSpans, clock });

  const engineState = { away: undefined as { sinceMs: number; message: string } | undefined };
  const engine = new EngineLink({
    data: {
      endpoint: options.containerRuntimeEndpoint,
      nodeName: options.nodeName,
      formerNames: formerNodeNames(root.path, options.nodeName),
      rootDir: root.path,
      images: imageSettings(options),
    },
    clock,
    log,
    onSpans,
    onEvent: (event) => onEngineEvent(event),
    onReplaced: () => supervisor.attachAll(),
  });
  const parent: PodParent = {
    published: (key, pod, dead) => supervisor.published(key, pod, dead),
    ended: (key, version) => supervisor.ended(key, version),
    log: (level, message, fields) => supervisor.log(level, message, fields),
  };
  const spares = new Spares<PodThread>(
    spareThreads,
    () => spawn('pod', undefined, parent, onSpans),
    (fill) => clock.after(refillAfterMs, fill),
  );
  const sources = configuredSources(options);
  const notRun = credentials ? 0 : countPushed(pushedDirectory(root.path));
  const unused: SourceStanding[] = [];
  if (notRun > 0) {
    log.warn('there are pushed manifests, and they do not run: --manifest-push-port is 0', { notRun });
    const message = `pushed manifests that do not run: ${notRun}, because --manifest-push-port is 0`;
    const id = sourceIdOf({ kind: 'push' });
    unused.push({ id, readable: false, trouble: { state: 'off', message, sinceMs: startedAtMs } });
  }
  const addresses = hostAddresses(options.nodeIps);
  for (const cause of addresses.warnings) log.warn('--node-ip may not be an address of this node', { cause });
  const { clusterDns, clusterDomain } = options;
  const node: NodeFacts = {
    nodeName: options.nodeName,
    labels: { ...wellKnownLabels(options.nodeName, process), ...options.nodeLabels },
    resources: withAllocatable(nodeCapacity(root.path, options.maxPods), options),
    allowedSysctls: sysctls,
    appArmor: hasAppArmor(),
  };
  const orphans = new Orphans({ rootDir: root.path, podLogsDir: options.podLogsDir }, clock, log);
  const supervisor = new Supervisor(
    {
      boot: {
        nodeName: options.nodeName,
        rootDir: root.path,
        podLogsDir: options.podLogsDir,
        podInfraContainerImage: options.podInfraContainerImage,
        retention: {
          perContainer: options.maximumDeadContainersPerContainer,
          minAgeMs: options.minimumContainerTtlMs,
          counted: options.maximumDeadContainers >= 0,
        },
        ...(options.containerLogMaxBytes > 0 && {
          logRotation: {
            maxBytes: options.containerLogMaxBytes,
            filesMax: options.containerLogMaxFiles,
          },
        }),
        seccompDefault: options.seccompDefault,
        hostIps: addresses.ips,
        dns: { clusterDns, clusterDomain, resolvConf: options.resolvConf ?? resolvConfPath() },
        node: node.resources,
        ...(hasPodCgroups(options.containerRuntimeEndpoint) && {
          podCgroups: { pidsMax: options.podMaxPids },
        }),
      },
      node,
      maxDeadContainers: options.maximumDeadContainers,
      sourceIds: sources.map(sourceIdOf),
      onSettled: (known) => orphans.settled(known),
      clock,
      log,
      table,
      traces,
    },
    engine,
    spares,
  );

  const askEngine = async () => {
    const listed = await engine.remote.list().catch(() => undefined);
    if (listed?.ok) supervisor.engineHas(listed.value);
  };
  const onEngineEvent = (event: WatchEvent) => {
    if (event.type !== 'engine') return;
    if (!event.available) {
      if (!engineState.away)
        log.error('the container engine does not answer; Pods are shown as last seen', {
          cause: event.message,
        });
      engineState.away = { sinceMs: event.sinceMs, message: event.message };
      return;
    }
    if (engineState.away) log.info('the container engine answers again');
    engineState.away = undefined;
    if (!supervisor.knowsEngine) void askEngine();
  };

  const withoutSource = new Map<string, StaticPod>();
  const lastGood = supervisor.adopt((staticPod) => {
    const owner = ownerOf(staticPod, sources);
    if (owner === undefined) withoutSource.set(staticPod.key, staticPod);
    return owner;
  });
  const leftOver = { staticPods: [...withoutSource.values()], sinceMs: startedAtMs };
  // A moment's patience saves every new Pod a question; an engine that is slow or away holds up nothing.
  await Promise.race([askEngine(), sleep(clock, engineFirstAnswerMs)]);
  const links = sources.map((source) => {
    const sourceId = sourceIdOf(source);
    return new SourceLink({
      data: { ...source, lastGood: lastGood.get(sourceId) ?? [] },
      lastGood: () => supervisor.claims.lastGood(sourceId),
      clock,
      log,
      onSpans,
      onUpdate: (update) => supervisor.update(update),
    });
  });

  const logs = new LogLink({
    podLogsDir: options.podLogsDir,
    clock,
    async inspect(id) {
      const seen = await engine.remote.inspect(id).catch(() => undefined);
      return seen?.ok ? seen.value.logPath : undefined;
    },
  });
  const view: NodeView = {
    pods: () => table.pods(),
    manifests: () =>
      manifestRecords({
        claims: supervisor.claims,
        conflicts: supervisor.conflicts,
        sources: [...supervisor.hearing.sources(), ...unused],
        podOf: (key) => table.get(key),
        refusalOf: (key) => supervisor.refusal(key),
        orderOf: (key) => supervisor.orders.of(key),
        orders: () => supervisor.orders.all(),
        leftOver,
      }),
    trace: (key) => traces.trace(key),
    troubles: () => [
      ...(engineState.away ? [engineTrouble(engineState.away.message)] : []),
      ...supervisor.hearing.troubles(),
    ],
    notices: () => {
      const message = configWatch?.notice();
      return message === undefined ? [] : [{ about: 'config', message }];
    },
    vitals: () => ({
      nodeName: options.nodeName,
      version: version(),
      startedAtMs,
      engineAvailable: supervisor.knowsEngine && engineState.away === undefined,
      sources: supervisor.hearing.sources(),
    }),
    counts: () => tally.counts(),
    room: () => supervisor.room(),
    async hasImage(image) {
      const found = await engine.remote.ensureImage(image, 'Never').catch(() => undefined);
      if (found?.ok) return true;
      return found?.error.code === 'ImageNeverPull' ? false : undefined;
    },
    async made(key) {
      const pod = table.get(key);
      if (!pod) return undefined;
      const { podMade } = await import('./supervisor/pod-made.ts');
      return podMade(pod, {
        podLogsDir: options.podLogsDir,
        clock,
        listPod: () => engine.remote.listPod(key),
      });
    },
    openLog: (target, wanted) => logs.open(target, wanted),
    subscribe: (listener) => table.subscribe(listener),
  };
  const configWatch = config && (await watchConfig({ running: options, config, clock, log }));
  const calls = links.find(({ kind }) => kind === 'push')?.calls;
  const push = credentials &&
    calls && { ...options, credentials, manifests: { calls, records: view.manifests }, clock };
  const servers = await startServers(options, view, supervisor, log, push);
  spares.fill();
  log.info('monopod is ready', {
    node: options.nodeName,
    sources: sources.map(sourceIdOf).join(' '),
    rootDir: root.path,
  });

  let finish: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let stopping = false;
  return {
    stopped,
    async stop(reason) {
      if (stopping) return stopped;
      stopping = true;
      log.info('monopod stops; its Pods run on', { cause: reason });
      configWatch?.close();
      await servers.close();
      await Promise.all(links.map((link) => link.close()));
      await Promise.race([
        Promise.all([supervisor.close(), spares.close(), engine.close(), logs.close()]),
        sleep(clock, 3000),
      ]);
      root.release();
      finish();
    },
  };
}

function logConfig({ values }: ConfigInUse, { config, configDir }: RunOptions, log: Log): void {
  const { warnings, meaningless } = values;
  for (const cause of warnings) log.warn('the configuration says what nothing goes by', { cause });
  if (meaningless.length > 0)
    log.info('keys of the configuration that mean nothing to monopod', {
      keys: meaningless.join(', '),
      files: [config, configDir].filter((path) => path !== undefined).join(' '),
    });
}

const engineTrouble = (why: string): Notice => ({
  about: 'engine',
  message: `the container engine does not answer: ${why}`,
});

/** Loaded only where there is something to watch. */
async function watchConfig(options: ConfigWatchOptions): Promise<ConfigWatch> {
  const { ConfigWatch } = await import('./supervisor/config-watch.ts');
  return new ConfigWatch(options);
}

/** sysctl.NewAllowlist: a pattern that would reach beyond Pods is refused before anything runs. */
function allowedSysctlsOf({ allowedUnsafeSysctls }: RunOptions): string[] {
  const error = sysctlPatternError(allowedUnsafeSysctls);
  if (error !== undefined) throw new StartupError(`--allowed-unsafe-sysctls: ${error}`);
  return allowedSysctls(release(), allowedUnsafeSysctls);
}

function imageSettings(options: RunOptions): ImageSettings {
  return {
    pullsMax: options.serializeImagePulls ? 1 : options.maxParallelImagePulls,
    stallTimeoutMs: options.imagePullProgressDeadlineMs,
    gc: {
      highThreshold: options.imageGcHighThreshold,
      lowThreshold: options.imageGcLowThreshold,
      minAgeMs: options.minimumImageTtlMs,
      maxAgeMs: options.imageMaximumGcAgeMs,
    },
    needed: [options.podInfraContainerImage],
  };
}
