#!/usr/bin/env node
// CommonJS, because the size of the thread pool is read when the pool is first used, and loading an ES module uses it.
// It syncs the guard and reads files; more threads than cores only take time from those that answer and examine.
const { existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { setFlagsFromString } = require('node:v8');

// What is old may grow to three times what it was before all of it is looked through. By itself V8 allows anything from a tenth
// more to three times more, and counts every buffer of a request as old: at a steady 500 appends a second that came twice a
// second, and took the thread that answers 40 ms each time. More than this, and batches take more memory than is allowed.
setFlagsFromString('--heap-growing-percent=200');
// V8 makes objects old from the start where most that came from there before lived long. Of arrays of rows that is wrong most of
// the time, and an old one that nobody needs any more keeps alive, until the next such look through everything, the rows in it
// and the 64 kB off the connection that they are views of. That was what most of these looks were for.
setFlagsFromString('--no-allocation-site-pretenuring');
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
