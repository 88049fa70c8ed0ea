#!/usr/bin/env node
// Plain old JavaScript: it must run on the versions that it refuses, where the SQLite driver would crash.
var major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    'leadwake: needs Node 22 or newer, this is ' +
      process.versions.node +
      '; `npm ci` brings one, which `npm start` uses',
  )
  process.exit(1)
}
// glibc gives each thread a heap of its own, which keeps what it once held: a seventh of the collector's memory. And the
// main thread's young generation stays as the loading of the program has left it, at 4 MiB: to collect it so often took
// a fifth of that thread's time under load. Both are read before a process begins, so this one begins anew: the same
// process, 30 ms later. (A Node that did not know the flag would not start; those are seen to know it.)
var young = major <= 24 ? ['--min-semi-space-size=8'] : []
if (
  process.argv[2] === 'serve' &&
  process.platform === 'linux' &&
  process.env.MALLOC_ARENA_MAX === undefined &&
  process.execve
) {
  process.env.MALLOC_ARENA_MAX = '1'
  process.execve(
    process.execPath,
    [process.execPath].concat(process.execArgv, young, process.argv.slice(1)),
    process.env,
  )
}
import('./main.js')
