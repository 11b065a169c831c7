/** keepalived beside a product: of two machines with the product, one has the addresses. */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endDaemon, startDaemon, type Product } from '../product/serve.ts';
import type { SetupFile } from '../product/setup-file.ts';
import { canSpeakEvery, configurationOf } from './configuration.ts';

/** A proxy listens at the addresses before it has them. */
const NONLOCAL_BIND = '/proc/sys/net/ipv4/ip_nonlocal_bind';

/** The same product as one of two; keepalived has its files in `folder`. */
export function withKeepalived(product: Product, folder: string): Product {
  const path = join(folder, 'keepalived.conf');
  const pids = ['--pid', join(folder, 'main.pid'), '--vrrp_pid', join(folder, 'vrrp.pid')];
  let daemon: ChildProcess | undefined;
  let told: string | undefined;
  let isEnding = false;

  /** Answers what is wrong with the configuration, if anything. */
  function begin(configuration: string): string | undefined {
    writeFileSync(path, configuration);
    const check = spawnSync('keepalived', ['--config-test', '--use-file', path], {
      encoding: 'utf8',
    });
    if (check.error !== undefined) throw check.error;
    if (check.status !== 0) return `${check.stdout}${check.stderr}`.trim();
    if (daemon !== undefined) daemon.kill('SIGHUP');
    const words = ['keepalived', '--dont-fork', '--vrrp', '--use-file', path, ...pids];
    daemon ??= startDaemon(words, () => !isEnding);
    told = configuration;
    return undefined;
  }

  return {
    async apply(file: SetupFile) {
      const intervalMs = file.setup.pair?.intervalMs;
      if (intervalMs !== undefined && !canSpeakEvery(intervalMs)) {
        return { refused: `${intervalMs} ms are no interval of VRRP` };
      }
      if (intervalMs !== undefined) writeFileSync(NONLOCAL_BIND, '1');
      const lack = await product.apply(file);
      const configuration = configurationOf(file);
      if (lack !== undefined || configuration === undefined || configuration === told) return lack;
      const fault = begin(configuration);
      return fault === undefined ? undefined : { refused: fault };
    },
    async end() {
      isEnding = true;
      if (daemon !== undefined) await endDaemon(daemon);
      await product.end();
    },
  };
}
