import { childrenOf, commandLine, type ServerProcess, waitUntil } from '@assent/test-support/fault/index';

/** The process ids of the servers that one process has started, in their order. */
export function serversOf(pid: number): number[] {
  return childrenOf(pid)
    .filter((child) => commandLine(child).includes('assent-log.js serve'))
    .sort((a, b) => a - b);
}

/** Those of `serve --processes 2`, as soon as there are two. */
export async function twoServersOf({ pid }: ServerProcess): Promise<readonly [number, number]> {
  await waitUntil('there are two servers', () => serversOf(pid).length === 2);
  return serversOf(pid) as [number, number];
}
