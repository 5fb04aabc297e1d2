#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const path = require('node:path');
require('./home.js');

// Node.js from 22.1 on keeps what it compiles, and the next command starts sooner. Not in the directory for temporary files,
// where others could have put something first.
enableCompileCache?.(path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'cdk-vast', 'compiled'));

require('../lib/cli/main.js').main(process.argv).then((exitCode) => { process.exitCode = exitCode; });
