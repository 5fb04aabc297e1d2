// Runs vast-cloud in a clone. Node's built-ins only, and little of them: every command passes through here.
const path = require('node:path');
require('../bin/home.js');
const { isCompiled, isInstalled } = require('./from-clone/state.cjs');

if (!isInstalled() || !isCompiled()) require('./from-clone/set-up.cjs').setUp();
require(path.resolve(__dirname, '../lib/cli/main.js')).main(process.argv).then((exitCode) => { process.exitCode = exitCode; });
