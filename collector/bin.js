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
import('./main.js')
