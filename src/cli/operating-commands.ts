import { Command, InvalidArgumentError, Option } from 'commander';

/** What a command is given: the options of its own and those of the whole command line. */
type Options = Record<string, unknown>;

/** The commands that work on a deployment. Each is loaded when it is called. */
export function addOperatingCommands(program: Command, end: (exitCode: number) => void) {
  const command = (name: string, description: string) => operating(program.command(name).description(description));
  const server = () => import('./commands/server.js');
  const tasks = () => import('./commands/tasks.js');
  /** Runs one of the functions of a module with the options of the command line. */
  const does = <M>(load: () => Promise<M>, act: (module: M, options: never) => Promise<number>) =>
    async (_options: Options, self: Command) => end(await act(await load(), self.optsWithGlobals() as never));

  waiting(command('start-vast-server', 'start the server; done when the engine answers')).action(does(server, (module, options) => module.start(options)));
  waiting(command('stop-vast-server', 'stop the server; done when the engine has ended')).action(does(server, (module, options) => module.stop(options)));
  waiting(command('restart-vast-server', 'stop the server and start it again')).action(does(server, (module, options) => module.restart(options)));
  command('vast-server-status', 'what the server is doing')
    .option('--ask', 'ask the engine whether it answers, too')
    .option('--json', 'as JSON')
    .action(does(() => import('./commands/status.js'), (module, options) => module.status(options)));
  command('describe-vast-server', 'task id, address and runtime id of the running server, as JSON')
    .action(does(server, (module, options) => module.describe(options)));
  command('get-vast-server', 'task id of the running server; ends with 8 where none runs')
    .action(does(server, (module, options) => module.get(options)));
  command('list-all-tasks', 'the tasks of the deployment: the server, and what runs beside it')
    .option('--json', 'as JSON')
    .action(does(tasks, (module, options) => module.list(options)));
  waiting(command('run-vast-task', 'run one more task beside the server, without its database; prints its id'))
    .option('--cmd-override <script>', 'what it runs, instead of waiting an hour for somebody to look inside')
    .addOption(environment())
    .action(does(tasks, (module, options) => module.run(options)));
  waiting(command('stop-all-tasks', 'stop the server, and every task beside it')).action(does(tasks, (module, options) => module.stopAll(options)));

  command('run-lambda', 'run a bash command next to the server; ends as the command does')
    .requiredOption('--cmd <command>', 'the command; or file:///path, s3://bucket/key, or - for standard input')
    .addOption(environment())
    .option('--stdin', 'give standard input to the command')
    .option('--timeout <seconds>', 'stop the command after so long', seconds)
    .option('--async', 'do not wait for it; prints the id of the request')
    .option('--json-output', 'print the result as JSON when the command has ended')
    .action(does(() => import('./commands/run-lambda.js'), (module, options) => module.runLambda(options)));

  command('execute-command', 'a shell in the server; or, with --cmd, one command in it, which it ends as')
    .option('--cmd <command>', 'the command; or file:///path, s3://bucket/key, or - for standard input')
    .addOption(environment())
    .option('--stdin', 'give standard input to the command')
    .option('--shell <path>', 'what runs the command (/bin/sh)')
    .option('--timeout <seconds>', 'stop the command, or end the session, after so long', seconds)
    .option('--idle-timeout <seconds>', 'the same, when so long nothing was shown or typed', seconds)
    .option('--orphan-timeout <seconds>', 'stop the command when so long nothing has come from here (600)', seconds)
    .option('--task <id>', 'in this task, instead of the server')
    .option('--container <name>', 'in this container of the task')
    .option('--json-output', 'print the result as JSON when the command has ended')
    .action(does(() => import('./commands/execute-command.js'), (module, options) => module.executeCommand(options)));

  command('logs', 'the log of the server')
    .option('--follow', 'go on with what is logged from now on')
    .option('--since <time>', '90s, 10m, 2h, 1d ago; or a moment such as 2026-11-25T12:00:00Z')
    .option('--last <count>', 'the last so many lines (100, without --since)', count)
    .option('--task <id>', 'of one task alone')
    .option('--client', 'the log of the Lambda client instead')
    .option('--timestamps', 'begin each line with its time')
    .action(does(() => import('./commands/logs.js'), (module, options) => module.logs(options)));

  addWorkBucketCommands(program, end);
}

function addWorkBucketCommands(program: Command, end: (exitCode: number) => void) {
  const bucket = program.command('workbucket').helpCommand(false).description('the bucket in which commands find and leave files');
  const load = () => import('./commands/work-bucket.js');
  operating(bucket.command('list').description('what is in it').argument('[prefix]', 'only what begins so')).option('--json', 'as JSON')
    .action(async (prefix: string | undefined, _options: Options, self: Command) => end(await (await load()).list(prefix, self.optsWithGlobals())));
  operating(bucket.command('upload').description('put a file into it; prints its s3:// address').argument('<file>').argument('[key]', 'its name there'))
    .action(async (file: string, key: string | undefined, _options: Options, self: Command) =>
      end(await (await load()).upload(file, key, self.optsWithGlobals())));
  operating(bucket.command('download').description('get a file from it').argument('<key>').argument('[file]', 'its name here'))
    .action(async (key: string, file: string | undefined, _options: Options, self: Command) =>
      end(await (await load()).download(key, file, self.optsWithGlobals())));
  operating(bucket.command('delete').description('delete a file of it').argument('<key>'))
    .action(async (key: string, _options: Options, self: Command) => end(await (await load()).remove(key, self.optsWithGlobals())));
}

/** The options that say which deployment is meant. */
function operating(command: Command): Command {
  return command
    .option('--stack <name>', 'its CloudFormation stack, instead of VAST_STACK_NAME')
    .option('--deployment <name>', 'which one, where the stack has several')
    .option('--local', 'on the local AWS');
}

function waiting(command: Command): Command {
  return command.option('--timeout <seconds>', 'give up waiting after so long (600)', seconds);
}

function environment(): Option {
  return new Option('--env <name=value>', 'an environment variable of it; may be given again').argParser(variable);
}

/** `NAME=VALUE`; the value may have any character. */
function variable(given: string, others: Record<string, string> = {}): Record<string, string> {
  const at = given.indexOf('=');
  if (at < 1) {
    throw new InvalidArgumentError('It has to be NAME=VALUE.');
  }
  return { ...others, [given.slice(0, at)]: given.slice(at + 1) };
}

function seconds(given: string): number {
  return positive(given, 'It has to be a whole number of seconds, 1 or more.');
}

function count(given: string): number {
  return positive(given, 'It has to be a whole number, 1 or more.');
}

function positive(given: string, sentence: string): number {
  if (!/^[1-9]\d*$/.test(given)) {
    throw new InvalidArgumentError(sentence);
  }
  return Number(given);
}
