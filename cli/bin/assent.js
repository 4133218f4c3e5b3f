#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('assent: it is not built yet. Run "npm run build" in the root of the repository first.\n');
  process.exitCode = 2;
}
