import { HostSettings } from "../model/hosts";
import { SshAccess } from "../model/ssh";
import { preamble } from "./contract";
import { ValuesOf, text } from "./parameters";
import { TOOLKIT } from "./toolkit";

/** The first line of the standard input of scripts/sudo.sh. */
export const SUDO = {
    SUDO_PASSWORD: text(
        "The password for which sudo asks the login; secret. Empty: sudo must not ask. Only sudo.sh reads it.",
        "",
    ),
};

/** The command of a phase on a host: of root directly, of any other login by sudo. It is constant and short (`runPhase`). */
export const phaseCommand = (user: string, phase: string, action: string): string =>
    `bash ${TOOLKIT}/${isRoot(user) ? "run" : "sudo"}.sh ${phase} ${action}`;

/** The line before the output of a phase: a login shell may have printed lines of its own. */
export const OUTPUT_MARK = "output of pulumi-kubeadm:";

/** The command of a phase whose output is read. `echo` is the same in every login shell. */
export const markedCommand = (user: string, phase: string, action: string): string =>
    `echo '${OUTPUT_MARK}'; ${phaseCommand(user, phase, action)}`;

/** The output of the phase itself, without that of the login shell. */
export const afterMark = (stdout: string): string => {
    const mark = `${OUTPUT_MARK}\n`;
    return stdout.slice(stdout.lastIndexOf(mark) + (stdout.includes(mark) ? mark.length : 1));
};

/** The standard input of that command, with what run.sh is sent (`stepInput`). It is a secret where it has a password (`sudoPassword`). */
export function phaseInput(user: string, password: string | undefined, sent: string): string {
    const parameters: ValuesOf<typeof SUDO> = { SUDO_PASSWORD: password ?? "" };
    return isRoot(user) ? sent : preamble(parameters) + sent;
}

/** The password for which sudo may ask on that host. */
export const sudoPassword = (host: Pick<HostSettings, "sudoAsks">, access: SshAccess): string | undefined =>
    host.sudoAsks ? access.sudoPassword : undefined;

const isRoot = (user: string): boolean => user === "root";
