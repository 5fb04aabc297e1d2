#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const path = require('node:path');
const { isatty } = require('node:tty');
require('./home.js');

// Node.js from 22.1 on keeps what it compiles, and the next command starts sooner. Not in the directory for temporary files,
// where others could have put something first.
enableCompileCache?.(path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'cdk-vast', 'compiled'));

/** Asked at once: a terminal that is closed is none any more. */
const atTerminal = [0, 1, 2].some(isatty);

/** Exit codes of a command that a signal has ended. */
const INTERRUPTED = [129, 130, 143];

require('../lib/cli/main.js').main(process.argv).then((exitCode) => {
  process.exitCode = exitCode;
  if (exitCode === 129 && atTerminal) {
    // The terminal is closed, and Node.js crashes when it restores the modes of one that is.
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
  if (INTERRUPTED.includes(exitCode)) {
    // A call to AWS that was given up, and its retries, may go on for minutes.
    setTimeout(() => process.exit(), 500).unref();
  }
});
