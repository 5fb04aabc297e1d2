import { readFileSync } from 'node:fs';
import { Argument, Command, CommanderError } from 'commander';
import { refuseReplacedBytes } from './argument-bytes';
import { environmentWithDotEnv } from './dot-env';
import { EXIT, Interrupted, UserError } from './errors';
import { addOperatingCommands } from './operating-commands';
import { compiled } from './package-root';
import { VARIABLES } from './settings';
import { endWithOutput } from './standard-output';

/** Runs the command line and answers with its exit code. */
export async function main(argv: string[]): Promise<number> {
  endWithOutput();
  const outcome = { exitCode: EXIT.success as number };
  const program = build(outcome);
  try {
    refuseReplacedBytes(argv.slice(2));
    await program.parseAsync(argv.length > 2 ? argv : [...argv, '--help']);
    return outcome.exitCode;
  } catch (error) {
    return report(await withAdviceOnAws(error), program);
  }
}

/** Options of the program that make sense with every command, and stand in its help. */
const GLOBAL = ['--quiet', '--verbose'];

/** The commands; each is loaded when it is called, so that the help does not wait for what it does not need. */
function build(outcome: { exitCode: number }): Command {
  const program: Command = new Command('vast-cloud')
    .description('Deploys and operates the VAST (Tenzir) engine on AWS.')
    .option('--local', 'work on the local AWS instead of the real one')
    .option('--list', 'list the commands, one a line')
    .option('--quiet', 'say nothing but results and errors')
    .option('--verbose', 'show where an error came up')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: command => command.parent ? program.options.filter(({ long = '' }) => GLOBAL.includes(long)) : [],
    })
    .version(version(), '--version', 'show the version of cdk-vast')
    .addHelpText('after', () => `\n${helpOnVariables()}\n\nExit codes: 0 done, 1 failed, 2 something to put right in the input or on this machine,\n130 interrupted (143 and 129 by SIGTERM and SIGHUP); run-lambda and execute-command
end as their command does.`)
    .exitOverride()
    .on('option:list', () => {
      process.stdout.write(list(program).map(line => `${line}\n`).join(''));
      throw new CommanderError(0, 'list', 'listed');
    });
  const local = (options: { local?: boolean }) => ({ ...program.opts<{ local?: boolean; quiet?: boolean }>(), ...options });

  program.command('deploy')
    .description('deploy what the variables describe')
    .option('--auto-approve', 'do not ask before permissions are widened')
    .option('--bootstrap', 'bootstrap the CDK in this account and region where it is not yet')
    .option('--new-file-system', 'begin with an empty database although an earlier one is still there')
    .option('--local', 'deploy on the local AWS')
    .action(async (options) => { outcome.exitCode = await (await import('./commands/deploy.js')).deploy(local(options)); });

  program.command('destroy')
    .description('destroy the deployment; its database is kept')
    .option('--force', 'do not ask first')
    .option('--local', 'destroy on the local AWS')
    .action(async (options) => { outcome.exitCode = await (await import('./commands/destroy.js')).destroy(local(options)); });

  addOperatingCommands(program, (exitCode) => { outcome.exitCode = exitCode; });
  program.command('doctor')
    .description('check everything that a deployment needs, and say how to mend what is not right')
    .option('--json', 'say it as JSON')
    .option('--local', 'check for a deployment on the local AWS')
    .action(async (options) => { outcome.exitCode = await (await import('./commands/doctor.js')).doctor(local(options)); });

  const localAws = program.command('local').helpCommand(false).description('the local AWS: an emulator in which tasks are real containers');
  for (const [name, description] of [
    ['start', 'start it'],
    ['stop', 'stop it, and remove every container, network and volume of it'],
    ['status', 'show whether it runs, and what runs in it'],
    ['env', 'print the lines that point any AWS tool at it: eval "$(./vast-cloud local env)"'],
  ]) {
    localAws.command(name).description(description)
      .option('--name <name>', 'which one, where several run side by side', 'default')
      .action(async (options) => {
        const { controlLocalAws } = await import('./local-aws.js');
        const env = environmentWithDotEnv();
        // The tools then look where the deployment of this directory is.
        const region = env.VAST_AWS_REGION ? { AWS_REGION: env.VAST_AWS_REGION } : {};
        outcome.exitCode = (await controlLocalAws([name, '--name', options.name], { env: { ...env, ...region } })).exitCode;
      });
  }

  program.command('completion')
    .description('print the script that completes the commands in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => { process.stdout.write((await import('./completion/script.js')).completionScript(program, shell)); });

  program.command('demo')
    .description('deploy, ingest, query, restart, query again and destroy, all on a local AWS')
    .action(async () => { outcome.exitCode = await (await import('./demo/demo.js')).demo(); });

  program.command('help').description('show the help of a command').argument('[command...]').action(words => help(program, words));
  return program;
}

/** Shows the help of a command; what is no command is what it is elsewhere. */
async function help(program: Command, words: string[]): Promise<void> {
  let command = program;
  for (const [index, word] of words.entries()) {
    if (command.commands.length === 0) {
      break;
    }
    const next = command.commands.find(child => child.name() === word);
    if (!next) {
      await program.parseAsync(words.slice(0, index + 1), { from: 'user' });
      return;
    }
    command = next;
  }
  command.outputHelp();
}

function version(): string {
  return (JSON.parse(readFileSync(compiled('../package.json'), 'utf8')) as { version: string }).version;
}

/** The commands with their subcommands, for people and for scripts. */
function list(command: Command, prefix = ''): string[] {
  return command.commands.flatMap(child => child.commands.length > 0
    ? list(child, `${prefix}${child.name()} `)
    : [`${(prefix + child.name()).padEnd(24)}${child.description()}`]);
}

function helpOnVariables(): string {
  const rows = Object.entries(VARIABLES).map(([name, { meaning, example, fallback }]) =>
    `  ${name.padEnd(26)}${meaning} (${fallback === undefined ? `needed, e.g. ${example}` : fallback || `e.g. ${example}`})`);
  return ['Variables, from the environment or from .env in this directory:', ...rows].join('\n');
}

/** Which commands have what was typed as a part of their names, such as `status`. */
function adviceOnCommand(program: Command): string {
  const [typed = ''] = program.args;
  const meant = list(program).map(line => line.split(/ {2,}/)[0]).filter(name => name.split(/[- ]/).includes(typed));
  return meant.length > 0 ? `(Did you mean ${meant.join(' or ')}?)\n` : '(vast-cloud --list shows the commands)\n';
}

/** The advice is loaded with the first error, like everything that the help does not need. */
async function withAdviceOnAws(error: unknown): Promise<unknown> {
  return error instanceof CommanderError || error instanceof UserError || error instanceof Interrupted
    ? error
    : (await import('./aws-errors.js')).withAdvice(error);
}

/** Says what went wrong in words; where it came up only on request. */
function report(error: unknown, program: Command): number {
  if (error instanceof CommanderError) {
    // It has spoken already; its code for help and version is 0.
    if (error.code === 'commander.unknownCommand' && !error.message.includes('Did you mean')) {
      process.stderr.write(adviceOnCommand(program));
    }
    return error.exitCode === 0 ? EXIT.success : EXIT.userError;
  }
  if (error instanceof Interrupted) {
    process.stderr.write('interrupted\n');
    return error.exitCode;
  }
  process.stderr.write(`vast-cloud: ${error instanceof Error ? error.message : String(error)}\n`);
  if (program.opts().verbose) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${cause === error ? '' : 'because of '}${cause.stack}\n`);
    }
  }
  return error instanceof UserError ? EXIT.userError : EXIT.failure;
}

