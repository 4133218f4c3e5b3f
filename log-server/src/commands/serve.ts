import cluster from 'node:cluster';
import { type Flags, loadConfig, refuseUnsafe } from '../config/load-config.ts';
import { fellowServers } from './fellow-servers.ts';
import { superviseServers } from './supervise-servers.ts';

/** `assent-log serve`: runs until SIGINT or SIGTERM, then ends orderly. */
export async function serve(flags: Flags): Promise<void> {
  const config = loadConfig(flags, process.env);
  refuseUnsafe(config);
  if (config.processes > 1 && cluster.isPrimary) return superviseServers(config.processes);
  // Who only supervises does without the whole server.
  const { serveLog } = await import('./serve-log.ts');
  const fellows = fellowServers();
  try {
    await serveLog(config, fellows);
  } finally {
    fellows?.leave();
  }
}
