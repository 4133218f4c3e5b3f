#!/usr/bin/env node
// CommonJS, because the size of the thread pool is read when the pool is first used, and loading an ES module uses it.
// It syncs the guard and reads files; more threads than cores only take time from those that answer and examine.
const { existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()));

const program = join(__dirname, '../dist/main.js');

if (existsSync(program)) {
  import(pathToFileURL(program).href).then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2));
  });
} else {
  process.stderr.write('assent-log: it is not built yet: run "npm run build" first\n');
  process.exitCode = 1;
}
