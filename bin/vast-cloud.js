#!/usr/bin/env node
require('../lib/cli/main.js').main(process.argv).then((exitCode) => { process.exitCode = exitCode; });
