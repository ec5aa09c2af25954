import * as api from "./api";
import { passThrough } from "../tools/process";
import { UserError } from "../tools/userError";
import { report } from "./report";

const help = `Real hosts on one machine, for trying and testing the library.

npm run lab -- COMMAND
  up [HOST…] [--hosts FILE]  start hosts (all of lab/hosts.yaml by default), and the mirror with them;
     [--all-images]          with Calico, kube-vip, a former Kubernetes and others besides what is usual, which take long to build
  down                       end the lab and leave nothing behind
  status                     the hosts, their addresses and states
  exec HOST COMMAND…         run a command on a host, as root
  ssh HOST [COMMAND…]        log in to a host as the operator would
  run COMMAND…               run a command in the lab's network, with pulumi, kubectl and the lab's state
  shell                      the same, with a shell
  kill HOST                  cut the power
  start HOST [--blank]       power on, with the disk it had or with a new one
  partition HOST             pull the network cable
  heal HOST                  plug it in again`;

type Command = (words: string[]) => Promise<number>;

const commands: Record<string, Command> = {
    up: (words) => done(api.up(upOptions(words))),
    down: () => done(api.down()),
    status: async () => {
        for (const host of await api.status()) {
            console.log(`${host.name.padEnd(14)}${host.address.padEnd(18)}${host.state}`);
        }
        return 0;
    },
    exec: ([host, ...command]) => passThrough(api.execArgv(needHost(host), needCommand(command))),
    ssh: ([host, ...command]) => passThrough(api.sshArgv(needHost(host), command)),
    run: async (command) => passThrough(...(await api.runSpawn(needCommand(command)))),
    shell: async () => passThrough(...(await api.runSpawn([process.env.SHELL ?? "bash"]))),
    kill: ([host]) => done(api.kill(needHost(host))),
    start: (words) => {
        const blank = words.includes("--blank");
        const [host] = words.filter((word) => word !== "--blank");
        return done(api.startHost(needHost(host), { blank }));
    },
    partition: ([host]) => done(api.partition(needHost(host))),
    heal: ([host]) => done(api.heal(needHost(host))),
};

const done = (work: Promise<unknown>): Promise<number> => work.then(() => 0);

function upOptions(words: string[]): api.UpOptions {
    const hosts = words.filter((word) => word !== "--all-images");
    const at = hosts.indexOf("--hosts");
    const hostsFile = at < 0 ? undefined : hosts.splice(at, 2)[1];
    const option = hosts.find((word) => word.startsWith("-"));
    if (option || (at >= 0 && !hostsFile)) {
        throw new UserError("usage: up [HOST…] [--hosts FILE] [--all-images]");
    }
    return { hosts, hostsFile, images: words.includes("--all-images") ? "all" : "core" };
}

function needHost(host: string | undefined): string {
    if (!host || host.startsWith("-")) {
        throw new UserError("which host? see `npm run lab -- --help`");
    }
    return host;
}

function needCommand(command: string[]): string[] {
    if (command.length === 0) {
        throw new UserError("which command? see `npm run lab -- --help`");
    }
    return command;
}

async function main([name, ...words]: string[]): Promise<number> {
    if (name && Object.hasOwn(commands, name)) {
        return commands[name](words);
    }
    if (name !== undefined && name !== "--help" && name !== "help") {
        throw new UserError(`unknown command ${name}: expected one of ${Object.keys(commands).join(", ")}`);
    }
    console.log(help);
    return 0;
}

main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error: Error) => {
        report(error instanceof UserError ? error.message : String(error.stack));
        process.exitCode = 1;
    },
);
