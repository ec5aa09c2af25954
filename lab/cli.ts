import { parseWords, runMain } from "../tools/commandLine";
import { passThrough } from "../tools/process";
import { UserError } from "../tools/userError";
import * as api from "./api";
import { report } from "./report";

const HELP = `Real hosts on one machine, for trying and testing the library.

npm run lab -- COMMAND
  up [HOST…] [--hosts FILE]  start hosts (default: all of lab/hosts.yaml) and the mirror;
     [--all-images]          also build images that few tests need (Calico, kube-vip, an older Kubernetes, …), which takes long
  down                       stop the lab and remove everything that it created
  status                     the hosts, their addresses and states
  exec HOST COMMAND…         run a command on a host, as root
  ssh HOST [COMMAND…]        log in to a host as the operator would
  run COMMAND…               run a command in the lab's network, with pulumi, kubectl and the lab's state
  shell                      the same, with a shell
  kill HOST                  cut the power
  start HOST [--blank]       power on, with the same disk or (--blank) a new one
  partition HOST             pull the network cable
  heal HOST                  plug the network cable in again`;

const HINT = "see `npm run lab -- --help`";

type Command = (words: string[]) => Promise<number | void>;

const COMMANDS: Record<string, Command> = {
    up: async (words) => {
        const options = { hosts: { type: "string" }, "all-images": { type: "boolean" } } as const;
        const { values, positionals } = parseWords("up", HINT, words, options);
        await api.up({
            hosts: positionals,
            hostsFile: values.hosts,
            images: values["all-images"] ? "all" : "core",
        });
    },
    down: async (words) => {
        parseWords("down", HINT, words, {}, false);
        await api.down();
    },
    status: async (words) => {
        parseWords("status", HINT, words, {}, false);
        for (const host of await api.status()) {
            console.log(`${host.name.padEnd(14)}${host.address.padEnd(18)}${host.state}`);
        }
    },
    // The words after the host, or after `run`, belong to another program and are not parsed.
    exec: ([host, ...command]) => passThrough(api.execArgv(needHost("exec", host), needCommand("exec", command))),
    ssh: ([host, ...command]) => passThrough(api.sshArgv(needHost("ssh", host), command)),
    run: async (command) => passThrough(...(await api.runSpawn(needCommand("run", command)))),
    shell: async (words) => {
        parseWords("shell", HINT, words, {}, false);
        return passThrough(...(await api.runSpawn([process.env.SHELL ?? "bash"])));
    },
    kill: (words) => api.kill(onlyHost("kill", words)),
    start: (words) => {
        const { values, positionals } = parseWords("start", HINT, words, { blank: { type: "boolean" } });
        return api.startHost(needHost("start", ...positionals), values);
    },
    partition: (words) => api.partition(onlyHost("partition", words)),
    heal: (words) => api.heal(onlyHost("heal", words)),
};

const onlyHost = (command: string, words: string[]): string =>
    needHost(command, ...parseWords(command, HINT, words, {}).positionals);

function needHost(command: string, host?: string, ...others: string[]): string {
    if (!host || host.startsWith("-") || others.length > 0) {
        const got = [host, ...others].filter((word) => word !== undefined).join(" ");
        throw new UserError(`${command}: got ${got || "no host"}, expected the name of one host; ${HINT}`);
    }
    return host;
}

function needCommand(command: string, words: string[]): string[] {
    if (words.length === 0) {
        throw new UserError(`${command}: got no command to run; ${HINT}`);
    }
    return words;
}

async function main([name, ...words]: string[]): Promise<number | void> {
    if (name && Object.hasOwn(COMMANDS, name)) {
        return COMMANDS[name](words);
    }
    // Options precede a command only to ask for help.
    const { positionals } = parseWords("lab", HINT, name === undefined ? [] : [name], {
        help: { type: "boolean", short: "h" },
    });
    if (positionals.length > 0 && name !== "help") {
        throw new UserError(`unknown command ${name}: expected one of ${Object.keys(COMMANDS).join(", ")}`);
    }
    console.log(HELP);
}

runMain(report, main);
